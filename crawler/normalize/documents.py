"""Several documents on one page: told apart by their titles, chosen by the URL's fragment
or, failing that, because they are on privacy."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crawler.normalize.blocks import Kind, attribute
from crawler.normalize.phrases import DOCUMENT_TITLE, PRIVACY_DOCUMENT

if TYPE_CHECKING:
    from crawler.normalize.blocks import Page
    from crawler.normalize.elements import AttributeName

#: A part of a page with fewer words than this is a section, not a document.
MIN_DOCUMENT_WORDS = 300

#: So much of a page stands under telling titles where what is on privacy is taken out of it.
MIN_NAMED = 0.9
#: A document with fewer headings, its title among them, may have its sections beside it.
MIN_HEADINGS = 3

_NAMES: tuple[AttributeName, ...] = ("id", "aria-labelledby", "name")


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


@lru_cache(maxsize=8192)
def _is_title(text: str) -> bool:
    return len(text.split()) <= 8 and DOCUMENT_TITLE.search(text) is not None


def _part(page: Page, inside: list[int], first: int, stops: list[int]) -> Part:
    after = bisect_right(stops, first)
    end = bisect_left(inside, stops[after]) if after < len(stops) else len(inside)
    return Part(page.blocks[first].text, inside[bisect_left(inside, first) : end])


def _words(page: Page, part: Part) -> int:
    return sum(page.blocks[at].words for at in part.blocks)


def choose_documents(page: Page, inside: list[int], parts: list[Part], fragment: str) -> list[Part]:
    """The part that a URL's fragment points at or into; all that is on privacy where it points at a
    privacy policy or at none; empty where the page leaves it open."""
    pointed = _pointed_at(page, parts, fragment) if fragment else None
    if pointed is not None and not _on_privacy(pointed):
        return [pointed]
    return _privacy_documents(page, inside, parts) or ([] if pointed is None else [pointed])


def _pointed_at(page: Page, parts: list[Part], fragment: str) -> Part | None:
    at = page.anchors.get(fragment)
    if at is None:
        for container in page.containers:
            if fragment in (attribute(container.attributes, name) for name in _NAMES):
                at = container.first
                break
    if at is None:
        return None
    return next((p for p in parts if p.blocks[0] <= at <= p.blocks[-1]), None)


def _privacy_documents(page: Page, inside: list[int], parts: list[Part]) -> list[Part]:
    """What of a page is on privacy, where it holds other documents as well.

    ``parts`` are its documents. Empty where that is in doubt: where none is a privacy policy or
    none is terms or the like, where a tenth of the text is under other headings, or where a
    heading above all calls the whole a privacy policy.
    """
    if not any(_on_privacy(part) for part in parts) or not any(_is_other(part) for part in parts):
        return []
    above = (page.blocks[at] for at in inside if at < parts[0].blocks[0])
    if any(b.kind is Kind.HEADING and PRIVACY_DOCUMENT.search(b.text) for b in above):
        return []
    sections = _sections(page, inside, page.blocks[parts[0].blocks[0]].level)
    named = sum(_words(page, s) for s in sections if _on_privacy(s) or _is_other(s))
    if named < MIN_NAMED * sum(page.blocks[at].words for at in inside):
        return []
    return _with_what_follows(page, sections)


def _on_privacy(part: Part) -> bool:
    return PRIVACY_DOCUMENT.search(part.title) is not None


def _is_other(part: Part) -> bool:
    return not _on_privacy(part) and DOCUMENT_TITLE.search(part.title) is not None


def _sections(page: Page, inside: list[int], level: int) -> list[Part]:
    """All that stands under the headings of a level or above it."""
    stops = [
        at
        for at in inside
        if page.blocks[at].kind is Kind.HEADING and page.blocks[at].level <= level
    ]
    return [_part(page, inside, at, stops) for at in stops]


def _with_what_follows(page: Page, sections: list[Part]) -> list[Part]:
    """The sections on privacy, each with those after it that have no telling title.

    Unless documents have headings of their own: then these sections are others of their kind.
    """
    nested = any(
        sum(page.blocks[at].kind is Kind.HEADING for at in section.blocks) >= MIN_HEADINGS
        for section in sections
        if _on_privacy(section)
    )
    chosen: list[Part] = []
    follows = False
    for section in sections:
        if _on_privacy(section) or (follows and not nested and not _is_other(section)):
            chosen.append(section)
            follows = True
        else:
            follows = False
    return chosen
