"""Which way a changed commitment went: weakened, strengthened, new or dropped, or no claim.

Rules on phrases (``tracker.commitments.cues``), sentence by sentence. They keep silent where the
phrases point both ways: a reader who is told nothing reads the change, one who is told the wrong
thing does not. What the words mean, and how well the rules do, is in docs/commitment-direction.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.commitments.additions import entry_of_a_list, practice_added
from tracker.commitments.claims import Claim, Direction, in_its_words
from tracker.commitments.cues import Cue, cues
from tracker.commitments.phrases import Kind
from tracker.commitments.reasons import Reason, reasons
from tracker.commitments.rewriting import rewritten, text_rewritten
from tracker.commitments.rights import granted
from tracker.commitments.sentences import (
    Sentence,
    bag,
    matched,
    says,
    sentences,
    shares,
    speaks_of,
    stands_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_HEADING = 4
"""Distinct words that a sentence of an edited segment has at least: with fewer it says nothing."""

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
    if rewritten(old, new):
        return None
    claim = _claimed(old, new, lead, old_text, new_text)
    if claim is None or _stands(old, new, old_text, new_text):
        return None
    opens = not (old and new) and claim.direction is Direction.WEAKENED
    return None if text_rewritten(old_text, new_text, opens=opens) else claim


def _claimed(
    old: str,
    new: str,
    lead: str,
    old_text: Iterable[frozenset[str]],
    new_text: Iterable[frozenset[str]],
) -> Claim | None:
    before, after = _said(old, among=new), _said(new, among=old)
    edited, gone, came = matched(before, after)
    found = [
        reason
        for was, now in edited
        for reason in reasons(was.text, now.text)
        if not _split(reason, gone, came)
    ]
    if found:
        return _decided(found)
    left = _telling(gone, lead, new_text, after)
    right = _telling(came, lead, old_text, before)
    if left and right:
        return _decided(reasons(_joined(left), _joined(right), paired=False))
    # What an edited segment lost was reworded more often than dropped.
    lost = [] if new else [one for one in left if not _restated(one, new_text)]
    claim = _came(right, edited=bool(old and new)) or _gone(lost)
    if claim or left or right:
        return claim
    if old and new:
        return None if gone or edited else practice_added(came, old_text)
    return None if old else entry_of_a_list(new, lead, old_text)


def _stands(
    old: str,
    new: str,
    old_text: Iterable[frozenset[str]],
    new_text: Iterable[frozenset[str]],
) -> bool:
    """Whether nearly all of a segment that was added or removed stands in the other text."""
    if old and new:
        return False
    text = old or new
    return stands_in(Sentence(text, bag(text)), new_text if old else old_text)


def _said(text: str, *, among: str) -> list[Sentence]:
    """The sentences of a segment; of an edited one without the headings that it may be given."""
    found = sentences(text)
    return [one for one in found if len(one.words) >= _HEADING] if among else found


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
    these: Iterable[Sentence],
    lead: str,
    elsewhere: Iterable[frozenset[str]],
    other: Iterable[Sentence],
) -> list[tuple[Sentence, list[Cue]]]:
    """The sentences that bind or open something, unless the other text says the same elsewhere.

    `other` are the sentences of the segment's other form: a phrase of one kind about the same
    things there was joined, split or reworded.
    """
    found = []
    there: list[Cue] | None = None
    for one in these:
        own = [cue for cue in cues(one.text, lead) if cue.kind in _BINDS or cue.kind in _OPENS]
        if not own:
            continue
        if there is None:
            there = [cue for its in other for cue in cues(its.text, lead)]
        own = [
            cue
            for cue in own
            if not any(cue.kind is its.kind and shares(cue.text, its.text) for its in there)
            if cue.kind is not Kind.CHOICE or not _offered(one, cue, elsewhere)
        ]
        denied = any(cue.kind is Kind.PROMISE for cue in own)
        if own and not stands_in(one, elsewhere, denied=denied):
            found.append((one, own))
    return found


def _offered(sentence: Sentence, cue: Cue, elsewhere: Iterable[frozenset[str]]) -> bool:
    """Whether a right or choice stands in the other text, by its words or by another name."""
    clause = in_its_words(sentence.text, cue.text)
    return says(clause, elsewhere) or granted(clause, elsewhere)


def _came(found: Sequence[tuple[Sentence, list[Cue]]], *, edited: bool) -> Claim | None:
    """New or weakened; a period that an edited segment names for the first time binds it more."""
    one_way = _one_way(found)
    if one_way is None:
        return None
    cue, words = one_way
    kind = Direction.NEW if cue.kind in _BINDS else Direction.WEAKENED
    if edited and cue.kind is Kind.PERIOD:
        kind = Direction.STRENGTHENED
    return Claim(direction=kind, why=str(cue.kind), old_words="", new_words=words)


def _restated(told: tuple[Sentence, list[Cue]], new_text: Iterable[frozenset[str]]) -> bool:
    """Whether the new text speaks of the same anywhere: what is gone mostly moved."""
    _, own = told
    return any(speaks_of(cue.text, new_text, denied=cue.kind is Kind.PROMISE) for cue in own)


def _gone(found: Sequence[tuple[Sentence, list[Cue]]]) -> Claim | None:
    """Dropped; a sharing of which nothing is said any more mostly goes on under another name."""
    one_way = _one_way(found)
    if one_way is None or one_way[0].kind not in _BINDS:
        return None
    cue, words = one_way
    return Claim(direction=Direction.DROPPED, why=str(cue.kind), old_words=words, new_words="")


_BINDS = frozenset({Kind.PROMISE, Kind.DUTY, Kind.CHOICE, Kind.SAFEGUARD, Kind.PERIOD})
_OPENS = frozenset({Kind.SHARING})


def _one_way(found: Sequence[tuple[Sentence, list[Cue]]]) -> tuple[Cue, str] | None:
    """The first cue, and its words, where all of them bind or all of them open."""
    ways = {cue.kind in _BINDS for _, own in found for cue in own}
    if len(ways) != 1:
        return None
    sentence, own = found[0]
    return own[0], in_its_words(sentence.text, own[0].text)
