"""How much a change may matter, 0 to 100, with its reasons: the order in which people read changes.

An order to read in, not a finding of law. What counts and why is told in docs/materiality.md, and
the numbers here are those of its tables: every changed word is weighed by the practice that its
statement is about, and 150 words of the weightiest kind score 50.

Pure; all of it comes from the rows of a comparison. The terms are English, like the categories: a
text in another language is weighed by its amount, periods, negations and silence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from tracker.comparison import unmoved
from tracker.diff.segments import Op
from tracker.diff.telling import Telling
from tracker.markup import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from storage.records import Change
    from tracker.comparison import RowJson

WEIGHTS = {
    "Third Party Sharing/Collection": 1.0,
    "First Party Collection/Use": 0.8,
    "User Choice/Control": 0.8,
    "Data Retention": 0.8,
    "User Access, Edit and Deletion": 0.7,
    "International and Specific Audiences": 0.5,
    "Data Security": 0.5,
    "Do Not Track": 0.4,
    "Policy Change": 0.3,
    "Other": 0.15,
}
"""What a changed word weighs by the practice of its statement; the weightiest of several counts."""

OWN_CATEGORY, NO_CATEGORY, NOT_CLASSIFIED = 0.6, 0.1, 0.4
UNLABELLED, STATEMENTS = "text of no category", "statements"
_ALL_WEIGHTS = {**WEIGHTS, UNLABELLED: NO_CATEGORY, STATEMENTS: NOT_CLASSIFIED}
HEADING = 0.3
HALF = 150.0
"""Weighted words that score 50."""

TELLING = {
    Telling.NEGATION: 25.0,
    Telling.PERIOD: 25.0,
    Telling.AMOUNT: 15.0,
    Telling.MODAL: 6.0,
}
"""Words that an expression is worth besides, where one stands on one side of an edit alone."""

MENTION = 30.0
SILENT = 1.25
WHOLE_TEXT, WORTH_SAYING = 40.0, 0.1
MOST_REASONS = 6
HINTS = {"weakened": 6.0, "dropped": 6.0, "strengthened": 3.0, "new": 3.0}
MOST_HINTS = 4
KINDS = {"formatting": 0.0, "order": 0.1, "date": 0.0, "heading": 1.0, "wording": 1.0}

SUBJECTS = {
    "selling": r"sell|sells|selling|sold|sale",
    "biometrics": r"biometrics?|(?:face|facial|voice) recognition|fingerprints?|voiceprints?",
    "health": r"health|medical|genetic",
    "precise location": r"(?:precise|exact) (?:geo-?)?location|geo-?location|GPS",
    "children": r"child|children|minors?|parental",
    "law enforcement": r"law enforcement|government(?:al)?|subpoenas?",
    "machine learning": r"artificial intelligence|(?-i:AI)|machine learning|language models?",
    "targeted advertising": r"(?:targeted|interest-based|personali[sz]ed) ad(?:s|vertising)",
    "consent": r"consents?",
    "opting out": r"opt(?:ing)?[ -]out",
    "sensitive data": r"ethnic(?:ity)?|religio(?:n|us)|sexual|political opinions?|criminal",
    "profiling": r"profiling|automated (?:individual )?decisions?(?:[ -]making)?",
    "arbitration": r"arbitration|class action",
}
"""Subjects that readers ask for first, and the words that mention each."""

_SUBJECTS = {
    name: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    for name, words in SUBJECTS.items()
}
_CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+|(?:https?://|www\.)\S+|\+?(?:\d[ ().-]{0,2}){6,}")
_HEADING = re.compile(r"\s*#{1,6}\s")
_SLIP = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Materiality:
    """A score from 0 to 100, and why it is not lower, the weightiest reason first."""

    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reason:
    weight: float
    text: str


@dataclass(frozen=True, slots=True)
class _Statement:
    """One changed row: the words that differ but for slips, dates and contact details."""

    category: str
    op: str
    words: int
    weight: float


def materiality(rows: Sequence[RowJson], *, silent: bool, kind: str, words: int) -> Materiality:
    """Weigh a comparison of two versions.

    ``silent`` and ``kind`` are those of the change; ``words`` counts both texts.
    """
    changed = [row for row in unmoved(rows) if row["words_added"] or row["words_removed"]]
    labelled = any(row["practices"] or row.get("practices_before") for row in changed)
    statements = [_statement(row, labelled=labelled) for row in changed]
    reasons = [
        *_practices(statements),
        *_telling(changed),
        *_mentions(rows),
        *_hints(changed),
        *_amount(sum(one.words for one in statements), words),
    ]
    return _scored(reasons, silent=silent, kind=kind)


def estimate(change: Change) -> Materiality:
    """Weigh a change by its counts alone: one that was derived before there were scores."""
    counts = {p.category: p.added + p.removed + p.modified for p in change.practices}
    total = sum(counts.values())
    words = change.words_added + change.words_removed
    statements = [
        _Statement(name, "modified", round(words * count / total), _weight(name))
        for name, count in counts.items()
    ] or [_Statement(STATEMENTS, "modified", words, NOT_CLASSIFIED)]
    reasons = [*_practices(statements), *_hints_of(one.direction for one in change.directions)]
    return _scored(reasons, silent=change.silent, kind=change.kind)


def _scored(reasons: Iterable[_Reason], *, silent: bool, kind: str) -> Materiality:
    weights: defaultdict[str, float] = defaultdict(float)
    for reason in reasons:
        weights[reason.text] += reason.weight
    total = sum(weights.values()) * KINDS.get(kind, 1.0)
    said = [
        text for text in sorted(weights, key=lambda text: -weights[text]) if weights[text] >= 1
    ][:MOST_REASONS]
    if silent and said:
        total *= SILENT
        said.insert(1, "silent: the date that the policy states did not move")
    if not said:
        said.append(_SLIGHT.get(kind, "a few words outside of any practice"))
    return Materiality(score=round(100 * total / (total + HALF)), reasons=tuple(said))


_SLIGHT = {
    "order": "the same passages in another order",
    "date": "nothing but dates",
    "formatting": "nothing but formatting",
}


def _practices(statements: Sequence[_Statement]) -> Iterator[_Reason]:
    for name in dict.fromkeys(one.category for one in statements):
        own = [one for one in statements if one.category == name]
        counts = Counter(one.op for one in own)
        ops = ", ".join(f"{counts[op]} {told}" for op, told in _OPS.items() if counts[op])
        weight = sum(one.weight * one.words for one in own)
        words = sum(one.words for one in own)
        yield _Reason(weight, f"{name}: {ops} ({words} words)")


_OPS = {"added": "added", "removed": "removed", "modified": "reworded", "moved": "moved and edited"}


def _statement(row: RowJson, *, labelled: bool) -> _Statement:
    category = max(_categories(row), key=_weight, default=UNLABELLED if labelled else STATEMENTS)
    weight = _weight(category)
    if _HEADING.match(row["new_text"] or row["old_text"]):
        weight *= HEADING
    return _Statement(category, row["op"], _words(row), weight)


def _categories(row: RowJson) -> list[str]:
    return [*row["practices"], *row.get("practices_before", ())]


def _weight(category: str) -> float:
    return _ALL_WEIGHTS.get(category, OWN_CATEGORY)


def _words(row: RowJson) -> int:
    """How many words differ, less those that stand elsewhere in the row and slips of spelling."""
    dates = [one["text"] for one in row.get("highlights", ()) if one["kind"] == Telling.DATE]
    ignored = {word for text in dates for word in _tokens(text)}
    gone = Counter(word for word in _told(row, -1) if word not in ignored)
    came = Counter(word for word in _told(row, 1) if word not in ignored)
    gone, came = gone - came, came - gone
    return gone.total() + came.total() - 2 * _slips(gone, came)


def _told(row: RowJson, side: int) -> Iterator[str]:
    for op, text in row["words"]:
        if op == side:
            yield from _tokens(_CONTACT.sub(" ", text))


def _tokens(text: str) -> Iterator[str]:
    return (word.casefold() for _, word in TOKEN.findall(text) if word)


def _slips(gone: Counter[str], came: Counter[str]) -> int:
    """How many words are the same but for a letter or an ending; asked of small edits alone."""
    if gone.total() > 3 or came.total() > 3:
        return 0
    return sum(any(_is_slip(old, new) for new in came) for old in gone)


def _is_slip(old: str, new: str) -> bool:
    long = min(len(old), len(new)) >= 4 and old.isalpha() and old[0] == new[0]
    return long and SequenceMatcher(None, old, new, autojunk=False).ratio() >= _SLIP


def _telling(rows: Iterable[RowJson]) -> Iterator[_Reason]:
    """Negations, periods, amounts and modal verbs that stand on one side of an edit alone."""
    for row in rows:
        if row["old"] is None or row["new"] is None:
            continue
        for kind, worth in TELLING.items():
            gone, came = (_of_kind(row, kind, side) for side in ("old", "new"))
            gone, came = gone - came, came - gone
            if gone or came:
                weight = worth * max(gone.total(), came.total())
                weight *= max(map(_weight, _categories(row)), default=NOT_CLASSIFIED)
                yield _Reason(weight, f"{kind.value} {_replaced(gone, came)}")


def _replaced(gone: Iterable[str], came: Iterable[str]) -> str:
    old, new = (", ".join(f"“{one}”" for one in side) for side in (gone, came))
    if old and new:
        return f"changed: {old} → {new}"
    return f"dropped: {old}" if old else f"added: {new}"


def _of_kind(row: RowJson, kind: Telling, side: str) -> Counter[str]:
    return Counter(
        " ".join(one["text"].casefold().split())
        for one in row.get("highlights", ())
        if one["kind"] == kind and one["side"] == side
    )


def _mentions(rows: Sequence[RowJson]) -> Iterator[_Reason]:
    """Subjects that one of the texts mentions and the other does not."""
    changed = [row for row in rows if row["op"] != Op.EQUAL]
    old = "\n".join(row["old_text"] or "" for row in changed)
    new = "\n".join(row["new_text"] or "" for row in changed)
    for name, pattern in _SUBJECTS.items():
        gone, came = pattern.search(old), pattern.search(new)
        if bool(gone) == bool(came):
            continue
        # Most of a text is the same on both sides, and asked only for what differs in the rest.
        if not any(pattern.search(row["old_text"]) for row in rows if row["op"] == Op.EQUAL):
            yield _Reason(
                MENTION, f"{name}: {'first mentioned' if came else 'no longer mentioned'}"
            )


def _hints(rows: Iterable[RowJson]) -> Iterator[_Reason]:
    return _hints_of(row["direction"] for row in rows if "direction" in row)


def _hints_of(directions: Iterable[str]) -> Iterator[_Reason]:
    """Weak evidence: of ten hints four are right."""
    for direction, count in Counter(directions).items():
        weight = HINTS.get(direction, 0.0) * min(count, MOST_HINTS)
        yield _Reason(weight, f"perhaps {count} {direction} (a hint)")


def _amount(changed: int, words: int) -> Iterator[_Reason]:
    share = min(changed / words, 1.0) if words else 0.0
    if share >= WORTH_SAYING:
        yield _Reason(WHOLE_TEXT * share, f"{share:.0%} of the words differ")
