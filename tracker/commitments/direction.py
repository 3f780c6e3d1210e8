"""Which way a changed commitment went: weakened, strengthened, new or dropped, or no claim.

Rules on phrases (``tracker.commitments.cues``), sentence by sentence. They keep silent where the
phrases point both ways: a reader who is told nothing reads the change, one who is told the wrong
thing does not. What the words mean, and how well the rules do, is in docs/commitment-direction.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.commitments.cues import Cue, cues
from tracker.commitments.phrases import Kind
from tracker.commitments.reasons import Reason, reasons
from tracker.commitments.sentences import (
    Sentence,
    bag,
    matched,
    says,
    says_nearly,
    says_of,
    sentences,
    stands_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Direction(StrEnum):
    """Where a commitment went, from the user's side."""

    WEAKENED = "weakened"
    STRENGTHENED = "strengthened"
    NEW = "new"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A direction, why, and the words of the old and the new text that show it ("" for none)."""

    direction: Direction
    why: str
    old_words: str
    new_words: str


_SAME = 0.25
"""Words that two forms of a segment must share at least, or they are not compared by phrases."""

_FOLLOWING = 6
_CLEAR = 2
"""How many times heavier one side's reasons must be than the other's."""


def direction(
    old: str,
    new: str,
    *,
    lead: str = "",
    old_text: Iterable[frozenset[str]] = (),
    new_text: Iterable[frozenset[str]] = (),
) -> Claim | None:
    """What became of the commitments between two forms of a changed segment.

    Args:
        old, new: Markdown of the segment before and after; "" where it was added or removed.
        lead: the sentence that an item hangs on, or the heading above.
        old_text, new_text: the words (``sentences.bag``) of every segment of both texts: what
            still stands elsewhere was not dropped, what stood elsewhere before is not new.
    """
    if _rewritten(old, new):
        return None
    edited, gone, came = matched(sentences(old), sentences(new))
    found = [
        reason
        for before, after in edited
        for reason in reasons(before.text, after.text)
        if not _moved(reason, old_text, new_text) and not _split(reason, gone, came)
        if reason.kind is not Kind.CHOICE or not _RIGHTS.search(lead)
    ]
    if found:
        return _decided(found)
    left, right = _telling(gone, lead, new_text), _telling(came, lead, old_text)
    if left and right:
        return _decided(reasons(_joined(left), _joined(right), paired=False))
    claim = _came(right) or _gone(left, came)
    if claim or left or right:
        return claim
    if old and new:
        return None if gone else _more(came, old_text)
    return _entry(old or new, lead, new_text if old else old_text, added=not old)


def _more(came: Iterable[Sentence], old_text: Iterable[frozenset[str]]) -> Claim | None:
    """What a segment from which nothing went says on top that the service does."""
    for one in came:
        found = cues(one.text)
        if any(cue.kind.protects for cue in found) or stands_in(one, old_text):
            continue
        for cue in found:
            if cue.kind is Kind.PRACTICE:
                words = _in_its_words(one.text, cue.text)
                return Claim(
                    direction=Direction.WEAKENED, why="practice", old_words="", new_words=words
                )
    return None


def _entry(
    text: str, lead: str, elsewhere: Iterable[frozenset[str]], *, added: bool
) -> Claim | None:
    """An entry that a list of kinds of data, purposes or recipients has more, or less."""
    if not _LISTS.search(lead) or _RIGHTS.search(lead) or not says_nearly(lead, elsewhere):
        return None
    own = sentences(text)
    if (
        _WHERE.match(text)
        or _LINK.fullmatch(text)
        or any(cue.kind.protects for one in own for cue in cues(one.text, lead))
    ):
        return None
    if not own or stands_in(Sentence(text, bag(text)), elsewhere):
        return None
    words = own[0].text
    if added:
        return Claim(
            direction=Direction.WEAKENED, why="more is listed", old_words="", new_words=words
        )
    return Claim(
        direction=Direction.STRENGTHENED, why="less is listed", old_words=words, new_words=""
    )


_LISTS = re.compile(
    r"\b(?:we|be|is|are)\b.*\b(?:collect\w*|us(?:e|ed|es|ing)|shar(?:e|ed|ing)|"
    r"disclos\w+|receiv\w+|obtain\w*|process\w*)\b.*:\W*$",
    re.IGNORECASE | re.DOTALL,
)
_LINK = re.compile(r"\W*\[[^\]]*\]\([^)]*\)\W*")
_WHERE = re.compile(r"\W*(?:if|when|where|with|for example)\b", re.IGNORECASE)
_RIGHTS = re.compile(r"\b(?:rights?|choices?|opt|how (?:you|to)|links?|request)\b", re.IGNORECASE)


def _moved(
    reason: Reason, old_text: Iterable[frozenset[str]], new_text: Iterable[frozenset[str]]
) -> bool:
    """Whether a choice that a sentence lost or gained stands elsewhere in the other text."""
    if reason.kind is not Kind.CHOICE:
        return False
    return (
        says(reason.old_words, new_text) if reason.weight > 0 else says(reason.new_words, old_text)
    )


def _rewritten(old: str, new: str) -> bool:
    """Whether two forms share so few words that phrases of theirs cannot be set against others."""
    left, right = bag(old), bag(new)
    return bool(left and right) and len(left & right) < _SAME * len(left | right)


def _split(reason: Reason, gone: Iterable[Sentence], came: Iterable[Sentence]) -> bool:
    """Whether a sentence of its own, that came or went, makes up for a phrase of another."""
    if reason.kind is None:
        return False
    protects = reason.kind.protects
    rest = came if (reason.weight > 0) == protects else gone
    return any(cue.kind is reason.kind for one in rest for cue in cues(one.text))


def _decided(found: Sequence[Reason]) -> Claim | None:
    weaker = sum(one.weight for one in found if one.weight > 0)
    stronger = -sum(one.weight for one in found if one.weight < 0)
    if max(weaker, stronger) < 2 or max(weaker, stronger) < _CLEAR * min(weaker, stronger):
        return None
    sign = 1 if weaker > stronger else -1
    best = max(found, key=lambda one: sign * one.weight)
    return Claim(
        direction=Direction.WEAKENED if sign > 0 else Direction.STRENGTHENED,
        why=best.why,
        old_words=best.old_words,
        new_words=best.new_words,
    )


def _joined(these: Iterable[tuple[Sentence, list[Cue]]]) -> str:
    return " ".join(one.text for one, _ in these)


def _telling(
    these: Iterable[Sentence], lead: str, elsewhere: Iterable[frozenset[str]]
) -> list[tuple[Sentence, list[Cue]]]:
    """The sentences that bind or open something, unless the other text says the same elsewhere."""
    found = []
    for one in these:
        own = [
            cue
            for cue in cues(one.text, lead)
            if cue.kind in _BINDS or cue.kind in _OPENS
            if cue.kind is not Kind.CHOICE or not says(_in_its_words(one.text, cue.text), elsewhere)
        ]
        denied = any(cue.kind is Kind.PROMISE for cue in own)
        if own and not stands_in(one, elsewhere, denied=denied):
            found.append((one, own))
    return found


def _came(found: Sequence[tuple[Sentence, list[Cue]]]) -> Claim | None:
    one_way = _one_way(found)
    if one_way is None:
        return None
    cue, words = one_way
    kind = Direction.NEW if cue.kind in _BINDS else Direction.WEAKENED
    return Claim(direction=kind, why=str(cue.kind), old_words="", new_words=words)


def _gone(found: Sequence[tuple[Sentence, list[Cue]]], came: Sequence[Sentence]) -> Claim | None:
    """Dropped, unless a sentence that came is about the same: then less is said of it."""
    one_way = _one_way(found)
    if one_way is None:
        return None
    cue, words = one_way
    if cue.kind not in _BINDS:
        kind = Direction.STRENGTHENED
    elif any(says_of(cue.text, one.words) for one in came):
        kind = Direction.WEAKENED
    else:
        kind = Direction.DROPPED
    return Claim(direction=kind, why=str(cue.kind), old_words=words, new_words="")


_BINDS = frozenset({Kind.PROMISE, Kind.DUTY, Kind.CHOICE, Kind.SAFEGUARD, Kind.PERIOD})
_OPENS = frozenset({Kind.SHARING})


def _one_way(found: Sequence[tuple[Sentence, list[Cue]]]) -> tuple[Cue, str] | None:
    """The first cue, and its words, where all of them bind or all of them open."""
    ways = {cue.kind in _BINDS for _, own in found for cue in own}
    if len(ways) != 1:
        return None
    sentence, own = found[0]
    return own[0], _in_its_words(sentence.text, own[0].text)


def _in_its_words(sentence: str, cue: str) -> str:
    """The cue and a few words of what follows: a right is worth little without what it is to."""
    start = sentence.find(cue)
    if start < 0:
        return cue
    following = sentence[start + len(cue) :].split()
    rest = " ".join(following[:_FOLLOWING])
    more = " …" if len(following) > _FOLLOWING else ""
    return f"{cue} {rest}{more}".rstrip() if rest[:1].isalnum() else cue
