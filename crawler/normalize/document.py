"""A capture's body as a Document: the policy's text as canonical Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from crawler.errors import NormalizeError
from crawler.normalize.charset import decode_to_utf8, unpack
from crawler.normalize.html import Source, read_html, read_source, source_of
from crawler.normalize.language import detect_language
from crawler.normalize.markdown import read_markdown, write_markdown
from crawler.normalize.memory import Latest
from crawler.normalize.pdf import read_pdf
from crawler.normalize.region import select
from crawler.normalize.selectors import cut
from crawler.normalize.source import prepare
from storage.records import Document

if TYPE_CHECKING:
    from crawler.normalize.blocks import Block
    from crawler.overrides import Override

#: The version of the normalizer; bumped whenever the same body may give another text.
NORMALIZER = "3"

NOTHING_FOUND = "nothing found here, and so read without: "
"""How a document's note begins where a rule by hand had nothing to select or remove."""

#: Characters of pages and their documents that are held, against the next capture of the same.
MEMORY = 24 * 1024 * 1024
_memory: Latest[tuple[Source, str | None], Document] = Latest(MEMORY)

BINARY_SAMPLE = 16_384
BINARY_SHARE = 0.04
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")
# Any of these has one byte, at the least, that is none of those.
_TEXT = bytes({*range(32, 256), *b"\t\n\f\r\x1b"} - {0x7F, 0xC2, 0xEF})

_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|title|meta|link|script|style|div|p|h[1-6]|table|tr|td|span|section|"
    r"article|main|header|footer|nav|form|a|b|strong|em|font|center|ul|ol|li|dl|br|hr|img|pre)"
    r"(?=[\s/>])",
    re.IGNORECASE,
)


def normalize(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str | None = None,
    override: Override | None = None,
) -> Document:
    """Clean a body: HTML, PDF, plain text or Markdown, told apart by what it holds.

    ``content_type`` is the transport's header; ``url`` resolves links, and its fragment chooses
    among several documents on one page. ``override`` says by hand what of an HTML page is the
    policy; where it finds nothing, the page is read as without it, and a note says so.

    Raises:
        NormalizeError: the body cannot be read (broken, scanned, too large, no text at all).
        SelectorError: a selector of ``override`` is no CSS.
    """
    url = _parsable(url)
    body = unpack(body)
    if body[:1024].lstrip()[:5] == b"%PDF-":
        blocks, title = read_pdf(body)
        return _document(blocks, title=title)
    media = (content_type or "").partition(";")[0].strip().lower()
    text, body = decode_to_utf8(body, content_type)
    _refuse_binary(text)
    if "\x00" in text:
        text, body = text.replace("\x00", ""), body.replace(b"\x00", b"")
    if media in ("text/markdown", "text/x-markdown") or not _is_html(media, text):
        return _document(read_markdown(text))
    if override is not None:
        return _by_hand(text, url, override)
    return _by_rules(body, url)


def _by_rules(page: bytes, url: str | None) -> Document:
    """A page in UTF-8 by what its elements and words tell."""
    source = source_of(page, url)
    document = _memory.get((source, url))
    if document is None:
        document = _read(source, url)
        text = len(document.markdown) + sum(map(len, document.surroundings))
        _memory.put((source, url), document, len(source.html) + text)
    return document


def _read(source: Source, url: str | None) -> Document:
    page = read_source(source, url)
    chosen = select(page, unquote(urlsplit(url or "").fragment))
    return _document(
        [page.blocks[at] for at in chosen.inside],
        title=page.title,
        hint=page.language,
        surroundings=tuple(page.blocks[at].text for at in chosen.outside),
        notes=tuple(chosen.notes),
    )


def _by_hand(text: str, url: str | None, override: Override) -> Document:
    """What the selectors leave of a page: all of what they select, else the normalizer's choice."""
    source = cut(prepare(text), override.select, override.remove)
    if source is not None and not override.select:
        return _noted(_by_rules(source.encode(), url), f"by hand: {override}")
    page = None if source is None else read_html(source, url)
    if page is None or not page.blocks:
        note = f"{NOTHING_FOUND}{override}"
        return _noted(_by_rules(text.encode("utf-8", "replace"), url), note)
    selected = {block.text for block in page.blocks}
    return _document(
        page.blocks,
        title=page.title,
        hint=page.language,
        surroundings=tuple(
            block.text for block in read_html(text, url).blocks if block.text not in selected
        ),
        notes=(f"by hand: {override}",),
    )


def _noted(document: Document, note: str) -> Document:
    return replace(document, notes=(note, *document.notes))


def _parsable(url: str | None) -> str | None:
    """An address that no parser takes (an index may hold any) resolves no links."""
    try:
        urljoin(url or "", "/")
    except ValueError:
        return None
    return url


def _refuse_binary(text: str) -> None:
    """Tell an image, an archive or noise from text, whatever its headers call it.

    Bytes that stand in no text (those of https://mimesniff.spec.whatwg.org/#binary-data-byte) and
    what no charset could decode are far rarer in the worst of real pages than in anything packed.
    """
    start = text[:BINARY_SAMPLE]
    if len(start.encode("utf-8", "replace").translate(None, _TEXT)) <= BINARY_SHARE * len(start):
        return
    if len(_NO_TEXT.findall(start)) > BINARY_SHARE * len(start):
        raise NormalizeError("not a text: an image, an archive or other binary data")


def _is_html(media: str, text: str) -> bool:
    return (media != "text/plain" or "<html" in text[:2048].lower()) and bool(_MARKUP.search(text))


def _document(
    blocks: list[Block],
    *,
    title: str | None = None,
    hint: str | None = None,
    surroundings: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Document:
    markdown = write_markdown(blocks)
    _refuse_binary(markdown)
    return Document(
        markdown=markdown,
        title=title,
        language=detect_language(markdown, hint),
        surroundings=surroundings,
        notes=notes,
    )
