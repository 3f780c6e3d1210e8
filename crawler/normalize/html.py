"""HTML to typed blocks: parse with lexbor, serialize, and walk the tags in one loop.

A walk over the parsed tree costs a Python object for every node. Instead the repaired tree is
serialized by lexbor again, inline tags are struck out by one regular expression, and only the tags
that separate blocks reach Python. The serialization is well-formed by construction (every element
closed, text and attribute values escaped), which is what makes reading it by expression safe.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from crawler.normalize.blocks import Block, Container, Kind, Page, attribute
from crawler.normalize.inline import LINE, clean, lines, link, marker
from crawler.normalize.source import prepare
from crawler.normalize.tables import fold_table

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LABEL = 60

_WITHOUT_TEXT = (
    "script|style|template|noscript|svg|iframe|frame|object|embed|video|audio|canvas|map|select|"
    "textarea|datalist|math|head"
)
_INLINE = (
    "span|b|strong|em|i|u|font|small|big|sup|sub|abbr|acronym|cite|code|kbd|samp|var|dfn|mark|ins|s|"
    "strike|tt|q|time|bdi|bdo|data|label|wbr|img|nobr|ruby|rb|rp|rt|picture|source|area|col|colgroup|"
    "tbody|thead|tfoot|param|track|link|meta|output|meter|progress"
)
_ATTRIBUTES = r'(?:[^>=]++|="[^"]*+"|=)*+'
_STRUCK = re.compile(rf"</?(?:{_INLINE})(?=[\s>]){_ATTRIBUTES}>|<!--.*?-->", re.DOTALL)
_TOKEN = re.compile(rf"<(/?)([a-zA-Z][^\s>]*)({_ATTRIBUTES})>([^<]*)")
_NO_TARGET = re.compile(r"javascript:|[^?#]*/cdn-cgi/l/email-protection", re.IGNORECASE)
_TOGGLE = re.compile(r"aria-expanded|aria-controls|accordion|collaps|toggle|tab", re.IGNORECASE)
_UNSAFE = str.maketrans(
    {" ": "%20", "(": "%28", ")": "%29", "\n": None, "\t": None, "\r": None, LINE: None}
)


def read_html(text: str, url: str | None) -> Page:
    """Parse a page and walk it once.

    Raises:
        NormalizeError: it has more tags or deeper nesting than any page that people read.
    """
    text = prepare(text)
    tree = LexborHTMLParser(text)
    title = tree.css_first("title")
    root = tree.root
    base = tree.css_first("base[href]")
    home = urljoin(url or "", (base.attributes.get("href") or "").strip()) if base else url
    language = (root.attributes.get("lang") if root else None) or None
    heading = clean(title.text()) if title else ""
    tree.strip_tags(_WITHOUT_TEXT.split("|"))
    markup = _STRUCK.sub("", tree.html or "")
    walk = _walked(markup, home or "", url or "")
    return Page(
        walk.blocks, walk.containers, walk.controls, walk.anchors, heading or None, language
    )


# Half of a series' captures differ from the last in scripts and inline tags alone.
@lru_cache(maxsize=2)
def _walked(markup: str, base: str, url: str) -> _Walk:
    walk = _Walk(base, url)
    walk.run(markup)
    return walk


class _Walk:
    """The state of the one loop: what is open, and the text since the last block."""

    def __init__(self, base: str, url: str) -> None:
        self.base, self.url = base, url.partition("#")[0]
        self.blocks: list[Block] = []
        self.containers: list[Container] = []
        self.controls: list[tuple[int, str]] = []
        self.anchors: dict[str, int] = {}
        self._open: list[int] = []
        self._parts: list[str] = []
        self._heading = 0
        self._lists: list[list[int | None]] = []
        self._item: tuple[int, int | None] | None = None
        self._href: str | None = None
        self._link_from = 0
        self._words_linked = self._links = 0
        self._tables: list[list[list[tuple[int, int]]]] = []
        self._button = -1
        self._pre = 0
        self._targets: dict[str, str | None] = {}

    def run(self, markup: str) -> None:
        starts, ends, parts = _STARTS, _ENDS, self._parts
        for slash, tag, attributes, text in _TOKEN.findall(markup):
            handler = (ends if slash else starts).get(tag)
            if handler is not None:
                handler(self, tag, attributes)
            if text:
                parts.append(text)
        self._flush()
        while self._open:
            self.close("", "")

    # blocks

    def _flush(self) -> None:
        parts = self._parts
        if self._href is not None:
            self._close_link()
        if not parts:
            return
        text = "".join(parts)
        parts.clear()
        self._link_from = 0
        if text.isspace():
            return
        for line, marked in _read_lines(text, keep=self._pre > 0):
            self._emit(line, marked)
        self._words_linked = self._links = 0

    def _emit(self, line: str, marked: tuple[int | None, str] | None) -> None:
        kind, level, number = Kind.PARAGRAPH, 0, None
        if self._heading:
            kind, level = Kind.HEADING, self._heading
        else:
            if self._item is not None:
                kind, (level, number) = Kind.ITEM, self._item
                self._item = None
            elif marked is not None:
                kind, level = Kind.ITEM, len(self._lists)
            if marked is not None:
                number, line = marked[0] if marked[0] is not None else number, marked[1]
        words = len(line.split())
        linked = min(words, self._words_linked)
        self.blocks.append(Block(kind, line, level, number, False, words, linked, self._links))
        self._words_linked = self._links = 0

    def separate(self, _tag: str, _attributes: str) -> None:
        self._flush()

    def line(self, _tag: str, _attributes: str) -> None:
        self._parts.append(LINE)

    def open_heading(self, tag: str, attributes: str) -> None:
        self._flush()
        self._heading = int(tag[1])
        if anchor := attribute(attributes, "id"):
            self.anchors[anchor] = len(self.blocks)

    def close_heading(self, _tag: str, _attributes: str) -> None:
        self._flush()
        self._heading = 0

    def open_pre(self, _tag: str, _attributes: str) -> None:
        self._flush()
        self._pre += 1

    def close_pre(self, _tag: str, _attributes: str) -> None:
        self._flush()
        self._pre -= 1

    # containers, lists, tables

    def container(self, tag: str, attributes: str) -> None:
        self._flush()
        parent = self._open[-1] if self._open else -1
        self._open.append(len(self.containers))
        self.containers.append(Container(tag, attributes, len(self.blocks), -1, parent))

    def close(self, _tag: str, _attributes: str) -> None:
        self._flush()
        if self._open:
            index = self._open.pop()
            self.containers[index] = self.containers[index]._replace(end=len(self.blocks))

    def open_list(self, tag: str, attributes: str) -> None:
        self.container(tag, attributes)
        start = _number(attribute(attributes, "start")) if tag == "ol" else None
        self._lists.append([(1 if start is None else start) if tag == "ol" else None])

    def close_list(self, tag: str, attributes: str) -> None:
        self.close(tag, attributes)
        if self._lists:
            self._lists.pop()

    def open_item(self, tag: str, attributes: str) -> None:
        self.container(tag, attributes)
        number = None
        if self._lists:
            counter = self._lists[-1]
            number = counter[0]
            if number is not None:
                value = _number(attribute(attributes, "value"))
                number = number if value is None else value
                counter[0] = number + 1
        self._item = (max(0, len(self._lists) - 1), number)

    def close_item(self, tag: str, attributes: str) -> None:
        self.close(tag, attributes)
        self._item = None

    def open_table(self, tag: str, attributes: str) -> None:
        self.container(tag, attributes)
        self._tables.append([])

    def close_table(self, tag: str, attributes: str) -> None:
        self._flush()
        rows = self._tables.pop() if self._tables else []
        index = self._open[-1]
        first = self.containers[index].first
        nested = any(c.tag == "table" for c in self.containers[index + 1 :])
        folded = None if nested else fold_table(self.blocks, rows)
        if folded is not None:
            del self.blocks[first:], self.containers[index + 1 :]
            self.blocks.extend(folded)
            self.controls = [(min(at, index), label) for at, label in self.controls]
        self.close(tag, attributes)

    def open_row(self, _tag: str, _attributes: str) -> None:
        self._flush()
        if self._tables:
            self._tables[-1].append([])

    def open_cell(self, tag: str, attributes: str) -> None:
        self.container(tag, attributes)
        if self._tables and self._tables[-1]:
            self._tables[-1][-1].append((len(self.blocks), -1))

    def close_cell(self, tag: str, attributes: str) -> None:
        self.close(tag, attributes)
        if self._tables and self._tables[-1] and self._tables[-1][-1]:
            row = self._tables[-1][-1]
            row[-1] = (row[-1][0], len(self.blocks))

    # inline

    def open_link(self, _tag: str, attributes: str) -> None:
        if self._href is not None:
            self._close_link()
        self._href = attribute(attributes, "href") or ""
        self._link_from = len(self._parts)

    def end_link(self, _tag: str, _attributes: str) -> None:
        if self._href is not None:
            self._close_link()

    def _close_link(self) -> None:
        raw, self._href = self._href or "", None
        text = "".join(self._parts[self._link_from :])
        if not text or text.isspace():
            return
        target = self._target(raw)
        if target is None:
            if len(text) < MAX_LABEL:
                self._control(text)
            return
        local = _leads_nowhere_else(target, self.url)
        if not local:
            self._words_linked += len(text.split())
            self._links += 1
        elif self._heading:
            return
        self._parts[self._link_from :] = [link(text, target)]

    def _target(self, raw: str) -> str | None:
        if raw not in self._targets:
            self._targets[raw] = _absolute(raw, self.base)
        return self._targets[raw]

    def open_button(self, _tag: str, attributes: str) -> None:
        kept = self._heading or self._button >= 0 or _TOGGLE.search(attributes)
        self._button = -1 if kept else len(self._parts)
        if kept and not self._heading:
            self._flush()

    def close_button(self, _tag: str, _attributes: str) -> None:
        if self._button < 0:
            if not self._heading:
                self._flush()
            return
        label = clean("".join(self._parts[self._button :]))
        del self._parts[self._button :]
        self._button = -1
        self._control(label)

    def _control(self, label: str) -> None:
        self.controls.append((self._open[-1] if self._open else -1, label))

    def field(self, _tag: str, _attributes: str) -> None:
        self._control("")


# The captures of a series, and the menus of a page, say the same again.
@lru_cache(maxsize=8192)
def _read_lines(text: str, *, keep: bool) -> tuple[tuple[str, tuple[int | None, str] | None], ...]:
    """The lines of a block's text, each with what marks it as a list item."""
    return tuple((line, marker(line)) for line in lines(text, keep=keep))


