"""The canonical text: blocks written as Markdown, and Markdown read as blocks.

Reading what was written gives the same blocks' text again, to the letter. What is read may also be
other people's Markdown (setext headings, emphasis, escapes, ``*`` bullets).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.normalize.blocks import Block, Kind
from crawler.normalize.inline import canonical, escape, marker
from crawler.normalize.tables import row_cells, table_row

if TYPE_CHECKING:
    from collections.abc import Iterable

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_SEPARATOR = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_QUOTE = re.compile(r"^ {0,3}(?:> ?)+")

DEEPEST_ITEM = 20
"""Items nested deeper stand at this depth: the indents of a bomb are the square of its length."""


def write_markdown(blocks: Iterable[Block]) -> str:
    """Blocks as canonical Markdown; a function of their order, kind, level and text alone."""
    out: list[str] = []
    before: Block | None = None
    depths: list[int] = []
    for block in blocks:
        if block.kind is Kind.HEADING and not _unclosed(block.text):
            continue
        if block.kind is not Kind.ITEM:
            depths.clear()
        if before is not None:
            out.append("\n" if _joined(before, block) else "\n\n")
        out.append(_line(block, depths))
        before = block
    return "".join(out)


def _unclosed(text: str) -> str:
    """A heading without what Markdown reads as its close, such as a permalink's sign ("Use #")."""
    bare = text.rstrip("# \t")
    return bare + text[len(bare) :].partition(" ")[0] if bare else ""


def _joined(before: Block, block: Block) -> bool:
    if block.kind is not before.kind:
        return False
    if block.kind is Kind.ROW:
        return not block.starts
    # CommonMark lets only a 1 start an ordered list on the line after other text.
    return block.kind is Kind.ITEM and (
        block.number is None or block.number == 1 or before.number is not None
    )


def _line(block: Block, depths: list[int]) -> str:
    if block.kind is Kind.HEADING:
        return f"{'#' * block.level} {_unclosed(block.text)}"
    if block.kind is Kind.ITEM:
        while depths and depths[-1] > block.level:
            depths.pop()
        if not depths or depths[-1] < block.level:
            depths.append(block.level)
        mark = "-" if block.number is None else f"{block.number}."
        return f"{'  ' * (min(len(depths), DEEPEST_ITEM) - 1)}{mark} {escape(block.text)}"
    if block.kind is Kind.ROW:
        rule = f"\n|{' --- |' * block.level}" if block.starts else ""
        return f"{block.text}{rule}"
    return escape(block.text)


def read_markdown(text: str) -> list[Block]:
    """Markdown (or plain text, its paragraphs parted by blank lines) as blocks."""
    return _Reader().read(text)


class _Reader:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._held: list[str] = []
        self._indents: list[int] = []
        self._item: tuple[int, int | None] | None = None
        self._rows = 0
        self._fenced = False

    def read(self, text: str) -> list[Block]:
        for line in text.splitlines():
            self._take(line.expandtabs(4))
        self._flush()
        return self.blocks

    def _take(self, line: str) -> None:
        if _FENCE.match(line):
            self._flush()
            self._fenced = not self._fenced
        elif not line.strip():
            self._flush()
            self._rows = 0
        elif self._fenced:
            self._flush()
            self._held.append(line)
        elif not self._structure(_QUOTE.sub("", line)):
            self._held.append(_QUOTE.sub("", line))

    def _structure(self, line: str) -> bool:
        """Take a line that is more than text; False where it is none."""
        if not line.lstrip().startswith("|"):
            self._rows = 0
        if heading := _ATX.match(line):
            self._flush()
            self._indents.clear()
            self._add(Kind.HEADING, heading[2] or "", len(heading[1]))
            return True
        if self._held and (under := _SETEXT.match(line)) and self._item is None:
            self._add(Kind.HEADING, " ".join(self._held), 1 if under[1][0] == "=" else 2)
            self._held.clear()
            return True
        if _RULE.match(line):
            self._flush()
            return True
        return self._table(line) or self._list_item(line)

    def _table(self, line: str) -> bool:
        if not line.lstrip().startswith("|"):
            return False
        self._flush()
        # Only the line behind a table's first row parts its head from its body.
        if not (self._rows == 1 and _SEPARATOR.match(line)):
            cells = [canonical(cell) for cell in row_cells(line)]
            self.blocks.append(table_row(cells, starts=not self._rows))
        self._rows += 1
        return True

    def _list_item(self, line: str) -> bool:
        stripped = line.lstrip()
        found = marker(stripped)
        if found is None:
            return False
        indent = len(line) - len(stripped)
        self._flush()
        while self._indents and self._indents[-1] > indent:
            self._indents.pop()
        if not self._indents or self._indents[-1] < indent:
            self._indents.append(indent)
        self._item = (len(self._indents) - 1, found[0])
        self._held.append(found[1])
        return True

    def _flush(self) -> None:
        if not self._held:
            return
        text = " ".join(self._held)
        self._held.clear()
        item, self._item = self._item, None
        if item is not None:
            self._add(Kind.ITEM, text, *item)
        else:
            self._indents.clear()
            self._add(Kind.PARAGRAPH, text, 0)

    def _add(self, kind: Kind, text: str, level: int, number: int | None = None) -> None:
        text = canonical(text)
        # Lines that are joined, or rid of what is invisible, may begin like an item only now.
        if kind is not Kind.HEADING and (found := marker(text)) is not None:
            kind, text = Kind.ITEM, found[1]
            number = number if found[0] is None else found[0]
        if any(map(str.isalnum, text)):
            self.blocks.append(Block(kind, text, level, number, words=len(text.split())))
