"""Runs: what stands between two tags that part blocks; text, links, line breaks, form fields.

A run gives the same blocks wherever it stands in the same way, and most of a page's runs stood on
its last capture: each is read once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin

from crawler.normalize.blocks import Block, Kind, attribute
from crawler.normalize.inline import LINE, lines, link, marker

#: The longest text of a link without a target that is a control's label.
MAX_LABEL = 60

#: The inside of a tag behind its name, as lexbor serializes it.
ATTRIBUTES = r'(?:[^>=]++|="[^"]*+"|=)*+'

_TOKEN = re.compile(rf"<(/?)([a-zA-Z][^\s>]*)({ATTRIBUTES})>([^<]*)")
_NO_TARGET = re.compile(r"javascript:|[^?#]*/cdn-cgi/l/email-protection", re.IGNORECASE)
_UNSAFE = str.maketrans(
    {" ": "%20", "(": "%28", ")": "%29", "\n": None, "\t": None, "\r": None, LINE: None}
)


class Place(NamedTuple):
    """Where a run stands: all that its blocks depend on besides itself.

    ``base`` is what links are relative to, ``url`` the page's own, without fragment. ``heading`` is
    0 outside of headings. ``item`` is the (level, number) of the list item that the run begins,
    ``lists`` how many lists are open; ``keep`` is set inside preformatted text.
    """

    base: str
    url: str
    heading: int
    item: tuple[int, int | None] | None
    lists: int
    keep: bool


class Reading(NamedTuple):
    """A run's blocks, and the labels of the controls in it ("" for a form field)."""

    blocks: tuple[Block, ...]
    labels: tuple[str, ...]


@lru_cache(maxsize=8192)
def read_run(run: str, place: Place) -> Reading:
    """Read one run of a serialized page."""
    text = _Text(place)
    text.read(run)
    blocks: list[Block] = []
    linked, links = text.linked, text.links
    for line in lines(text.text(), keep=place.keep):
        blocks.append(_block(line, place, linked, links, first=not blocks))
        linked = links = 0
    return Reading(tuple(blocks), tuple(text.labels))


def read_label(run: str) -> str:
    """The text of a run, links and all, on one line."""
    text = _Text(Place("", "", 0, None, 0, keep=False))
    text.read(run)
    return text.text()


def _block(line: str, place: Place, linked: int, links: int, *, first: bool) -> Block:
    kind, level, number = Kind.PARAGRAPH, 0, None
    if place.heading:
        kind, level = Kind.HEADING, place.heading
    else:
        marked = marker(line)
        if first and place.item is not None:
            kind, (level, number) = Kind.ITEM, place.item
        elif marked is not None:
            kind, level = Kind.ITEM, place.lists
        if marked is not None:
            number, line = marked[0] if marked[0] is not None else number, marked[1]
    words = len(line.split())
    return Block(kind, line, level, number, False, words, min(words, linked), links)


class _Text:
    """The text of a run as it grows, and the link that is open in it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._parts: list[str] = []
        self._href: str | None = None
        self._link_from = 0
        self.labels: list[str] = []
        self.linked = self.links = 0

    def text(self) -> str:
        return "".join(self._parts)

    def read(self, run: str) -> None:
        start = run.find("<")
        if start < 0:
            self._parts.append(run)
            return
        if start:
            self._parts.append(run[:start])
        for slash, tag, attributes, text in _TOKEN.findall(run, start):
            if tag == "a":
                self._close_link()
                if not slash:
                    self._href = attribute(attributes, "href") or ""
                    self._link_from = len(self._parts)
            elif tag == "br":
                self._parts.append(LINE)
            elif tag == "input":
                self.labels.append("")
            if text:
                self._parts.append(text)
        self._close_link()

    def _close_link(self) -> None:
        raw, self._href = self._href, None
        if raw is None:
            return
        text = "".join(self._parts[self._link_from :])
        if not text or text.isspace():
            return
        target = _absolute(raw, self._place.base)
        if target is None:
            if len(text) < MAX_LABEL:
                self.labels.append(text)
            return
        if not _leads_nowhere_else(target, self._place.url):
            self.linked += len(text.split())
            self.links += 1
        elif self._place.heading:
            return
        self._parts[self._link_from :] = [link(text, target)]


def _leads_nowhere_else(target: str, url: str) -> bool:
    if target.startswith(("mailto:", "tel:")):
        return True
    return "#" in target and target.partition("#")[0] in ("", url)


def leads_somewhere(href: str) -> bool:
    """Whether a link has a target; without one it is a control."""
    target = href.strip()
    return target not in ("", "#") and _NO_TARGET.match(target) is None


def _absolute(raw: str, base: str) -> str | None:
    if not leads_somewhere(raw):
        return None
    target = raw.strip()
    if not target.startswith(("https://", "http://", "mailto:", "tel:")) and base:
        try:
            target = urljoin(base, target)
        except ValueError:
            return None
    return target.translate(_UNSAFE)
