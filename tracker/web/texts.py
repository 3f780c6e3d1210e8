"""A version's text as blocks of a page: headings, paragraphs, lists, tables.

Words alone: archived links lead nowhere from here, their targets stand in the Markdown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from tracker.markup import MARKER, plain
from tracker.segment import Kind, segment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.segment import Segment

CELL = re.compile(r"(?<!\\)\|")
RULING = re.compile(r"[\s|:-]+\Z")
TOP_LEVEL, DEEPEST_LEVEL = 2, 6
"""Levels of headings on a page, where the page's own title is the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A segment as it is shown; ``place`` counts the version's segments from 0.

    ``marker`` is the number of an item that has one.
    """

    place: int
    text: str
    level: int = 0
    marker: str = ""
    cells: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Successive segments of one kind: a heading or paragraph alone, a list's items, table rows.

    ``level`` is a heading's level on the page.
    """

    kind: str
    lines: tuple[Line, ...] = field(default=())
    level: int = 0


def blocks(
    markdown: str, labels: Callable[[Sequence[Segment]], Sequence[tuple[str, ...]]]
) -> list[Block]:
    """The blocks of a text, with the practice categories that ``labels`` gives its segments."""
    found = segment(markdown)
    lines = [
        (one.kind, _line(place, one, categories))
        for place, (one, categories) in enumerate(zip(found, labels(found), strict=True))
        if one.text
    ]
    made: list[Block] = []
    open_levels: list[int] = []
    for kind, group in groupby(lines, key=lambda pair: pair[0]):
        if kind in {Kind.ITEM, Kind.ROW}:
            made.append(Block(kind=kind.value, lines=tuple(line for _, line in group)))
            continue
        for _, line in group:
            level = _page_level(line.level, open_levels) if kind is Kind.HEADING else 0
            made.append(Block(kind=kind.value, lines=(line,), level=level))
    return made


def _page_level(level: int, open_levels: list[int]) -> int:
    """A heading's level on the page: never more than one below the heading it stands under."""
    while open_levels and open_levels[-1] >= level:
        open_levels.pop()
    open_levels.append(level)
    return min(TOP_LEVEL - 1 + len(open_levels), DEEPEST_LEVEL)


def _line(place: int, one: Segment, categories: tuple[str, ...]) -> Line:
    marker, cells = "", tuple[str, ...]()
    source = one.source.strip()
    if one.kind is Kind.ITEM and (found := MARKER.match(source)):
        marker = found.group().strip()
        marker = marker if marker[0].isdigit() else ""
    if one.kind is Kind.ROW and not RULING.match(source):
        cells = tuple(plain(cell) for cell in CELL.split(source.strip("|")))
    return Line(
        place=place,
        text=one.text,
        level=one.level,
        marker=marker,
        cells=cells,
        categories=categories,
    )
