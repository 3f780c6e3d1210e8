"""A capture's body as a Document: the policy's text as canonical Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from crawler.errors import NormalizeError
from crawler.normalize.charset import decode, unpack
from crawler.normalize.html import read_html
from crawler.normalize.language import detect_language
from crawler.normalize.markdown import read_markdown, write_markdown
from crawler.normalize.pdf import read_pdf
from crawler.normalize.region import select
from storage.records import Document

if TYPE_CHECKING:
    from crawler.normalize.blocks import Block

#: The version of the normalizer; bumped whenever the same body may give another text.
NORMALIZER = "2"

BINARY_SAMPLE = 16_384
BINARY_SHARE = 0.04
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")

_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|title|meta|link|script|style|div|p|h[1-6]|table|tr|td|span|section|"
    r"article|main|header|footer|nav|form|a|b|strong|em|font|center|ul|ol|li|dl|br|hr|img|pre)"
    r"(?=[\s/>])",
    re.IGNORECASE,
)


def normalize(body: bytes, *, content_type: str | None = None, url: str | None = None) -> Document:
    """Clean a body: HTML, PDF, plain text or Markdown, told apart by what it holds.

    ``content_type`` is the transport's header; ``url`` resolves links, and its fragment chooses
    among several documents on one page.

    Raises:
        NormalizeError: the body cannot be read (broken, scanned, too large, no text at all).
    """
    url = _parsable(url)
    body = unpack(body)
    if body[:1024].lstrip()[:5] == b"%PDF-":
        blocks, title = read_pdf(body)
        return _document(blocks, title=title)
    media = (content_type or "").partition(";")[0].strip().lower()
    text = decode(body, content_type)
    _refuse_binary(text)
    text = text.replace("\x00", "")
    if media in ("text/markdown", "text/x-markdown") or not _is_html(media, text):
        return _document(read_markdown(text))
    page = read_html(text, url)
    chosen = select(page, unquote(urlsplit(url or "").fragment))
    return _document(
        [page.blocks[at] for at in chosen.inside],
        title=page.title,
        hint=page.language,
        surroundings=tuple(page.blocks[at].text for at in chosen.outside),
        notes=tuple(chosen.notes),
    )


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
