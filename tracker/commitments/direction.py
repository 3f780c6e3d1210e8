"""Which way a changed commitment went: weakened, strengthened, new or dropped, or no claim.

Rules on phrases (``tracker.commitments.cues``), sentence by sentence. They keep silent where the
phrases point both ways: a reader who is told nothing reads the change, one who is told the wrong
thing does not. What the words mean, and how well the rules do, is in docs/commitment-direction.md.
"""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.commitments.cues import Cue, Kind, cues
from tracker.commitments.periods import periods
from tracker.commitments.sentences import Sentence, bag, likeness, matched, sentences, stands_in

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


@dataclass(frozen=True, slots=True)
class _Vote:
    """One reason to call an edited sentence weakened (weight > 0) or strengthened (< 0)."""

    weight: int
    why: str
    old_words: str
    new_words: str
    limits: bool = False


_WEIGHTS = {
    Kind.PROMISE: 3,
    Kind.DUTY: 2,
    Kind.CHOICE: 2,
    Kind.CONSENT: 2,
    Kind.LIMIT: 2,
    Kind.SAFEGUARD: 2,
    Kind.PERIOD: 2,
    Kind.HEDGE: 2,
    Kind.EXCEPTION: 2,
    Kind.OPEN_LIST: 2,
    Kind.SHARING: 2,
}
_LOCAL = 0.7
"""How alike two forms of a sentence must be before single phrases are set against each other."""

_SAME = 0.25
"""Words that two forms of a segment must share at least, or they are not compared by phrases."""

_SAME_PERIOD = 0.03
"""30 days are a month, and 52 weeks a year."""

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
    votes = [vote for before, after in edited for vote in _votes(before.text, after.text)]
    if votes:
        return _decided(votes)
    left, right = _telling(gone, lead, new_text), _telling(came, lead, old_text)
    if left and right:
        return _decided(_votes(_joined(left), _joined(right), paired=False))
    return _came(right) or _gone(left)


def _rewritten(old: str, new: str) -> bool:
    """Whether two forms share so few words that phrases of theirs cannot be set against others."""
    left, right = bag(old), bag(new)
    return bool(left and right) and len(left & right) < _SAME * len(left | right)


def _decided(votes: Sequence[_Vote]) -> Claim | None:
    weaker = sum(vote.weight for vote in votes if vote.weight > 0)
    stronger = -sum(vote.weight for vote in votes if vote.weight < 0)
    if max(weaker, stronger) < 2 or max(weaker, stronger) < _CLEAR * min(weaker, stronger):
        return None
    sign = 1 if weaker > stronger else -1
    best = max(votes, key=lambda vote: sign * vote.weight)
    return Claim(
        direction=Direction.WEAKENED if sign > 0 else Direction.STRENGTHENED,
        why=best.why,
        old_words=best.old_words,
        new_words=best.new_words,
    )


def _joined(these: Iterable[tuple[Sentence, list[Cue]]]) -> str:
    return " ".join(one.text for one, _ in these)


def _votes(old: str, new: str, *, paired: bool = True) -> list[_Vote]:
    before, after = cues(old), cues(new)
    lost, gained = _beyond(before, after, new), _beyond(after, before, old)
    bound = any(cue.kind.protects for cue in (*before, *after))
    local = likeness(bag(old), bag(new)) >= _LOCAL
    votes = []
    for cue, sign in [*((c, 1) for c in lost), *((c, -1) for c in gained)]:
        if cue.kind in (Kind.HEDGE, Kind.EXCEPTION) and not bound:
            continue
        if not local and cue.kind is not Kind.PROMISE and not (paired and cue.kind is Kind.PERIOD):
            continue
        if cue.kind is Kind.PERIOD and periods(old) and periods(new):
            continue
        weight = _WEIGHTS[cue.kind] * (sign if cue.kind.protects else -sign)
        here, there = cue.text, _opposite(old, new, cue, lost=sign > 0)
        pair = (here, there) if sign > 0 else (there, here)
        why = f"{cue.kind} {'lost' if sign > 0 else 'gained'}"
        votes.append(_Vote(weight, why, *pair, limits=cue.kind in (Kind.LIMIT, Kind.CONSENT)))
    votes = _without_limits_of(votes)
    votes += _period_votes(old, new) if paired else []
    if paired and not bound:
        votes += _list_votes(old, new)
    return votes


def _without_limits_of(votes: list[_Vote]) -> list[_Vote]:
    """Limits on what was forbidden altogether make up for nothing, nor does their loss count."""
    for sign in (1, -1):
        if any(vote.weight * sign >= _WEIGHTS[Kind.PROMISE] for vote in votes):
            return [vote for vote in votes if vote.weight * sign > 0 or not vote.limits]
    return votes


