"""HTML to typed blocks: parse what is left of the source with lexbor, serialize, walk the tags.

A walk over the parsed tree would cost a Python object for every node. Instead the repaired tree is
serialized by lexbor again, and only the tags that part blocks reach Python.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from crawler.normalize.blocks import Page
from crawler.normalize.elements import WITHOUT_TEXT
from crawler.normalize.inline import clean
from crawler.normalize.reduction import NOTHING, reduce
from crawler.normalize.rewalk import walk_page
from crawler.normalize.runs import ATTRIBUTES
from crawler.normalize.source import prepare, refuse_bombs

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(rf"</?[a-zA-Z]{ATTRIBUTES}>")


def read_html(text: str, url: str | None) -> Page:
    """Parse a page and walk it once.

    Raises:
        NormalizeError: it has more tags or deeper nesting than any page that people read.
    """
    return read_source(source_of(text.encode("utf-8", "replace"), url), url)


class Source(NamedTuple):
    """What of a page its reading depends on, besides its URL; ``strict`` if all tags are plain."""

    html: bytes
    strict: bool


def source_of(body: bytes, url: str | None) -> Source:
    """Strike out of a page in UTF-8 what nothing reads.

    Raises:
        NormalizeError: it has more tags or deeper nesting than any page that people read.
    """
    reduced = reduce(body, anchored="#" in (url or ""), page=url)
    if reduced is None:
        return Source(prepare(body.decode("utf-8", "replace")).encode(), strict=False)
    refuse_bombs(reduced)
    return Source(reduced, strict=True)


class _Parsed(NamedTuple):
    """A page as lexbor repairs it, without what shows no text, serialized again."""

    markup: str
    title: str
    base: str
    language: str | None


def read_source(source: Source, url: str | None) -> Page:
    """Parse what ``source_of`` gave, and walk it once."""
    # The tree is gone before the walk begins: it takes as much memory.
    parsed = _parse(source, url)
    walk = walk_page(parsed.markup, parsed.base, url or "")
    return Page(
        walk.blocks,
        walk.containers(),
        walk.controls,
        walk.anchors,
        parsed.title or None,
        parsed.language,
    )


def _parse(source: Source, url: str | None) -> _Parsed:
    tree = LexborHTMLParser(source.html)
    title = tree.css_first("title")
    heading = clean(title.text()) if title else ""
    root, base = tree.root, tree.css_first("base[href]")
    home = urljoin(url or "", (base.attributes.get("href") or "").strip()) if base else url
    language = (root.attributes.get("lang") if root else None) or None
    tree.strip_tags(WITHOUT_TEXT)
    markup = (tree.html or "").replace(NOTHING, "")
    if not source.strict:
        markup = _TAG.sub(_without_angles, _COMMENT.sub("", markup))
    return _Parsed(markup, heading, home or "", language)


def _without_angles(tag: re.Match[str]) -> str:
    """A tag in whose name and values no ``<`` begins another."""
    return f"<{tag[0][1:].replace('<', '&lt;')}"
