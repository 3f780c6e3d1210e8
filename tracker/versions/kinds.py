"""What kind of change lies between two texts of a policy."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crawler.calendar_dates import find
from crawler.wording import words

if TYPE_CHECKING:
    from collections.abc import Iterable


def kind_of_change(old: str, new: str) -> str:
    """Name the change between two Markdown texts.

    ``formatting`` (the same words: never a version), ``order`` (the same blocks, otherwise
    arranged), ``date`` (nothing but calendar dates moved), ``heading`` (nothing but headings) or
    ``wording``.
    """
    before, after = _blocks(old), _blocks(new)
    if _joined(before) == _joined(after):
        return "formatting"
    if Counter(map(_worded, before)) == Counter(map(_worded, after)):
        return "order"
    if _joined(map(_dateless, before)) == _joined(map(_dateless, after)):
        return "date"
    if _joined(filter(_is_body, before)) == _joined(filter(_is_body, after)):
        return "heading"
    return "wording"


def _blocks(markdown: str) -> list[str]:
    return [line for line in markdown.split("\n") if words(line)]


def _joined(blocks: Iterable[str]) -> list[str]:
    return [word for block in blocks for word in words(block)]


def _worded(block: str) -> tuple[str, ...]:
    return tuple(words(block))


def _is_body(block: str) -> bool:
    return not block.startswith("#")


def _dateless(block: str) -> str:
    parts, end = [], 0
    for found in find(block):
        parts.append(block[end : found.start])
        end = found.end
    return " ".join((*parts, block[end:]))
