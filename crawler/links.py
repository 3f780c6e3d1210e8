"""The links of an archived page as a visitor sees them; what they mean is for link_ranking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A page is read to these bounds whatever it holds; footers stand at the end, so both ends count.
_MAX_BYTES: Final = 4_000_000
_MAX_LINKS: Final = 20_000
_MAX_KEPT: Final = 400
_MAX_ANCESTORS: Final = 30
_MAX_TEXT: Final = 300
_MAX_ADDRESS: Final = 2_000

_META_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,30})", re.IGNORECASE
)
_HEADER_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w-]{2,30})", re.IGNORECASE)
_REFRESH: Final = re.compile(
    r"^\s*(\d+)[\d.]*\s*[;,]\s*(?:url\s*=)?\s*['\"]?\s*([^'\"]+)", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
# An HTML parser walks up the open elements at each start tag, so its time is the square of the
# depth (142 s for 200,000 nested divs); beyond this depth only the tags that matter are parsed.
_MAX_DEPTH: Final = 1_500
_NESTING: Final = re.compile(
    rb"</?(?!/|!|p\b|li\b|t[dhr]\b|d[dt]\b|option\b|a\b|br\b|hr\b|img\b|input\b|meta\b|link\b|area\b"
    rb"|base\b|col\b|source\b|wbr\b|embed\b|param\b|track\b|path\b|use\b)[a-z]",
    re.IGNORECASE,
)
_NOT_FOR_LINKS: Final = re.compile(
    rb"</?(?!(?:a|base|meta|img|link|area)\b)[a-z][^<>]*>", re.IGNORECASE
)
_BLOCKS: Final = re.compile(
    r"p|li|t[dh]|d[dt]|div|section|footer|header|nav|aside|center|blockquote|form|label"
)
_SMALL_PRINT: Final = re.compile(r"all|rights|reserved|copyright|inc|ltd|llc|gmbh|the|of|by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link. ``named_in_prose``: it stands inside a sentence, as a reCAPTCHA notice's do."""

    url: str
    text: str
    rel: str = ""
    in_footer: bool = False
    named_in_prose: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """What a page refers to; ``refresh`` is where its meta refresh leads at once, if anywhere."""

    links: tuple[Link, ...]
    headings: tuple[str, ...]
    refresh: str | None = None


def decode(body: bytes, content_type: str | None = None) -> str:
    """A body as text by its declared charset, else UTF-8; what cannot be read is U+FFFD."""
    declared = [m[1] for m in [_HEADER_CHARSET.search(content_type or "")] if m]
    declared += [m[1].decode("ascii") for m in [_META_CHARSET.search(body[:4096])] if m]
    for charset in declared:
        try:
            return body.decode(charset, errors="replace")
        except LookupError:
            continue
    return body.decode("utf-8", errors="replace")


def page_links(
    body: bytes,
    url: str,
    content_type: str | None = None,
    *,
    telling: Callable[[str, str, str], bool],
) -> PageLinks:
    """The web links of an HTML page, in source order; bounded in size, depth and number.

    ``url`` is the page's original URL, against which relative links are read (or its ``<base>``).
    ``telling(text, url, rel)`` says which links to keep: looking round a link costs more than
    reading it.
    """
    if len(body) > _MAX_BYTES:
        body = body[: _MAX_BYTES // 2] + b" " + body[-_MAX_BYTES // 2 :]
    if _nests_deeply(body):
        body = _NOT_FOR_LINKS.sub(b" ", body)
    tree = LexborHTMLParser(decode(body, content_type))
    base = _base(tree, url)
    nodes = tree.css("a[href], area[href], link[rel=privacy-policy][href]")
    if len(nodes) > _MAX_LINKS:
        nodes = nodes[: _MAX_LINKS // 2] + nodes[-_MAX_LINKS // 2 :]
    links = tuple(islice(_links(nodes, base, telling), _MAX_KEPT))
    headings = tuple(_text(node) for node in tree.css("h1, h2, h3")[:500])
    return PageLinks(links=links, headings=headings, refresh=_refresh(tree, base))


def _nests_deeply(body: bytes) -> bool:
    depth = 0
    for tag in _NESTING.finditer(body):
        depth = max(0, depth - 1) if tag[0].startswith(b"</") else depth + 1
        if depth > _MAX_DEPTH:
            return True
    return False


def _links(
    nodes: list[LexborNode], base: str, telling: Callable[[str, str, str], bool]
) -> Iterator[Link]:
    sentences: dict[int, bool] = {}
    for node in nodes:
        reference = (node.attributes.get("href") or "")[:_MAX_ADDRESS].strip()
        target = _resolve(reference, base)
        text, rel = _label(node), (node.attributes.get("rel") or "").lower()
        if target is None or not telling(text, target, rel):
            continue
        in_footer, in_prose = _surroundings(node, sentences)
        yield Link(
            url=target,
            text=text,
            rel=rel,
            in_footer=in_footer,
            named_in_prose=in_prose,
        )


def _base(tree: LexborHTMLParser, url: str) -> str:
    node = tree.css_first("base[href]")
    return (node and _resolve(node.attributes.get("href") or "", url)) or url


def _resolve(reference: str, base: str) -> str | None:
    if not reference or reference.lower().startswith(("javascript:", "mailto:", "tel:", "data:")):
        return None
    try:
        return canonical(reference, base)
    except ValueError:
        return None


def _refresh(tree: LexborHTMLParser, base: str) -> str | None:
    for node in tree.css("meta[http-equiv][content]")[:50]:
        if (node.attributes.get("http-equiv") or "").lower() == "refresh":
            found = _REFRESH.match(node.attributes.get("content") or "")
            if found and int(found[1]) <= 5:
                return _resolve(found[2].strip(), base)
    return None


def _text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())[:_MAX_TEXT]


def _label(node: LexborNode) -> str:
    """The link's words; of a link without any, its image's or its own description."""
    if text := _text(node):
        return text
    described = [node.attributes.get("aria-label"), node.attributes.get("title")]
    image = node.css_first("img[alt]")
    described.append(image.attributes.get("alt") if image else None)
    described.append(node.attributes.get("alt"))
    return " ".join(next(filter(None, described), "").split())[:_MAX_TEXT]


def _surroundings(node: LexborNode, sentences: dict[int, bool]) -> tuple[bool, bool]:
    """Whether a footer holds the link, and whether it stands in a sentence (kept by block)."""
    block, ancestor, depth, in_footer = None, node.parent, 0, False
    while ancestor is not None and depth < _MAX_ANCESTORS and not in_footer:
        block = block or (ancestor if _BLOCKS.fullmatch(ancestor.tag or "") else None)
        marks = ancestor.attributes
        named = f"{marks.get('id') or ''} {marks.get('class') or ''}".lower()
        in_footer = (
            ancestor.tag == "footer" or "foot" in named or marks.get("role") == "contentinfo"
        )
        ancestor, depth = ancestor.parent, depth + 1
    if block is None:
        return in_footer, False
    if block.mem_id not in sentences:
        sentences[block.mem_id] = _reads_as_sentence(block)
    return in_footer, sentences[block.mem_id]


def _reads_as_sentence(block: LexborNode) -> bool:
    anchors = block.css("a")
    if len(anchors) > 12:
        return False
    words = _WORD.findall(_text(block))
    linked = sum(len(_WORD.findall(_text(anchor))) for anchor in anchors)
    return len([w for w in words if not _SMALL_PRINT.fullmatch(w.lower())]) - linked >= 4
