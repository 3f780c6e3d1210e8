"""The words of a changed segment as a person reads them: without Markdown's own signs."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from tracker.diff.telling import highlights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.comparison import RowJson
    from tracker.diff.telling import Highlight
    from tracker.diff.words import Edit

_HEADING = re.compile(r"\s*#{1,6}\s+")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")

Run = tuple[int, list[tuple[str, bool]]]
"""-1 taken out, 0 kept or 1 put in; the text in pieces, with whether each is telling."""


def is_heading(row: RowJson) -> bool:
    """Whether the row shows a heading."""
    return bool(_HEADING.match(row["new_text"] or row["old_text"] or ""))


def runs(row: RowJson) -> list[Run]:
    """What to show: no empty run, no blank at either end.

    A date, period, amount, number, negation or modal verb that the change touches is marked whole.
    """
    found = [(op, _plain(text)) for op, text in row["words"]]
    if found:
        op, text = found[0]
        found[0] = (op, _HEADING.sub("", text, count=1).lstrip())
    while found and not found[-1][1].strip():
        found.pop()
    if found:
        op, text = found[-1]
        found[-1] = (op, text.rstrip())
    return list(_cut([(op, text) for op, text in found if text]))


def _cut(edits: list[Edit]) -> Iterator[Run]:
    """The edits, cut where a telling expression begins or ends."""
    told = highlights(edits)
    at = {-1: 0, 1: 0}
    for op, text in edits:
        flags = bytearray(len(text))
        for side in (-1, 1):
            if op in (0, side):
                _flag(flags, [one for one in told if one.side == side], at[side])
                at[side] += len(text)
        pieces: list[tuple[str, bool]] = []
        start = 0
        for telling, letters in groupby(flags):
            end = start + sum(1 for _ in letters)
            pieces.append((text[start:end], bool(telling)))
            start = end
        yield op, pieces


def _flag(flags: bytearray, told: list[Highlight], base: int) -> None:
    for one in told:
        start, end = max(one.start - base, 0), min(one.end - base, len(flags))
        if start < end:
            flags[start:end] = b"\1" * (end - start)


def _plain(text: str) -> str:
    """Whole links become their text; one that was edited in the middle stays as it is."""
    return _LINK.sub(r"\1", text)
