"""A capture of the sample archive as the bytes that its server would have sent.

The texts are Markdown; a skin (a Jinja template of the page's era) decides with which tags they are
written and what stands around them. Nonces, build hashes and counters derive from the capture's
time, so that every page differs in its bytes and every build of the archive is the same.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from tracker.demo.timeline import PAGES, DemoCapture, DemoSite

if TYPE_CHECKING:
    from pathlib import Path

_NOTHING = Markup()
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_SKINS = Environment(
    loader=FileSystemLoader(PAGES / "skins"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of a text; a list has ``items``, a table ``rows``, all else ``html``."""

    kind: str
    html: Markup = _NOTHING
    level: int = 0
    tag: str = ""
    items: tuple[Markup, ...] = ()
    rows: tuple[tuple[Markup, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer: status, headers in order, body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def blocks_of(markdown: str) -> tuple[Block, ...]:
    """Split a text into blocks: headings, paragraphs, flat lists and tables, in order."""
    return tuple(_block(node) for node in SyntaxTreeNode(_MARKDOWN.parse(markdown)).children)


def _block(node: SyntaxTreeNode) -> Block:
    if node.type == "heading":
        return Block(kind="heading", level=int(node.tag[1]), html=_inline(node))
    if node.type in ("bullet_list", "ordered_list"):
        items = tuple(_inline(item.children[0]) for item in node.children)
        return Block(kind="list", tag=node.tag, items=items)
    if node.type == "table":
        rows = tuple(
            tuple(_inline(cell) for cell in row.children)
            for part in node.children
            for row in part.children
        )
        return Block(kind="table", rows=rows)
    return Block(kind="paragraph", html=_inline(node))


def _inline(node: SyntaxTreeNode) -> Markup:
    # The text is our own, and what CommonMark renders of it is HTML already.
    return Markup(_MARKDOWN.renderInline(node.children[0].content))  # noqa: S704


def render(site: DemoSite, capture: DemoCapture) -> Answer:
    """Answer as the site would have at that time."""
    if capture.to is not None:
        body = f'<html><body>Moved to <a href="{capture.to}">{capture.to}</a></body></html>\n'
        headers = [("Content-Type", "text/html"), ("Location", capture.to)]
        return _answer(site, capture, headers, body.encode())
    legacy = "windows-1252" in capture.noise
    html = _html(site, capture, charset=None if legacy else "utf-8")
    headers = [("Content-Type", "text/html" if legacy else "text/html; charset=utf-8")]
    if capture.status == 503:
        headers.append(("Retry-After", "120"))
    return _answer(site, capture, headers, html.encode("cp1252" if legacy else "utf-8"))


def _answer(
    site: DemoSite, capture: DemoCapture, headers: list[tuple[str, str]], body: bytes
) -> Answer:
    date = capture.moment.strftime("%a, %d %b %Y %H:%M:%S GMT")
    cookie = f"sid={_hash(site.domain, 'sid', capture.timestamp)[:24]}; Path=/; HttpOnly"
    return Answer(
        status=capture.status,
        headers=(
            ("Date", date),
            *headers,
            ("Set-Cookie", cookie),
            ("Content-Length", str(len(body))),
        ),
        body=body,
    )


def _html(site: DemoSite, capture: DemoCapture, *, charset: str | None) -> str:
    blocks = blocks_of(_text(site, capture).read_text(encoding="utf-8"))
    nonce = _hash(site.domain, "nonce", capture.timestamp)
    address = site.address_at(capture.moment)
    template = _SKINS.get_template((capture.skin or site.skin_at(capture.moment)) + ".html")
    return template.render(
        site=site,
        page=capture.page,
        title=Markup.striptags(blocks[0].html),
        blocks=blocks,
        headings=[block.html for block in blocks if block.kind == "heading" and block.level == 2],
        menu=site.menu,
        footer=[*site.footer, (site.policy_label, address.policy)],
        noise=capture.noise,
        charset=charset,
        nonce=nonce,
        build=_hash(site.domain, "build", capture.timestamp[:6]),
        visitor=int(nonce[:5], 16),
        seconds=int(capture.moment.timestamp()),
        year=capture.moment.year,
        words=_words()[site.language],
    )


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((PAGES / "skins" / "words.toml").read_text(encoding="utf-8"))


def _text(site: DemoSite, capture: DemoCapture) -> Path:
    if capture.page == "policy":
        return site.version_at(capture.moment).text
    own = site.folder / f"{capture.page}.md"
    return own if own.exists() else PAGES / "skins" / f"{capture.page}.md"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