def _beyond(ours: Sequence[Cue], theirs: Sequence[Cue], sentence: str) -> list[Cue]:
    """The cues of each kind that are more than the other sentence has, and not in its words."""
    there = bag(sentence) | _COLOURLESS
    spare = Counter(cue.kind for cue in theirs)
    texts = Counter(cue.text.casefold() for cue in theirs)
    rest = []
    for cue in sorted(ours, key=lambda cue: -texts[cue.text.casefold()]):
        if spare[cue.kind] > 0:
            spare[cue.kind] -= 1
        elif not bag(cue.text) <= there:
            rest.append(cue)
    return rest


_COLOURLESS = bag("a an the to of and or you your we our us they it is are be also")


def _opposite(old: str, new: str, cue: Cue, *, lost: bool) -> str:
    """The words that stand in the other sentence where the cue stood."""
    ours, theirs = (old, new) if lost else (new, old)
    a, b = ours.split(), theirs.split()
    first = len(ours[: cue.start].split())
    last = len(ours[: cue.end].split())
    parts = [
        b[j1:j2]
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, False).get_opcodes()
        if tag != "equal" and i1 <= last and i2 >= first
    ]
    return " … ".join(" ".join(part[:12]) for part in parts if part)


def _period_votes(old: str, new: str) -> list[_Vote]:
    before, after = periods(old), periods(new)
    if not before or not after or sorted(d for d, _ in before) == sorted(d for d, _ in after):
        return []
    was, now = max(before), max(after)
    if math.isclose(was[0], now[0], rel_tol=_SAME_PERIOD):
        return []
    if now[0] > was[0]:
        return [_Vote(3, "a longer period", was[1], now[1])]
    return [_Vote(-3, "a shorter period", was[1], now[1])]


_LISTING = re.compile(
    r"\b(?:collect\w*|us(?:e|es|ed|ing)|shar\w+|disclos\w+|receiv\w+|provid\w+|obtain\w*|includ\w+|"
    r"visible|process\w*|such as|e\.g\.|based on|generat\w+|contact|train)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"e-?mail|phone|location|gps|address(?:es)?|ip|identifiers?|biometrics?|faces?|facial|voice|"
    r"health|medical|genetic|race|ethnic\w*|religio\w+|political|sexual|financial|payment|card|"
    r"income|bank|contacts|photos|browsing|viewing|gender|birth\w*|passport|license|licence|"
    r"employment|camera|microphone|keystrokes?|inferences?|conversations?|"
    r"parties|partners?|advertisers?|affiliates?|subsidiar\w+|vendors?|brokers?|agenc(?:y|ies)|"
    r"marketing|advertising|profiling|training|train|ai"
)
"""Words that name a kind of data, a recipient or a purpose."""


def _list_votes(old: str, new: str) -> list[_Vote]:
    """Kinds of data, recipients or purposes that were added to those a sentence names.

    Only where nothing was taken out: a reworded sentence names other things without more being
    allowed. What was taken out of a list is claimed nowhere: it mostly went to another sentence.
    """
    if not _LISTING.search(old) or not _LISTING.search(new):
        return []
    was, now = bag(old), bag(new)
    named = sorted(word for word in now - was if _NAMED.fullmatch(word))
    if not was < now or not named:
        return []
    return [_Vote(2, "more is named", "", ", ".join(named))]


def _telling(
    these: Iterable[Sentence], lead: str, elsewhere: Iterable[frozenset[str]]
) -> list[tuple[Sentence, list[Cue]]]:
    """The sentences that bind or open something, unless the other text says the same elsewhere."""
    found = []
    for one in these:
        own = [cue for cue in cues(one.text, lead) if cue.kind in _BINDS or cue.kind in _OPENS]
        if own and not stands_in(one, elsewhere):
            found.append((one, own))
    return found


def _came(found: Sequence[tuple[Sentence, list[Cue]]]) -> Claim | None:
    one_way = _one_way(found)
    if one_way is None:
        return None
    cue, words = one_way
    kind = Direction.NEW if cue.kind in _BINDS else Direction.WEAKENED
    return Claim(direction=kind, why=str(cue.kind), old_words="", new_words=words)


def _gone(found: Sequence[tuple[Sentence, list[Cue]]]) -> Claim | None:
    one_way = _one_way(found)
    if one_way is None:
        return None
    cue, words = one_way
    kind = Direction.DROPPED if cue.kind in _BINDS else Direction.STRENGTHENED
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
