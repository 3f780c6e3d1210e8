"""A page's source without all that nothing reads: what is left decides the page's document.

Captures of one page differ in scripts, nonces, build hashes and generated names far more often than
in text. The parser gets only what the rest of the normalizer reads (``elements``), so that two
captures that leave the same have the same document by construction, and what was read of one need
not be read again. Parsing a third of the bytes takes a third of the time, too.

A source is cut at every ``<``. Nearly all pieces of a page ("/div>", "p>Some text") stood on it
before, or on its last capture: what they leave is looked up, not worked out.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawler.normalize.chrome import is_telling
from crawler.normalize.elements import CONTAINERS, KEPT
from crawler.normalize.phrases import TOGGLE
from crawler.normalize.source import MAX_TAG_SPACES, decode_email

#: How many pieces are remembered, and how long they may be.
REMEMBERED_PIECES = 40_000
REMEMBERED_LENGTH = 600

# Stands for a piece that must be looked at with those after it; no source holds a NUL.
_LOOK = b"\0"
_RAW = re.compile(rb"(script|style|noscript)(?=[\s/>])|!--", re.IGNORECASE)
_RAW_ENDS = {
    name: re.compile(rb"/" + name + rb"(?![\w\x80-\xff])", re.IGNORECASE)
    for name in (b"script", b"style", b"noscript")
}
_COMMENT_END = re.compile(rb"--!?>")
# Inside these elements of HTML a "<" is text, inside their namesakes in SVG it is not.
_PLAIN = frozenset(("title", "textarea", "iframe", "xmp", "noembed", "noframes", "plaintext"))
_FOREIGN = frozenset(
    {"svg", "math", "title", "desc", "foreignobject", "annotation-xml"}
    | {"mi", "mo", "mn", "ms", "mtext"}
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

# A tag and its attributes as https://html.spec.whatwg.org/#tokenization takes them apart.
_NAME = r"[a-zA-Z][a-zA-Z0-9:_.-]*+(?=[ \t\n\f\r/>])"
_VALUE = r"[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r\"'>][^ \t\n\f\r>]*+)"
_ATTRIBUTE = rf"[ \t\n\f\r/]*+([^ \t\n\f\r/>=]++)({_VALUE})?+"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_START = re.compile(rf"({_NAME})((?:{_ATTRIBUTE})*+)[ \t\n\f\r/]*+>".encode())
_END = re.compile(rb"--!?>")
# Inside these elements of HTML a "<" is text, inside their namesakes in SVG it is not.
_PLAIN = frozenset(("title", "textarea", "iframe", "xmp", "noembed", "noframes", "plaintext"))
_FOREIGN = frozenset(
    {"svg", "math", "title", "desc", "foreignobject", "annotation-xml"}
    | {"mi", "mo", "mn", "ms", "mtext"}
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))

# Tags that every reader of HTML takes apart alike; a page with any other is parsed as it stands.
_NAME = r"[a-zA-Z][a-zA-Z0-9:_.-]*+"
_VALUE = r"[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r\"'=<>`]++)"
_ATTRIBUTE = rf"[ \t\n\f\r/]++([^ \t\n\f\r/>\"'=<]++)({_VALUE})?+"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_START = re.compile(rf"({_NAME})((?:{_ATTRIBUTE})*+)[ \t\n\f\r]*+(/?+)[ \t\n\f\r]*+>".encode())
_END = re.compile(rf"/({_NAME})[ \t\n\f\r]*+>".encode())
_DOCTYPE = re.compile(rb"!doctype\b[^>]*+>", re.IGNORECASE)
_BOGUS = re.compile(rb"(?:!\[(?!CDATA)|\?)[^>]*+>", re.IGNORECASE)
# A "<" in a value, which the serialized page would show as it is.
_ANGLE = re.compile(r"&(?:lt|#)", re.IGNORECASE)
_CODED_EMAIL = re.compile(
    rb"(?:a|span)\b[^<>]*\bdata-cfemail=\"([0-9a-fA-F]+)\"[^<>]*>[^<]*$", re.IGNORECASE
)
# Followed by what came after a tag that is gone, it could turn into another character.
_OPEN_REFERENCE = re.compile(rb"&[#\w]*$")
NOTHING = "<!---->"
"""Stands where it keeps two texts apart."""


def reduce(source: bytes, *, anchored: bool) -> bytes | None:
    """What is left of a page's source, both in UTF-8; None where its tags leave room for doubt.

    ``anchored``: an element may be asked for by its name (a fragment of the page's URL).
    """
    pieces = source.split(b"<")
    left = list(map(_pieces(anchored).__getitem__, pieces))
    left[0] = _text(pieces[0])
    at = 0
    while True:
        try:
            at = left.index(_LOOK, at)
        except ValueError:
            break
        end = _look(pieces, left, at)
        if end is None:
            return None
        at = end
    reduced = b"".join(left)
    # What follows an image that is never closed is text or not by the tags that are struck out.
    if any(reduced.count(b"<" + tag) != reduced.count(b"</" + tag) for tag in (b"svg", b"math")):
        return None
    return reduced


def _look(pieces: list[bytes], left: list[bytes], at: int) -> int | None:
    """Settle what is left of a piece and those that belong to it; where to go on, None in doubt."""
    piece = pieces[at]
    if raw := _RAW.match(piece):
        end, rest = _comment_end(pieces, at) if raw[1] is None else _raw_end(pieces, at, raw[1])
        left[at : end + 1] = [b""] * (end - at) + [rest]
        return end + 1
    following = pieces[at + 1] if at + 1 < len(pieces) else b""
    found, end_tag = _START.match(piece), _END.match(following)
    if found is None or end_tag is None or end_tag[1].lower() != (name := found[1].lower()):
        return None
    if name.decode() in _PLAIN:
        left[at] = b"<%b>%b" % (name, piece[found.end() :])
        return at + 2
    if coded := _CODED_EMAIL.match(piece):
        left[at : at + 2] = (
            decode_email(coded[1].decode()).encode(),
            _text(following[end_tag.end() :]),
        )
        return at + 2
    return None


def _comment_end(pieces: list[bytes], at: int) -> tuple[int, bytes]:
    start = 3
    for end in range(at, len(pieces)):
        if found := _COMMENT_END.search(pieces[end], start):
            return end, _text(pieces[end][found.end() :])
        start = 0
    return len(pieces) - 1, b""


def _raw_end(pieces: list[bytes], at: int, name: bytes) -> tuple[int, bytes]:
    closing = _RAW_ENDS[name.lower()]
    for tag in range(at + 1, len(pieces)):
        if closing.match(pieces[tag]):
            # What stands between the name and the ">" may hold a "<".
            for end in range(tag, len(pieces)):
                _, closed, rest = pieces[end].partition(b">")
                if closed:
                    return end, _text(rest)
            break
    return len(pieces) - 1, b""


def _text(text: bytes) -> bytes:
    if b"&" in text and _OPEN_REFERENCE.search(text, max(0, len(text) - 40)):
        return text + NOTHING.encode()
    return text


@cache
def _pieces(anchored: bool) -> _Pieces:
    return _Pieces(anchored)


class _Pieces(dict[bytes, bytes]):
    """What each piece leaves, by what stood between two ``<``; holds those that it was asked."""

    def __init__(self, anchored: bool) -> None:
        super().__init__()
        self._anchored = anchored

    def __missing__(self, piece: bytes) -> bytes:
        left = self._left(piece)
        if len(piece) <= REMEMBERED_LENGTH:
            if len(self) >= REMEMBERED_PIECES:
                self.clear()
            self[piece] = left
        return left

    def _left(self, piece: bytes) -> bytes:
        if _RAW.match(piece):
            return _LOOK
        tag, closed, text = piece.partition(b">")
        if not tag[:1].isalpha() and tag[:1] not in (b"/", b"!", b"?"):
            return b"&lt;" + _text(piece)
        if not closed or b"data-cfemail" in tag or tag.count(b" ") > MAX_TAG_SPACES:
            return _LOOK
        if (b'"' in tag or b"'" in tag) and tag[:1].isalpha():
            # A value may hold a ">".
            found = _START.match(piece)
            if found is None:
                return _LOOK
            tag, text = piece[: found.end() - 1], piece[found.end() :]
        left = _tag(tag, self._anchored)
        return left if left is _LOOK else left + _text(text)


@lru_cache(maxsize=20_000)
def _tag(tag: bytes, anchored: bool) -> bytes:
    """What a tag leaves, given without its brackets."""
    whole = tag + b">"
    if found := _START.match(whole):
        name = found[1].lower().decode()
        if name in _PLAIN:
            return _LOOK
        if name not in KEPT:
            return b""
        attributes = _attributes(name, found[2].decode(), anchored)
        if _ANGLE.search(attributes):
            return _LOOK
        slash = " /" if tag.endswith(b"/") and name in _FOREIGN else ""
        return f"<{name}{attributes}{slash}>".encode()
    if found := _END.match(whole):
        name = found[1].lower().decode()
        return f"</{name}>".encode() if name in KEPT else b""
    if _DOCTYPE.match(whole):
        return b"<" + whole
    return b"" if _BOGUS.match(whole) else _LOOK


def _attributes(tag: str, source: str, anchored: bool) -> str:
    given: dict[str, tuple[str, str]] = {}
    for name, value in _ATTRIBUTES.findall(source):
        given.setdefault(name.lower(), (value, f" {name}{value}"))
    return "".join(
        whole for name, (value, whole) in given.items() if _is_read(tag, name, value, anchored)
    )


def _is_read(tag: str, name: str, value: str, anchored: bool) -> bool:
    """Whether the walk, or a rule after it, asks for an attribute of an element."""
    if tag == "button":
        return "&" in value or TOGGLE.search(name + value) is not None
    if (tag, name) in _READ:
        return True
    if anchored and name in _ANCHORS and (tag in CONTAINERS or tag in _HEADINGS):
        return True
    if tag not in CONTAINERS:
        return False
    return name == "role" or (name in ("class", "id") and ("&" in value or is_telling(name, value)))


_ANCHORS = ("id", "name", "aria-labelledby")
_READ = frozenset(
    {
        ("a", "href"),
        ("base", "href"),
        ("html", "lang"),
        ("ol", "start"),
        ("li", "value"),
        ("input", "type"),
        ("annotation-xml", "encoding"),
    }
)
