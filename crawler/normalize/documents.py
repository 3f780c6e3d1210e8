"""Several documents on one page: told apart by their titles, chosen by the URL's fragment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crawler.normalize.blocks import Kind, attribute
from crawler.normalize.phrases import DOCUMENT_TITLE

if TYPE_CHECKING:
    from crawler.normalize.blocks import Page

#: A part of a page with fewer words than this is a section, not a document.
MIN_DOCUMENT_WORDS = 300

_NAMES = ("id", "aria-labelledby", "name")


class Part(NamedTuple):
    """One document of a page: its title and the indices of its blocks."""

    title: str
    blocks: list[int]


def split_documents(page: Page, inside: list[int]) -> list[Part]:
    """The documents that a page's text consists of: one, unless several titles of documents stand
    on one level, each over a text of its own."""
    headings = [at for at in inside if page.blocks[at].kind is Kind.HEADING]
    titles = [at for at in headings if _is_title(page.blocks[at].text)]
    for level in (1, 2):
        on_level = [at for at in titles if page.blocks[at].level == level]
        if len(on_level) < 2:
            continue
        stops = [at for at in headings if page.blocks[at].level <= level]
        parts = [_part(page, inside, at, stops) for at in on_level]
        parts = [part for part in parts if _words(page, part) >= MIN_DOCUMENT_WORDS]
        covered = sum(_words(page, part) for part in parts)
        total = sum(page.blocks[at].words for at in inside)
        if len(parts) > 1 and covered * 2 > total:
            return parts
    return []


def _is_title(text: str) -> bool:
    return len(text.split()) <= 8 and DOCUMENT_TITLE.search(text) is not None


def _part(page: Page, inside: list[int], first: int, stops: list[int]) -> Part:
    end = min((at for at in stops if at > first), default=inside[-1] + 1)
    return Part(page.blocks[first].text, [at for at in inside if first <= at < end])


def _words(page: Page, part: Part) -> int:
    return sum(page.blocks[at].words for at in part.blocks)


def choose_document(page: Page, parts: list[Part], fragment: str) -> Part | None:
    """The part that a URL's fragment points at or into, None where it points at none."""
    if not fragment:
        return None
    at = page.anchors.get(fragment)
    if at is None:
        for container in page.containers:
            if fragment in (attribute(container.attributes, name) for name in _NAMES):
                at = container.first
                break
    if at is None:
        return None
    return next((p for p in parts if p.blocks[0] <= at <= p.blocks[-1]), None)
