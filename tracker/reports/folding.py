"""Folds a comparison to what changed, with a little of its surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.comparison import RowJson

CONTEXT = 1
"""Unchanged segments shown on each side of a changed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """A stretch of unchanged segments that is not shown."""

    segments: int


def fold(rows: Sequence[RowJson], context: int = CONTEXT) -> list[RowJson | Fold]:
    """Keep changed rows and ``context`` equal ones around them; count the others."""
    shown: set[int] = set()
    for index, row in enumerate(rows):
        if row["op"] != "equal" and _says_something(row):
            shown.update(range(max(0, index - context), min(len(rows), index + context + 1)))
    folded: list[RowJson | Fold] = []
    skipped = 0
    for index, row in enumerate(rows):
        if index not in shown:
            skipped += 1
            continue
        if skipped:
            folded.append(Fold(segments=skipped))
            skipped = 0
        folded.append(row)
    if skipped:
        folded.append(Fold(segments=skipped))
    return folded


def _says_something(row: RowJson) -> bool:
    """Whether there is a letter or a digit in a row: a table's ruling has none."""
    return any(letter.isalnum() for letter in f"{row['old_text']}{row['new_text']}")
