"""Which of a page's blocks are the policy: the smallest element that holds nearly all long prose."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from crawler.normalize.blocks import Kind

if TYPE_CHECKING:
    from crawler.normalize.blocks import Block, Container, Page

PROSE_WORDS = 12


class Selection(NamedTuple):
    """Indices of the blocks that are the policy, in order, and of those around it."""

    inside: list[int]
    outside: list[int]
    notes: list[str]


def select(page: Page) -> Selection:
    """Part the policy's blocks from the page around them."""
    left_out = _chrome(page)
    prose = [0 if out else _prose(block) for block, out in zip(page.blocks, left_out, strict=True)]
    sums = list(accumulate(prose, initial=0))
    first, end = _smallest(page, sums)
    inside = [at for at in range(first, end) if not left_out[at]]
    kept = set(inside)
    outside = [at for at in range(len(page.blocks)) if at not in kept]
    return Selection(inside, outside, [])


def _prose(block: Block) -> int:
    if block.kind is Kind.HEADING or block.words < PROSE_WORDS or block.linked * 2 > block.words:
        return 0
    return block.words


def _smallest(page: Page, sums: list[int]) -> tuple[int, int]:
    first, end = 0, len(page.blocks)
    total = sums[-1]
    for container in page.containers:
        if container.first < first or container.end > end:
            continue
        held = sums[container.end] - sums[container.first]
        if total - held <= max(40, total * 0.02) and held:
            first, end = container.first, container.end
    return first, end


_TAGS = {"nav", "footer", "aside", "dialog", "menu", "search"}
_ROLES = re.compile(
    r'\srole="(?:navigation|banner|contentinfo|search|complementary|dialog|alertdialog|menu|menubar)"'
)


def _chrome(page: Page) -> list[bool]:
    left_out = [False] * len(page.blocks)
    words = list(accumulate((_prose(block) for block in page.blocks), initial=0))
    for container in page.containers:
        if _is_chrome(container, words):
            left_out[container.first : container.end] = [True] * (container.end - container.first)
    return left_out


def _is_chrome(container: Container, words: list[int]) -> bool:
    held = words[container.end] - words[container.first]
    if held * 2 > words[-1]:
        return False
    return container.tag in _TAGS or _ROLES.search(container.attributes) is not None
