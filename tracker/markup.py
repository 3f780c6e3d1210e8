"""What in a policy's Markdown is markup, and what is words.

One definition serves plain text, the identity of segments and the word diff. Scripts without
spaces give a token a character cluster; emoji sequences and combining marks stay in one piece;
numbers, dates in digits, amounts, e-mail and web addresses are one token.
"""

from __future__ import annotations

import html
import re

_TARGET = r"\([^()\n]{0,2000}(?:\([^()\n]{0,500}\)[^()\n]{0,500}){0,4}\)"
_IMAGE = rf"!\[[^\[\]\n]{{0,500}}\]{_TARGET}"
_TAG = r"<!--.{0,2000}?-->|</?[A-Za-z][A-Za-z0-9-]{0,30}(?:\s[^<>\n]{0,1000})?/?>"
_ENTITY = r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|\#\d{1,7}|\#[xX][0-9A-Fa-f]{1,6});"

_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0730-\u074a"
    "\u0900-\u0903\u093a-\u093c\u093e-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc\u09be-\u09cd"
    "\u0a01-\u0a03\u0a3c-\u0a51\u0a81-\u0a83\u0abc\u0abe-\u0acd\u0b01-\u0b03\u0b3c\u0b3e-\u0b57"
    "\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c56\u0c81-\u0c83\u0cbc\u0cbe-\u0cd6\u0d00-\u0d03\u0d3b\u0d3c"
    "\u0d3e-\u0d4d\u0dca-\u0ddf\u0e31\u0e33-\u0e3a\u0e45\u0e47-\u0e4e\u0eb1\u0eb3-\u0ebc\u0ec8-\u0ece"
    "\u0f35\u0f37\u0f39\u0f71-\u0f84\u102b-\u103e\u1056-\u1059\u135d-\u135f\u17b4-\u17d3\u180b-\u180f"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe00-\ufe0f"
    "\ufe20-\ufe2f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)
_STOPS = (
    "!-/:-@\\[-`{-~\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    "\u037e\u0387\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u0609-\u060d"
    "\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u0e2f\u0e4f\u0e5a\u0e5b\u104a-\u104f\u1360-\u1368"
    "\u17d4-\u17da\u2000-\u200b\u200e-\u206f\u20a0-\u20cf\u2100-\u214f\u2190-\u22ff\u2300-\u23ff"
    "\u2400-\u25ff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30fb\ufe10-\ufe1f"
    "\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ue000-\uf8ff\ufeff\ufff0-\ufffd"
)
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
_CLUSTERED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u3029\u3031-\u303c"
    "\u3041-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)
_W = rf"[^\s{_STOPS}{_EMOJI}{_CLUSTERED}{_MARKS}]"
_WM = rf"[^\s{_STOPS}{_EMOJI}{_CLUSTERED}]"

_WORD = rf"{_W}{_WM}*+(?:(?:['’_]|(?<=\d)[.,:/-](?=\d)){_WM}++)*+%?"
_ADDRESS = r"(?:https?://|www\.)[^\s()\[\]<>*|]*[^\s()\[\]<>*|.,;:!?\"'”’_]"
_AMOUNT = r"[$€£¥₹]\d(?:[\d.,]*\d)?"
_CLUSTER = rf"[\u0e40-\u0e44\u0ec0-\u0ec4]?(?![{_MARKS}])[{_CLUSTERED}][{_MARKS}]*+"
_PICTURE = (
    rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|[{_EMOJI}])[{_MARKS}]*+"
    rf"(?:(?<=\u200d)[{_EMOJI}][{_MARKS}]*+)*+"
)
_MARKUP = rf"\]{_TARGET}|{_IMAGE}|{_TAG}|{_ENTITY}"
_GLUE = rf"\s++[{_MARKS}]*+|{_MARKUP}|(?!{_AMOUNT})[{_STOPS}][{_MARKS}]*+|[{_MARKS}]++"

TOKEN = re.compile(
    rf"((?:{_GLUE})*+)({_ADDRESS}|{_WORD}|{_CLUSTER}|{_AMOUNT}|{_PICTURE}|\Z)", re.DOTALL
)
"""(what stands before a token, the token); at the end of a text the token is empty."""

ATOM = re.compile(
    rf"(?:{_TAG}|{_ENTITY})[{_MARKS}]*+|{_WM}+|\s++[{_MARKS}]*+|.[{_MARKS}]*+", re.DOTALL
)
"""The smallest pieces of what stands between words that a diff may tell apart."""

MARKER = re.compile(r"\s*(?:[*+-]\s+|[•●○◦▪■□‣·►➢➤➔]\s*|\d{1,3}[.)]\s+)")
"""A list item's marker, its number included: numbering is layout, not wording."""

_SPECIAL = re.compile(r"[\\\[\]*_`<|#>&=~]|\n[ \t]*--")
_LINE_MARKS = re.compile(
    r"^[ \t]*(?:\#{1,6}(?:[ \t]+|$)|>[ \t]?|[=-]{2,}[ \t]*$|\|?(?:[ \t]*:?-+:?[ \t]*\|)+[ \t:-]*$)"
    r"|[ \t]+\#+[ \t]*$",
    re.MULTILINE,
)
_LINK = re.compile(rf"\[((?:\\.|[^\[\]\\]|\[[^\[\]]{{0,500}}\])*+)\]{_TARGET}", re.DOTALL)
_PICTURES = re.compile(_IMAGE)
_INLINE = re.compile(
    rf"\\([!-/:-@\[-`{{-~])|({_ENTITY})|(\[(?=\s*+(?:\]|\Z))|\]{_TARGET})|({_TAG}|\|)"
    r"|`+|~~|\*+(?!\s)|(?<!\s)\*+|(?<!\w)_+|_+(?!\w)",
    re.DOTALL,
)


def plain(source: str, *, item: bool = False) -> str:
    """The words of a piece of Markdown: no markup, link targets, escapes; white space collapsed.

    ``item`` says that the piece is a list item, whose marker goes too.
    """
    if item and (marker := MARKER.match(source)):
        source = source[marker.end() :]
    if _SPECIAL.search(source):
        source = _LINE_MARKS.sub("", source)
        source = _PICTURES.sub("", source)
        source = _LINK.sub(r"\1", source)
        source = _INLINE.sub(_words_of, source)
    return " ".join(source.split())


def _words_of(match: re.Match[str]) -> str:
    escaped, entity, _, gap = match.groups()
    if escaped is not None:
        return escaped
    if entity is not None:
        return html.unescape(entity)
    return " " if gap else ""
