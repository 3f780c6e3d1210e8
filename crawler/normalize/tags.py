"""What a start or end tag leaves once all that nothing reads is struck out of it."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

from crawler.normalize.chrome import telling
from crawler.normalize.elements import CONTAINERS, KEPT
from crawler.normalize.phrases import MAIN_ROLES, ROLES, TOGGLE
from crawler.normalize.runs import leads_somewhere
from crawler.normalize.source import decode_email

# A tag and its attributes as https://html.spec.whatwg.org/#tokenization takes them apart.
_NAME = r"[a-zA-Z][a-zA-Z0-9:_.-]*+(?=[ \t\n\f\r/>])"
_VALUE = r"[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r\"'>][^ \t\n\f\r>]*+)"
_ATTRIBUTE = rf"[ \t\n\f\r/]*+([^ \t\n\f\r/>=]++)({_VALUE})?+"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAIL = rf"(?:{_ATTRIBUTE})*+[ \t\n\f\r/]*+>"
START = re.compile(rf"({_NAME}){_TAIL}".encode())
"""A start tag without its ``<``."""
END = re.compile(rf"/({_NAME})[ \t\n\f\r]*+>".encode())
"""An end tag without its ``<``."""
_NAMED = re.compile(rb"[a-zA-Z][a-zA-Z0-9:_.-]*+")
_NO_ELEMENT = r"![dD][oO][cC][tT][yY][pP][eE]\b[^>]*+>|(?:!\[(?!CDATA)|\?)[^>]*+>"
_ADDRESS = re.compile(
    rb"(?:a|span)\b[^<>]*\bdata-cfemail=\"([0-9a-fA-F]+)\"[^<>]*>[^<]*$", re.IGNORECASE
)
TAG = re.compile(rf"{_NAME}{_TAIL}|/{_NAME}[ \t\n\f\r]*+>|{_NO_ELEMENT}".encode())
"""Any tag that is taken apart in one way only, without its ``<``."""

PLAIN = frozenset(("title", "textarea", "iframe", "xmp", "noembed", "noframes", "plaintext"))
"""Elements of HTML inside which a ``<`` is text; inside their namesakes in SVG it is not."""
# These may close themselves, as they may stand in an image or a formula.
_FOREIGN = frozenset(
    {"svg", "math", "title", "desc", "foreignobject", "annotation-xml"}
    | {"mi", "mo", "mn", "ms", "mtext"}
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_READ = {
    "a": {"href"},
    "base": {"href"},
    "html": {"lang"},
    "ol": {"start"},
    "li": {"value"},
    "input": {"type"},
    "annotation-xml": {"encoding"},
}
_TELLING = {"class", "id", "role"}
_ANCHORS = {"id", "name", "aria-labelledby"}


def reduced_tag(tag: bytes, *, anchored: bool) -> bytes | None:
    """What is left of a tag, which ``TAG`` matches, without its brackets; None in doubt.

    ``anchored``: an element may be asked for by its name (a fragment of the page's URL).
    """
    if tag[:1] in b"!?":
        return b"<" + tag + b">" if tag[1:2] in b"dD" else b""
    named = _NAMED.search(tag)
    name = "" if named is None else named[0].lower().decode()
    if name not in KEPT:
        return b""
    if tag[:1] == b"/":
        return f"</{name}>".encode()
    if name in PLAIN:
        return None
    attributes = ""
    if name == "button":
        attributes = _toggle(tag[len(name) :].decode())
    elif read := _read(name, anchored):
        attributes = _attributes(tag[len(name) :].decode(), read, anchored)
    # The serialized page would show a "<" in a value as it is.
    if "&" in attributes and "<" in unescape(attributes):
        return None
    slash = " /" if name in _FOREIGN and tag.endswith(b"/") else ""
    return f"<{name}{attributes}{slash}>".encode()


def hidden_address(piece: bytes) -> bytes | None:
    """What is left of a start tag and the text behind it that hide an address from robots."""
    found = _ADDRESS.match(piece)
    return decode_email(found[1].decode()).encode() if found and START.match(piece) else None


@cache
def _read(tag: str, anchored: bool) -> frozenset[str]:
    """The attributes that the walk, or a rule after it, asks for."""
    read = _READ.get(tag, set())
    if tag in CONTAINERS:
        read = read | _TELLING
    if anchored and (tag in CONTAINERS or tag in _HEADINGS):
        read = read | _ANCHORS
    return frozenset(read)


def _toggle(source: str) -> str:
    found = TOGGLE.search(unescape(source))
    return f" {found[0].lower()}" if found else ""


def _attributes(source: str, read: frozenset[str], anchored: bool) -> str:
    lowered = source.lower()
    if not any(name in lowered for name in read):
        return ""
    given: dict[str, str] = {}
    for written, value in _ATTRIBUTES.findall(source):
        name = written.lower()
        if name in read:
            given.setdefault(name, value)
    return "".join([_attribute(name, value, anchored) for name, value in given.items()])


def _attribute(name: str, value: str, anchored: bool) -> str:
    given = value.lstrip(" \t\n\f\r=")
    text = unescape(given.strip("\"'"))
    if name == "class" or (name == "id" and not anchored):
        told = telling(name, text)
        return f' {name}="{told}"' if told else ""
    if name == "role":
        return f' role="{text}"' if text in ROLES or text in MAIN_ROLES else ""
    if name == "href" and not leads_somewhere(text):
        return ""
    # Of two spaces in a row one is dropped.
    return f" {name}={given.replace('  ', ' &#32;')}" if given else f" {name}"
