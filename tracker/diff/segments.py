"""The difference between two versions: a row a segment, in reading order, exact both ways."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tracker.diff.align import Match, Side, anchors, replaced_between, similar_between
from tracker.diff.moves import equal_elsewhere, similar_elsewhere
from tracker.diff.words import Edit, Ignore, Vocabulary, diff_words, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.segment import Segment


class Op(StrEnum):
    """What became of a segment."""

    EQUAL = "equal"
    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"
    MOVED = "moved"


class Row(NamedTuple):
    """Old segments [old, old_end) against new segments [new, new_end).

    Both spans are one segment long, but where a paragraph was split or paragraphs were joined;
    None on the side that has nothing. ``edits`` of op ≤ 0 join to ``old_text`` and of op ≥ 0 to
    ``new_text``, except in a row ``equal``, which gives its new text alone: its words are the
    same, while markup, punctuation or case may not be. What was to be ignored stands in ``edits``
    as it is in the new text. A tuple, since a diff makes one for every segment, and most are equal.
    """

    op: Op
    old: int | None
    old_end: int | None
    new: int | None
    new_end: int | None
    old_text: str
    new_text: str
    words: tuple[Edit, ...]
    words_added: int
    words_removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Rows in the new text's order, what was removed standing where it stood."""

    rows: tuple[Row, ...]
    words_added: int
    words_removed: int

    @property
    def identical(self) -> bool:
        """Whether no word differs and none stands elsewhere."""
        return not (self.words_added or self.words_removed) and not any(
            row.op is Op.MOVED for row in self.rows
        )


def diff(
    old: Sequence[Segment], new: Sequence[Segment], *, ignore: frozenset[Ignore] = frozenset()
) -> Diff:
    """Compare two segmentations; the result depends on nothing but them and what is ignored."""
    vocabulary = Vocabulary()
    left, right = Side(old, vocabulary, ignore), Side(new, vocabulary, ignore)
    # One direction is worked out and the other is its mirror, so that swapping swaps the result.
    if _weight(right) < _weight(left):
        in_place, elsewhere = (_turned(found) for found in _matches(right, left))
    else:
        in_place, elsewhere = _matches(left, right)
    rows = _Rows(left, right).in_reading_order(in_place, elsewhere)
    return Diff(
        rows=tuple(rows),
        words_added=sum(row.words_added for row in rows),
        words_removed=sum(row.words_removed for row in rows),
    )


def _matches(left: Side, right: Side) -> tuple[list[Match], list[Match]]:
    """What stands in the order of both texts, and what stands elsewhere."""
    in_place = anchors(left, right)
    elsewhere = equal_elsewhere(left, right, in_place)
    in_place = similar_between(left, right, in_place, elsewhere)
    elsewhere += similar_elsewhere(left, right, in_place, elsewhere)
    return replaced_between(left, right, in_place, elsewhere), elsewhere


def _weight(side: Side) -> tuple[int, list[str]]:
    return len(side), side.sources


def _turned(matches: list[Match]) -> list[Match]:
    return [
        Match(each.new, each.new_end, each.old, each.old_end, exact=each.exact) for each in matches
    ]


class _Rows:
    def __init__(self, old: Side, new: Side) -> None:
        self.old = old
        self.new = new

    def in_reading_order(self, in_place: list[Match], elsewhere: list[Match]) -> list[Row]:
        gone = {match.old for match in elsewhere}
        arrived = {match.new: match for match in elsewhere}
        rows: list[Row] = []
        i = j = 0
        ends = Match(len(self.old), len(self.old), len(self.new), len(self.new))
        for match in [*in_place, ends]:
            if i < match.old:
                rows.extend(self._removed(at) for at in range(i, match.old) if at not in gone)
            for at in range(j, match.new):
                known = arrived.get(at)
                rows.append(self._edited(known, Op.MOVED) if known else self._added(at))
            if match.exact:
                rows.append(self._equal(match))
            elif match is not ends:
                rows.append(self._edited(match, None))
            i, j = match.old_end, match.new_end
        return rows

    def _removed(self, at: int) -> Row:
        text = self.old.sources[at]
        return Row(
            op=Op.REMOVED,
            old=at,
            old_end=at + 1,
            new=None,
            new_end=None,
            old_text=text,
            new_text="",
            words=((-1, text),),
            words_added=0,
            words_removed=self.old.size(at),
        )

    def _added(self, at: int) -> Row:
        text = self.new.sources[at]
        return Row(
            op=Op.ADDED,
            old=None,
            old_end=None,
            new=at,
            new_end=at + 1,
            old_text="",
            new_text=text,
            words=((1, text),),
            words_added=self.new.size(at),
            words_removed=0,
        )

    def _equal(self, match: Match) -> Row:
        new_text = self.new.sources[match.new]
        # By position: there are so many that the names of the fields would be felt.
        return Row(
            Op.EQUAL,
            match.old,
            match.old_end,
            match.new,
            match.new_end,
            self.old.sources[match.old],
            new_text,
            ((0, new_text),),
            0,
            0,
        )

    def _edited(self, match: Match, op: Op | None) -> Row:
        """A row whose op is ``op``, or else says whether a word differs."""
        old_text = "".join(self.old.sources[match.old : match.old_end])
        new_text = "".join(self.new.sources[match.new : match.new_end])
        result = diff_words(
            joined([self.old.words(at) for at in range(match.old, match.old_end)]),
            joined([self.new.words(at) for at in range(match.new, match.new_end)]),
            self.old.ignore,
        )
        same = not (op or result.added or result.removed)
        return Row(
            op=op or (Op.EQUAL if same else Op.MODIFIED),
            old=match.old,
            old_end=match.old_end,
            new=match.new,
            new_end=match.new_end,
            old_text=old_text,
            new_text=new_text,
            words=((0, new_text),) if same else result.edits,
            words_added=result.added,
            words_removed=result.removed,
        )
