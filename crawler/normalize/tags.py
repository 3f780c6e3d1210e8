"""What a start or end tag leaves once all that nothing reads is struck out of it."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape

from crawler.normalize.chrome import telling
from crawler.normalize.elements import CONTAINERS, KEPT
from crawler.normalize.phrases import MAIN_ROLES, ROLES, TOGGLE
from crawler.normalize.runs import leads_somewhere

# A tag and its attributes as https://html.spec.whatwg.org/#tokenization takes them apart.
_NAME = r"[a-zA-Z][a-zA-Z0-9:_.-]*+(?=[ \t\n\f\r/>])"
_VALUE = r"[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:\"[^\"]*+\"|'[^']*+'|[^ \t\n\f\r\"'>][^ \t\n\f\r>]*+)"
_ATTRIBUTE = rf"[ \t\n\f\r/]*+([^ \t\n\f\r/>=]++)({_VALUE})?+"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
START = re.compile(rf"({_NAME})((?:{_ATTRIBUTE})*+)[ \t\n\f\r/]*+>".encode())
"""A start tag without its ``<``."""
END = re.compile(rf"/({_NAME})[ \t\n\f\r]*+>".encode())
"""An end tag without its ``<``."""
_DOCTYPE = re.compile(rb"!doctype\b[^>]*+>", re.IGNORECASE)
_BOGUS = re.compile(rb"(?:!\[(?!CDATA)|\?)[^>]*+>", re.IGNORECASE)

PLAIN = frozenset(("title", "textarea", "iframe", "xmp", "noembed", "noframes", "plaintext"))
"""Elements of HTML inside which a ``<`` is text; inside their namesakes in SVG it is not."""
# These may close themselves, as they may stand in an image or a formula.
_FOREIGN = frozenset(
    {"svg", "math", "title", "desc", "foreignobject", "annotation-xml"}
    | {"mi", "mo", "mn", "ms", "mtext"}
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_ANCHORS = frozenset(("id", "name", "aria-labelledby"))
_READ = frozenset(
    {
        ("base", "href"),
        ("html", "lang"),
        ("ol", "start"),
        ("li", "value"),
        ("input", "type"),
        ("annotation-xml", "encoding"),
    }
)


@lru_cache(maxsize=20_000)
def reduced_tag(tag: bytes, *, anchored: bool) -> bytes | None:
    """What is left of a tag, given without its brackets; None where readers may differ on it.

    ``anchored``: an element may be asked for by its name (a fragment of the page's URL).
    """
    whole = tag + b">"
    if found := START.match(whole):
        name = found[1].lower().decode()
        if name not in KEPT:
            return b""
        attributes = _attributes(name, found[2].decode(), anchored=anchored)
        # The serialized page would show a "<" in a value as it is.
        if name in PLAIN or "<" in unescape(attributes):
            return None
        slash = " /" if tag.endswith(b"/") and name in _FOREIGN else ""
        return f"<{name}{attributes}{slash}>".encode()
    if found := END.match(whole):
        name = found[1].lower().decode()
        return f"</{name}>".encode() if name in KEPT else b""
    if _DOCTYPE.match(whole):
        return b"<" + whole
    return b"" if _BOGUS.match(whole) else None


def _attributes(tag: str, source: str, *, anchored: bool) -> str:
    given: dict[str, str] = {}
    for name, value in _ATTRIBUTES.findall(source):
        given.setdefault(name.lower(), value)
    if tag == "button":
        found = TOGGLE.search(unescape(" ".join(map("".join, given.items()))))
        return f" {found[0].lower()}" if found else ""
    return "".join(_attribute(tag, *one, anchored=anchored) for one in given.items())


def _attribute(tag: str, name: str, value: str, *, anchored: bool) -> str:
    """What the walk, or a rule after it, reads of one attribute."""
    given = value.lstrip(" \t\n\f\r=")
    text = unescape(given.strip("\"'"))
    if (
        (tag, name) in _READ
        or (tag == "a" and name == "href" and leads_somewhere(text))
        or (anchored and name in _ANCHORS and (tag in CONTAINERS or tag in _HEADINGS))
    ):
        # Of two spaces in a row one is dropped.
        return f" {name}={given.replace('  ', ' &#32;')}" if given else f" {name}"
    if tag not in CONTAINERS:
        return ""
    if name == "role":
        return f' role="{text}"' if text in ROLES or text in MAIN_ROLES else ""
    told = telling(name, text) if name in ("class", "id") else ""
    return f' {name}="{told}"' if told else ""
