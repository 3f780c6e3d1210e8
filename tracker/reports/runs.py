"""The words of a changed segment as a person reads them: without Markdown's own signs."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from tracker.diff.telling import highlights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tracker.comparison import RowJson
    from tracker.diff.words import Edit

_HEADING = re.compile(r"\s*#{1,6}\s+")
_PIPE = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")

Pieces = list[tuple[str, bool]]
"""A text cut into pieces, with whether each is telling."""

Run = tuple[int, Pieces]
"""-1 taken out, 0 kept or 1 put in, and the text."""


def is_heading(row: RowJson) -> bool:
    """Whether the row shows a heading."""
    return bool(_HEADING.match(row["new_text"] or row["old_text"] or ""))


def cells(found: list[Run]) -> list[list[Run]]:
    """The runs of a table's row, cell by cell; one list where it is none."""
    if not "".join(text for _, pieces in found for text, _ in pieces).lstrip().startswith("|"):
        return [found]
    made: list[list[Run]] = [[]]
    # What was taken out is counted in the old row's cells, all else in the new one's.
    at = {-1: 0, 1: 0}
    for op, pieces in found:
        own: Pieces = []
        for text, telling in pieces:
            first, *others = _PIPE.split(text)
            own.append((first, telling))
            for other in others:
                _put(made, at[op or 1], (op, own))
                for side in (op,) if op else (-1, 1):
                    at[side] += 1
                own = [(other, telling)]
        _put(made, at[op or 1], (op, own))
    blank = _is_blank(made[0]), _is_blank(made[-1])
    return [_trimmed(cell) for cell in made[blank[0] : len(made) - blank[1]]]


def _put(cells: list[list[Run]], at: int, run: Run) -> None:
    cells.extend([] for _ in range(at + 1 - len(cells)))
    cells[at].append(run)


def _is_blank(cell: list[Run]) -> bool:
    return not any(text.strip() for _, pieces in cell for text, _ in pieces)


def runs(row: RowJson) -> list[Run]:
    """What to show: no empty run, no blank at either end.

    A date, period, amount, number, negation or modal verb that the change touches is marked whole.
    """
    edits = [(op, _plain(text)) for op, text in row["words"]]
    if edits == row["words"]:
        # What the comparison found holds for the text as it is shown.
        told = [
            (-1 if one["side"] == "old" else 1, one["start"], one["end"])
            for one in row.get("highlights", ())
        ]
    else:
        told = [(one.side, one.start, one.end) for one in highlights(edits)]
    return _trimmed(list(_cut(edits, told)))


def _trimmed(found: list[Run]) -> list[Run]:
    """The runs without blanks at either end, and without a heading's marks."""
    while found and not _text(found[0][1]).strip():
        del found[0]
    if found:
        found[0] = (found[0][0], _without_beginning(found[0][1]))
    while found and not _text(found[-1][1]).strip():
        found.pop()
    if found:
        found[-1] = (found[-1][0], _without_end(found[-1][1]))
    return [(op, pieces) for op, pieces in found if pieces]


def _text(pieces: Pieces) -> str:
    return "".join(text for text, _ in pieces)


def _without_beginning(pieces: Pieces) -> Pieces:
    text = _text(pieces)
    return _shortened(pieces, len(text) - len(_HEADING.sub("", text, count=1).lstrip()), len(text))


def _without_end(pieces: Pieces) -> Pieces:
    return _shortened(pieces, 0, len(_text(pieces).rstrip()))


def _shortened(pieces: Pieces, start: int, end: int) -> Pieces:
    """The pieces of the text from ``start`` to ``end``."""
    made, at = [], 0
    for text, telling in pieces:
        part = text[max(start - at, 0) : max(end - at, 0)]
        at += len(text)
        if part:
            made.append((part, telling))
    return made


def _cut(edits: Sequence[Edit], told: Sequence[tuple[int, int, int]]) -> Iterator[Run]:
    """The edits, cut where a telling expression (side, start, end) begins or ends."""
    at = {-1: 0, 1: 0}
    for op, text in edits:
        flags = bytearray(len(text))
        for side in (-1, 1):
            if op in (0, side):
                _flag(flags, [one for one in told if one[0] == side], at[side])
                at[side] += len(text)
        yield op, _pieces(text, flags)


def _pieces(text: str, flags: bytearray) -> Pieces:
    if 1 not in flags:
        return [(text, False)]
    pieces, start = [], 0
    for telling, letters in groupby(flags):
        end = start + sum(1 for _ in letters)
        pieces.append((text[start:end], bool(telling)))
        start = end
    return pieces


def _flag(flags: bytearray, told: Iterable[tuple[int, int, int]], base: int) -> None:
    for _, first, last in told:
        start, end = max(first - base, 0), min(last - base, len(flags))
        if start < end:
            flags[start:end] = b"\1" * (end - start)


def _plain(text: str) -> str:
    """Whole links become their text; one that was edited in the middle stays as it is."""
    return _BREAK.sub("\n", _LINK.sub(r"\1", text))
