"""PDF to typed blocks by pdfium: lines to paragraphs, without running headers and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from crawler.errors import NormalizeError
from crawler.normalize.blocks import Block, Kind
from crawler.normalize.inline import clean, marker

MAX_PAGES = 400
MIN_CHARACTERS_A_PAGE = 20
# A line that is set larger than most, by this much, is a heading.
_LARGE = 1.15

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|página|pagina|p\.)?\s*\d{1,4}(?:\s*(?:/|of|sur|von|de|di|van)\s*\d{1,4})?\W*$",
    re.IGNORECASE,
)
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\xad\ufffe\u2010]$")


class _Line(NamedTuple):
    text: str
    page: int
    left: float
    right: float
    bottom: float
    height: float


def read_pdf(body: bytes) -> tuple[list[Block], str | None]:
    """The blocks of a PDF and its title.

    Raises:
        NormalizeError: it is broken, locked, too long, or holds scanned images instead of text.
    """
    import pypdfium2  # slow to import, and needed by few pages

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        raise NormalizeError(f"the PDF cannot be opened: {error}") from error
    try:
        pages = len(document)
        if pages > MAX_PAGES:
            raise NormalizeError(f"the PDF has {pages} pages, more than {MAX_PAGES}")
        lines = [line for at in range(pages) for line in _page_lines(document[at], at)]
        title = clean(document.get_metadata_value("Title")) or None
    except pypdfium2.PdfiumError as error:
        raise NormalizeError(f"the PDF cannot be read: {error}") from error
    finally:
        document.close()
    if sum(len(line.text) for line in lines) < MIN_CHARACTERS_A_PAGE * pages:
        raise NormalizeError("the PDF holds no text: scanned images, it seems")
    return _blocks(_without_running(lines, pages)), title


def _page_lines(page: Any, at: int) -> list[_Line]:
    text_page = page.get_textpage()
    lines: list[_Line] = []
    offset = 0
    for raw in text_page.get_text_range(errors="replace").split("\r\n"):
        text = raw.strip()
        if text:
            first = offset + len(raw) - len(raw.lstrip())
            start = text_page.get_charbox(first, loose=True)
            end = text_page.get_charbox(first + len(text) - 1, loose=True)
            lines.append(_Line(text, at, start[0], end[2], start[1], start[3] - start[1]))
        offset += len(raw) + 2
    text_page.close()
    page.close()
    return lines


def _without_running(lines: list[_Line], pages: int) -> list[_Line]:
    """Drop page numbers and what stands at the top or the bottom of page after page."""
    margins = _margin_lines(lines)
    seen = Counter(_DIGITS.sub("0", lines[at].text) for at in margins)
    often = max(3, pages * 2 // 5)
    return [
        line
        for at, line in enumerate(lines)
        if at not in margins
        or not (seen[_DIGITS.sub("0", line.text)] >= often or _PAGE_NUMBER.match(line.text))
    ]


def _margin_lines(lines: list[_Line]) -> set[int]:
    """Indices of each page's first two and last two lines."""
    edges: dict[int, list[int]] = {}
    for at, line in enumerate(lines):
        edges.setdefault(line.page, []).append(at)
    return {at for page in edges.values() for at in page[:2] + page[-2:]}


def _blocks(lines: list[_Line]) -> list[Block]:
    if not lines:
        return []
    height = median(line.height for line in lines)
    right = sorted(line.right for line in lines)[len(lines) * 9 // 10]
    left = min(line.left for line in lines)
    gaps = [a.bottom - b.bottom for a, b in pairwise(lines) if a.page == b.page]
    leading = median(gap for gap in gaps if gap > 0) if any(gap > 0 for gap in gaps) else height
    short = left + (right - left) * 0.8
    groups = [[lines[0]]]
    for before, line in pairwise(lines):
        if _continues(before, line, leading, short) or _same_heading(before, line, height):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [block for group in groups if (block := _block(group, height)) is not None]


def _continues(before: _Line, line: _Line, leading: float, short: float) -> bool:
    if marker(line.text) is not None or abs(before.height - line.height) > 0.1 * before.height:
        return False
    if before.page != line.page:
        return line.text[0].islower() or (before.right >= short and before.text[-1] not in ".!?:;")
    gap = before.bottom - line.bottom
    return gap <= 1.5 * leading and (before.right >= short or line.text[0].islower())


def _same_heading(before: _Line, line: _Line, height: float) -> bool:
    """Tell whether a heading that is broken by hand goes on: set as large, and as close."""
    return (
        before.page == line.page
        and min(before.height, line.height) > _LARGE * height
        and abs(before.height - line.height) <= 0.05 * before.height
        and 0 < before.bottom - line.bottom <= 1.25 * line.height
        and before.text[-1] not in ".!?:"
        and marker(line.text) is None
    )


def _block(group: list[_Line], height: float) -> Block | None:
    text = group[0].text
    for line in group[1:]:
        cut = _HYPHENATED.sub("", text)
        text = cut + line.text if cut != text and line.text[0].islower() else f"{text} {line.text}"
    text = clean(text)
    if not any(map(str.isalnum, text)):
        return None
    words = len(text.split())
    item = marker(text)
    bulleted = item is not None and item[0] is None
    large = group[0].height > _LARGE * height and words <= 30
    shouted = text.isupper() and len(text) > 3 and words <= 15
    if (large or shouted) and not bulleted:
        level = 1 if group[0].height > 1.5 * height else 2
        return Block(Kind.HEADING, text, level, words=words)
    if item is not None:
        return Block(Kind.ITEM, item[1], 0, item[0], words=words)
    return Block(Kind.PARAGRAPH, text, words=words)
