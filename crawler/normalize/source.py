"""A page's source before it is parsed: bombs refused, scripts cut out, hidden addresses shown."""

from __future__ import annotations

import re
from html import escape

from crawler.errors import NormalizeError

MAX_TAGS = 400_000
MAX_DEPTH = 2_000
#: Pages with fewer tags cannot nest deep enough to cost much.
COUNTED_TAGS = 20_000
#: Attributes are told apart in quadratic time; a space in a tag is one more, or part of a value.
MAX_TAG_SPACES = 10_000

_OPENS = re.compile(
    r"<(/?)(?!(?:br|hr|img|input|meta|link|p|li|td|th|tr|dt|dd|option|wbr|source|area|col|param|"
    r"tbody|thead|tfoot|base|body|html|head)\b)[a-z][^<>]*(?<!/)>",
    re.IGNORECASE,
)
_HIDDEN_EMAIL = re.compile(
    r"<(a|span)\b[^<>]*\bdata-cfemail=\"([0-9a-fA-F]+)\"[^<>]*>[^<]*</\1>", re.IGNORECASE
)
_RAW = re.compile(r"<(?:script|style|noscript)(?=[\s/>])|<!--", re.IGNORECASE)
_RAW_ENDS = {
    "<script": re.compile(r"</script\b[^>]*>", re.IGNORECASE),
    "<style": re.compile(r"</style\b[^>]*>", re.IGNORECASE),
    "<noscript": re.compile(r"</noscript\b[^>]*>", re.IGNORECASE),
    "<!--": re.compile(r"--!?>"),
}


def prepare(text: str) -> str:
    """The source that is left to parse.

    Raises:
        NormalizeError: it has more tags or deeper nesting than any page that people read.
    """
    text = _without_raw(text)
    _refuse_bombs(text)
    if "data-cfemail" in text:
        text = _HIDDEN_EMAIL.sub(lambda found: decode_email(found[2]), text)
    return text


def _without_raw(text: str) -> str:
    """Cut out scripts, styles, comments and what is for browsers without scripts.

    Lexbor parses as a browser without scripts does: an ``<iframe/>`` inside ``<noscript>``, which
    tag managers write, would swallow the page. Parsing less is also faster.
    """
    kept: list[str] = []
    at = 0
    while found := _RAW.search(text, at):
        kept.append(text[at : found.start()])
        end = _RAW_ENDS[found[0].lower()].search(text, found.end())
        if end is None:
            at = len(text)
            break
        at = end.end()
    kept.append(text[at:])
    return "".join(kept)


def refuse_bombs(source: bytes) -> None:
    """Refuse what would take the parser or the walk too long, of a source that was reduced.

    Raises:
        NormalizeError: it has more tags or deeper nesting than any page that people read.
    """
    if source.count(b"<") >= COUNTED_TAGS:
        _refuse_bombs(source.decode("utf-8", "replace"))


def _refuse_bombs(text: str) -> None:
    tags = text.count("<")
    if tags > MAX_TAGS:
        raise NormalizeError(f"the page has {tags} tags, more than {MAX_TAGS}")
    for piece in text.split("<"):
        if len(piece) > MAX_TAG_SPACES and piece.partition(">")[0].count(" ") > MAX_TAG_SPACES:
            raise NormalizeError(f"a tag of the page has more than {MAX_TAG_SPACES} attributes")
    if tags < COUNTED_TAGS:
        return
    depth = 0
    for closing in _OPENS.findall(text):
        depth += -1 if closing else 1
        if depth > MAX_DEPTH:
            raise NormalizeError(f"the page is nested deeper than {MAX_DEPTH} elements")


def decode_email(code: str) -> str:
    """Undo Cloudflare's address obfuscation: hex bytes, each XORed with the first."""
    data = bytes.fromhex(code[: len(code) // 2 * 2])
    return escape(bytes(byte ^ data[0] for byte in data[1:]).decode("utf-8", "replace"))
