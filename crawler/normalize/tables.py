"""Tables: those that hold data stay tables, those that lay out a page dissolve into blocks."""

from __future__ import annotations

import re

from crawler.normalize.blocks import Block, Kind

MAX_CELL_WORDS = 400

_PIPE = re.compile(r"(?<!\\)\|")


def fold_table(blocks: list[Block], rows: list[list[tuple[int, int]]]) -> list[Block] | None:
    """The rows of a data table as blocks, or None where the table only lays out the page.

    ``rows`` holds each cell's range over ``blocks``.
    """
    filled = [row for row in rows if any(end > start for start, end in row)]
    columns = max((sum(end > start for start, end in row) for row in filled), default=0)
    if len(filled) < 2 or columns < 2:
        return None
    width = max(map(len, filled))
    folded: list[Block] = []
    for row in filled:
        cells = [blocks[start:end] for start, end in row]
        if any(map(_lays_out, cells)):
            return None
        texts = [" ".join(map(_in_cell, cell)) for cell in cells]
        inside = [block for cell in cells for block in cell]
        folded.append(
            table_row(
                texts + [""] * (width - len(texts)),
                starts=not folded,
                linked=sum(block.linked for block in inside),
                links=sum(block.links for block in inside),
            )
        )
    return folded


def _in_cell(block: Block) -> str:
    """A block's text within a row, where only a mark tells the items of a list apart."""
    if block.kind is not Kind.ITEM:
        return block.text
    return f"- {block.text}" if block.number is None else f"{block.number}. {block.text}"


def _lays_out(cell: list[Block]) -> bool:
    words = sum(block.words for block in cell)
    headed = any(block.kind is Kind.HEADING for block in cell)
    return words > MAX_CELL_WORDS or (headed and words > 40)


def table_row(texts: list[str], *, starts: bool, linked: int = 0, links: int = 0) -> Block:
    """One row of a pipe table; a cell's own pipes are escaped."""
    cells = [text.replace("|", "\\|") for text in texts]
    return Block(
        kind=Kind.ROW,
        text=f"| {' | '.join(cells)} |",
        level=len(cells),
        starts=starts,
        words=sum(len(text.split()) for text in texts),
        linked=linked,
        links=links,
    )


def row_cells(line: str) -> list[str]:
    """The cells of a pipe table's row, their own pipes unescaped."""
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _PIPE.split(inner)]
