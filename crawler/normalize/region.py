"""Which of a page's blocks are its text: the smallest element that holds nearly all long prose."""

from __future__ import annotations

from itertools import accumulate, chain
from operator import sub
from typing import TYPE_CHECKING, NamedTuple

from crawler.normalize.blocks import Kind
from crawler.normalize.chrome import find_chrome, is_main, prose_words, totals
from crawler.normalize.documents import choose_documents, split_documents
from crawler.normalize.phrases import BOILERPLATE, DATED

if TYPE_CHECKING:
    from crawler.normalize.blocks import Block, Page
    from crawler.normalize.chrome import Totals

#: An element is still the whole text if it misses no more prose than this (words, share), and of a
#: short text no more than a small part.
MISSED_WORDS = 40
MISSED_SHARE = 0.02
MISSED_PART = 0.15
#: A <main> or <article> may miss more: what stands outside it was put there on purpose.
MAIN_SHARE = 0.3
#: A title may stand this many blocks before the text.
TITLE_REACH = 80


class Selection(NamedTuple):
    """Indices of the blocks that are the text, in order, and of those around it."""

    inside: list[int]
    outside: list[int]
    notes: list[str]


def select(page: Page, fragment: str = "") -> Selection:
    """Part a page's text from what stands around it.

    ``fragment`` (of the URL) chooses where the page holds several documents.
    """
    sums = totals(page.blocks)
    out = find_chrome(page, sums)
    prose = map(sub, sums.prose[1:], sums.prose)
    weights = [0 if gone else words for words, gone in zip(prose, out, strict=True)]
    first, end = _smallest(page, weights)
    _trim_edges(page, sums, weights, out, range(first, end))
    first = _title(page, out, first, end)
    inside = [at for at in range(first, end) if not out[at]]
    inside, notes = _one_document(page, inside, fragment)
    kept = set(inside)
    outside = [at for at in range(len(page.blocks)) if at not in kept]
    return Selection(inside, outside, notes)


def _one_document(page: Page, inside: list[int], fragment: str) -> tuple[list[int], list[str]]:
    """The blocks that are wanted where the text is several documents, and a note that says so."""
    parts = split_documents(page, inside)
    if len(parts) < 2:
        return inside, []
    names = ", ".join(part.title for part in parts)
    chosen = choose_documents(page, inside, parts, fragment)
    if not chosen:
        return inside, [f"the page holds {len(parts)} documents, all kept: {names}"]
    took = ", ".join(repr(part.title) for part in chosen)
    blocks = [at for part in chosen for at in part.blocks]
    return blocks, [f"of {len(parts)} documents on the page took {took}: {names}"]


def _is_boilerplate(text: str) -> bool:
    return len(text) < 1000 and BOILERPLATE.search(text) is not None


def _smallest(page: Page, weights: list[int]) -> tuple[int, int]:
    """The blocks of the innermost element that misses next to nothing of the page's prose."""
    sums = list(accumulate(weights, initial=0))
    first, end = 0, len(page.blocks)
    held = sums[-1]
    for container in page.containers:
        if container.first < first or container.end > end or container.first == container.end:
            continue
        inside = sums[container.end] - sums[container.first]
        if not inside or inside * 2 < held:
            continue
        missed = held - inside
        may_miss = max(min(MISSED_WORDS, held * MISSED_PART), held * MISSED_SHARE)
        if missed > may_miss:
            around = chain(range(first, container.first), range(container.end, end))
            missed -= sum(weights[at] for at in around if _is_boilerplate(page.blocks[at].text))
        if missed <= (max(MISSED_WORDS, held * MAIN_SHARE) if is_main(container) else may_miss):
            first, end, held = container.first, container.end, inside
    return first, end


def _trim_edges(
    page: Page, sums: Totals, weights: list[int], out: list[bool], region: range
) -> None:
    """Drop lists of links to other pages that stand before or after all prose of the region."""
    first, end = region.start, region.stop
    prose = [at for at in region if weights[at]]
    if not prose:
        return
    start, stop = prose[0], prose[-1] + 1
    for at in chain(range(first, start), range(stop, end)):
        out[at] = out[at] or _is_edge(page.blocks[at])
    for container in page.containers:
        if container.first < first or container.end > end:
            continue
        if container.end > start and container.first < stop:
            continue
        words, linked = sums.within(sums.words, container), sums.within(sums.linked, container)
        if sums.within(sums.links, container) >= 2 and linked * 2 > words:
            for at in range(container.first, container.end):
                out[at] = out[at] or not (_is_title(page, at) or _is_dated(page.blocks[at]))


def _is_dated(block: Block) -> bool:
    """The policy's own date, which may stand among the links that end a page."""
    return not block.links and block.words <= 15 and DATED.search(block.text) is not None


def _is_edge(block: Block) -> bool:
    """Links to other pages in a row, or a line of copyright: no part of a text's ends."""
    if block.kind in (Kind.HEADING, Kind.ROW) or _is_dated(block):
        return False
    return (block.links >= 2 and block.linked * 5 >= block.words * 4) or (
        block.words < 40 and BOILERPLATE.search(block.text) is not None
    )


def _title(page: Page, out: list[bool], first: int, end: int) -> int:
    """Where the text begins if a title stands before the region: at that title, else ``first``."""
    prose = next((at for at in range(first, end) if prose_words(page.blocks[at])), end)
    if any(_is_title(page, at) for at in range(first, prose) if not out[at]):
        return first
    for at in range(first - 1, max(-1, first - 1 - TITLE_REACH), -1):
        if not out[at] and _is_title(page, at):
            between = page.blocks[at + 1 : first]
            for offset, block in enumerate(between, at + 1):
                out[offset] = out[offset] or block.linked * 2 > block.words
            return at
    return first


def _is_title(page: Page, at: int) -> bool:
    block = page.blocks[at]
    return block.kind is Kind.HEADING and block.level == 1