def _leads_nowhere_else(target: str, url: str) -> bool:
    if target.startswith(("mailto:", "tel:")):
        return True
    return "#" in target and target.partition("#")[0] in ("", url)


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


def _absolute(raw: str, base: str) -> str | None:
    target = raw.strip()
    if not target or target == "#" or _NO_TARGET.match(target):
        return None
    if not target.startswith(("https://", "http://", "mailto:", "tel:")) and base:
        try:
            target = urljoin(base, target)
        except ValueError:
            return None
    return target.translate(_UNSAFE)


_Handler: TypeAlias = "Callable[[_Walk, str, str], None]"


def _handlers(table: dict[str, _Handler]) -> dict[str, _Handler]:
    return {tag: handler for tags, handler in table.items() for tag in tags.split()}


_CONTAINERS = (
    "html body div section main article nav header footer aside form fieldset dialog details "
    "figure center blockquote dl dd dt address hgroup menu search caption ul ol table li td th"
)
_STARTS = _handlers(
    {
        _CONTAINERS: _Walk.container,
        "p summary legend figcaption hr optgroup option frameset": _Walk.separate,
        "h1 h2 h3 h4 h5 h6": _Walk.open_heading,
        "pre xmp listing plaintext": _Walk.open_pre,
        "ul ol menu dir": _Walk.open_list,
        "li": _Walk.open_item,
        "table": _Walk.open_table,
        "tr": _Walk.open_row,
        "td th": _Walk.open_cell,
        "br": _Walk.line,
        "a": _Walk.open_link,
        "button": _Walk.open_button,
        "input": _Walk.field,
    }
)
_ENDS = _handlers(
    {
        _CONTAINERS: _Walk.close,
        "p summary legend figcaption tr": _Walk.separate,
        "h1 h2 h3 h4 h5 h6": _Walk.close_heading,
        "pre xmp listing plaintext": _Walk.close_pre,
        "ul ol menu dir": _Walk.close_list,
        "li": _Walk.close_item,
        "table": _Walk.close_table,
        "td th": _Walk.close_cell,
        "a": _Walk.end_link,
        "button": _Walk.close_button,
    }
)
