"""Folds a comparison to what changed, with a little of its surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.practice_filter import concerns

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tracker.comparison import RowJson

CONTEXT = 1
"""Unchanged segments shown on each side of a changed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """A stretch of segments that is not shown: unchanged ones, and changed ones not asked for."""

    segments: int
    changed: int = 0

    def __str__(self) -> str:
        """Say what is left out."""
        same = self.segments - self.changed
        parts = [f"{same} unchanged"] if same else []
        if self.changed:
            parts.append(f"{self.changed} changed in other ways")
        return ", ".join(parts)


def fold(
    rows: Sequence[RowJson], context: int = CONTEXT, *, only: Collection[str] = ()
) -> list[RowJson | Fold]:
    """Keep changed rows and ``context`` equal ones around them; count the others.

    ``only`` names practice categories: rows that changed in none of them are folded too. A table's
    ruling that came or went is nothing to be told of.
    """
    chosen = {at for at, row in enumerate(rows) if concerns(row, only) and says_something(row)}
    shown = set(chosen)
    for at in chosen:
        around = range(max(0, at - context), min(len(rows), at + context + 1))
        shown.update(near for near in around if rows[near]["op"] == "equal")
    folded: list[RowJson | Fold] = []
    skipped: list[RowJson] = []
    for at, row in enumerate(rows):
        if at not in shown:
            if row["op"] == "equal" or says_something(row):
                skipped.append(row)
            continue
        if skipped:
            folded.append(_folded(skipped))
            skipped = []
        folded.append(row)
    if skipped:
        folded.append(_folded(skipped))
    return folded


def _folded(rows: Sequence[RowJson]) -> Fold:
    changed = sum(row["op"] != "equal" for row in rows)
    return Fold(segments=len(rows), changed=changed)


def says_something(row: RowJson) -> bool:
    """Whether there is a letter or a digit in a row: a table's ruling has none."""
    return any(letter.isalnum() for letter in f"{row['old_text']}{row['new_text']}")
