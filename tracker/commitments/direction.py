"""Which way a changed commitment went: weakened, strengthened, new or dropped, or no claim.

Rules on phrases (``tracker.commitments.cues``), sentence by sentence. They keep silent where the
phrases point both ways: a reader who is told nothing reads the change, one who is told the wrong
thing does not. What the words mean, and how well the rules do, is in docs/commitment-direction.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.commitments.cues import Cue, Kind, cues
from tracker.commitments.reasons import Reason, reasons
from tracker.commitments.sentences import Sentence, bag, matched, sentences, stands_in

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
    found = [reason for before, after in edited for reason in reasons(before.text, after.text)]
    if found:
        return _decided(found)
    left, right = _telling(gone, lead, new_text), _telling(came, lead, old_text)
    if left and right:
        return _decided(reasons(_joined(left), _joined(right), paired=False))
    return _came(right) or _gone(left)


def _rewritten(old: str, new: str) -> bool:
    """Whether two forms share so few words that phrases of theirs cannot be set against others."""
    left, right = bag(old), bag(new)
    return bool(left and right) and len(left & right) < _SAME * len(left | right)


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
