"""A page cut by hand-written CSS selectors, where the normalizer would choose other parts of it.

The selectors are those of Open Terms Archive's declarations
(https://docs.opentermsarchive.org/contributing-terms/#css-selectors): an element, or a range
between two elements, of which each end lies before or after its element.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from crawler.errors import SelectorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from selectolax.lexbor import LexborNode

#: Stand where a range begins and ends until the tree is text again; no page's own text has them.
_BEGIN, _FINISH = "\ufdd0", "\ufdd1"
_OWN = re.compile(f"[{_BEGIN}{_FINISH}]")
#: Never removed, whatever a selector such as ``*`` takes in.
_FRAME = ("html", "head", "body", "title", "base")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """All that stands between two elements, found by a CSS selector each (the first it matches).

    ``after_start``: it begins behind that element, not before it; ``after_end``: it takes the last
    element in.
    """

    start: str
    end: str
    after_start: bool = False
    after_end: bool = False

    def __str__(self) -> str:
        begins = "after" if self.after_start else "before"
        finishes = "after" if self.after_end else "before"
        return f"{begins} {self.start} to {finishes} {self.end}"


Selector = str | Range


def check_selector(selector: Selector) -> None:
    """Raises SelectorError where a selector is no CSS, and names it."""
    empty = LexborHTMLParser("<p>")
    for css in (selector.start, selector.end) if isinstance(selector, Range) else (selector,):
        _find(empty, css)


def cut(source: str, select: Sequence[Selector], remove: Sequence[Selector]) -> str | None:
    """A page's source without what is removed and, where something is to be selected, with that
    alone, in the order of the selectors; None where nothing of it is there.

    Raises:
        SelectorError: a selector is no CSS.
    """
    tree = LexborHTMLParser(_OWN.sub("", source))
    for selector in remove:
        if isinstance(selector, Range):
            tree = LexborHTMLParser(_without_range(tree, selector))
        else:
            for node in _outermost(n for n in _find(tree, selector) if n.tag not in _FRAME):
                node.decompose()
    if not select:
        return tree.html or ""
    parts: list[str] = []
    for selector in select:
        if isinstance(selector, Range):
            parts += _range(tree, selector)
        else:
            parts += _elements(_outermost(_find(tree, selector)))
    if not parts:
        return None
    language = (tree.root.attributes.get("lang") if tree.root else None) or ""
    head = tree.head.html if tree.head else ""
    return f'<html lang="{escape(language)}">{head}<body>{"".join(parts)}</body></html>'


def _find(tree: LexborHTMLParser, css: str) -> list[LexborNode]:
    try:
        return tree.css(css)
    except SelectolaxError as error:
        raise SelectorError(f"not a CSS selector: {css!r}") from error


def _outermost(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    """The elements that stand in no other of them, in document order."""
    found: dict[int, LexborNode] = {}
    for node in nodes:
        if not any(ancestor.mem_id in found for ancestor in _ancestors(node)):
            found[node.mem_id] = node
    return list(found.values())


def _ancestors(node: LexborNode) -> list[LexborNode]:
    """The elements around an element, the innermost first, up to the body."""
    around: list[LexborNode] = []
    parent = node.parent
    while parent is not None and parent.tag not in ("html", "body", "-undef"):
        around.append(parent)
        parent = parent.parent
    return around


def _opened(around: Iterable[LexborNode]) -> str:
    """The start tags of the elements around something; a list's item needs its list."""
    return "".join(map(_start_tag, reversed(list(around))))


def _start_tag(node: LexborNode) -> str:
    shown = (f' {name}="{escape(value or "")}"' for name, value in node.attributes.items())
    return f"<{node.tag}{''.join(shown)}>"


def _closed(around: Iterable[LexborNode]) -> str:
    return "".join(f"</{node.tag}>" for node in around)


def _elements(nodes: Iterable[LexborNode]) -> list[str]:
    """The source of elements; those of one parent stay together, as a table's rows must."""
    found: list[str] = []
    for _, siblings in groupby(nodes, key=lambda node: node.parent and node.parent.mem_id):
        together = list(siblings)
        around = _ancestors(together[0])
        html = "".join(node.html or "" for node in together)
        found.append(f"{_opened(around)}{html}{_closed(around)}")
    return found


def _ends(tree: LexborHTMLParser, wanted: Range) -> tuple[LexborNode, LexborNode] | None:
    found = [_find(tree, css)[:1] for css in (wanted.start, wanted.end)]
    return (found[0][0], found[1][0]) if all(found) else None


def _marked(
    tree: LexborHTMLParser, ends: tuple[LexborNode, LexborNode], wanted: Range
) -> list[str]:
    """The page's source before, within and behind a range; a range that ends before it begins is
    none, and all of the page is before it."""
    first, last = ends
    (first.insert_after if wanted.after_start else first.insert_before)(_BEGIN)
    (last.insert_after if wanted.after_end else last.insert_before)(_FINISH)
    html = tree.html or ""
    begin, finish = html.find(_BEGIN), html.find(_FINISH)
    if begin > finish:
        return [_OWN.sub("", html), "", ""]
    return [html[:begin], html[begin + 1 : finish], html[finish + 1 :]]


def _range(tree: LexborHTMLParser, wanted: Range) -> list[str]:
    """The source of a range, whole elements around its ends, as DOM's ``Range.cloneContents``."""
    ends = _ends(tree, wanted)
    if ends is None:
        return []
    # A copy is marked: the marks would stand in the way of the selectors that follow.
    copy = LexborHTMLParser(tree.html or "")
    own = _ends(copy, wanted)
    if own is None:
        return []
    before, last = _ancestors(own[0]), _ancestors(own[1])
    _, within, _ = _marked(copy, own, wanted)
    return [f"{_opened(before)}{within}{_closed(last)}"] if within else []


def _without_range(tree: LexborHTMLParser, unwanted: Range) -> str:
    """The page's source without a range, as DOM's ``Range.deleteContents`` leaves it."""
    ends = _ends(tree, unwanted)
    if ends is None:
        return tree.html or ""
    first, last = _ancestors(ends[0]), _ancestors(ends[1])
    shared = {node.mem_id for node in first} & {node.mem_id for node in last}
    before, within, behind = _marked(tree, ends, unwanted)
    if not within:
        return before + behind
    closed = _closed(node for node in first if node.mem_id not in shared)
    opened = _opened([node for node in last if node.mem_id not in shared])
    return f"{before}{closed}{opened}{behind}"
