"""Typed blocks: what the readers of HTML, PDF and plain text all produce.

A page becomes one flat list of blocks in document order, and a list of the elements that contain
them as ranges over it, so that every later question ("how many of its words are links?") is a
difference of two prefix sums.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from crawler.normalize.elements import AttributeName


class Kind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


class Block(NamedTuple):
    """One block: ``text`` is one line of inline Markdown (links only).

    ``level`` is 1 to 6 for a heading, the nesting depth from 0 for a list item, the number of
    columns for a table's row. ``number`` is an ordered item's number, None for a bullet.
    ``starts`` marks a table's first row, so that two tables in a row stay two. ``words`` and
    ``linked`` count its words and those inside links to other pages, ``links`` counts these links.
    """

    kind: Kind
    text: str
    level: int = 0
    number: int | None = None
    starts: bool = False
    words: int = 0
    linked: int = 0
    links: int = 0


class Container(NamedTuple):
    """An element that holds blocks ``first`` up to (not including) ``end``.

    ``attributes`` is its start tag's inside as serialized, ``parent`` an index into the list of
    containers (-1 for the root).
    """

    tag: str
    attributes: str
    first: int
    end: int
    parent: int


class Page(NamedTuple):
    """All that the walk over a page brought home.

    ``controls`` holds (index of the innermost container, label) of every button and form field,
    ``anchors`` the block at which each heading with an ``id`` stands.
    """

    blocks: list[Block]
    containers: list[Container]
    controls: list[tuple[int, str]]
    anchors: dict[str, int]
    title: str | None
    language: str | None


def attribute(attributes: str, name: AttributeName) -> str | None:
    """One attribute's value in a serialized start tag, where no value holds a bare quote."""
    key = f' {name}="'
    start = attributes.find(key)
    if start < 0:
        return None
    start += len(key)
    return attributes[start : attributes.find('"', start)]
