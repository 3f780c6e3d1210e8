"""A comparison as two columns: every row has its place on both sides, so that they scroll as one.

What moved stands twice, where it was and where it is, and each place links to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.reports.folding import Fold, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from tracker.comparison import RowJson


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A row of the page: ``left`` and ``right`` say whether a side shows its text.

    ``key`` is its anchor. ``other`` is that of the other place of a text that moved.
    """

    key: str
    row: RowJson
    left: bool
    right: bool
    other: str | None = None

    @property
    def changed(self) -> bool:
        """Whether a reader who goes from change to change stops here."""
        return self.row["op"] != "equal"


def side_by_side(rows: Sequence[RowJson]) -> list[Pair]:
    """All rows in reading order of both texts."""
    gone = sorted(
        (row["old"], at) for at, row in enumerate(rows) if _moved(row) and row["old"] is not None
    )
    pairs: list[Pair] = []
    waiting = iter([*gone, (None, -1)])
    old, at = next(waiting)
    for place, row in enumerate(rows):
        if not _moved(row) and row["old"] is not None:
            while old is not None and old < row["old"]:
                pairs.append(_left(rows[at], at))
                old, at = next(waiting)
        pairs.append(_pair(row, place))
    while old is not None:
        pairs.append(_left(rows[at], at))
        old, at = next(waiting)
    return pairs


def folded(
    rows: Sequence[RowJson], context: int, *, only: Collection[str] = ()
) -> list[Pair | Fold]:
    """The same, where stretches without a change are folded but for ``context`` rows around it.

    ``only`` names practice categories: rows that changed in none of them are folded, too.
    """
    pairs = side_by_side(rows)
    shown = iter(fold([pair.row for pair in pairs], context, only=only))
    by_row: list[Pair | Fold] = []
    at = 0
    for item in shown:
        if isinstance(item, Fold):
            by_row.append(item)
            at += item.segments
        else:
            by_row.append(pairs[at])
            at += 1
    return by_row


def places(pairs: Iterable[Pair | Fold]) -> int:
    """How many places differ; what moved counts once, where it is now."""
    return sum(
        isinstance(pair, Pair) and pair.changed and not (pair.other and pair.left) for pair in pairs
    )


def _moved(row: RowJson) -> bool:
    return row["op"] == "moved"


def _pair(row: RowJson, at: int) -> Pair:
    if _moved(row):
        return Pair(key=f"r{at}", row=row, left=False, right=True, other=f"from{at}")
    return Pair(key=f"r{at}", row=row, left=row["old"] is not None, right=row["new"] is not None)


def _left(row: RowJson, at: int) -> Pair:
    return Pair(key=f"from{at}", row=row, left=True, right=False, other=f"r{at}")
