"""The text inside a block: whitespace, invisible characters, links, and what marks a list item."""

from __future__ import annotations

import re
import unicodedata

#: Stands for a line break inside a block until its text is split; no parser lets a NUL through.
LINE = "\x00"

_INVISIBLE = re.compile(
    "[\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|(?<![\u0300-\U0010ffff])[\u200c\u200d]"
)
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1b\x7f-\x9f]")
_ESCAPED = re.compile(r"\\+([!-/:-@\[\]^-`{-~])")
_EMPTY_LINK = re.compile(r"(?<!!)\[\]\([^()\s]*\)")
_BULLET = re.compile(r"(?:[-*+–·∙○□o]\s|[•●▪■◦‣⁃➢➤✓✔\uf0a7\uf0b7])\s*(?=\S)")
_NUMBER = re.compile(r"(\d{1,9})[.)](?:\s+|$)")
_BLOCK_MARK = re.compile(r"#{1,6}(?:\s|$)|>|\||```|~~~")
_LINES = re.compile(rf"(?:\s*{LINE}\s*)+")
_MANY_LINES = re.compile(rf"\s*{LINE}\s*{LINE}\s*[{LINE}\s]*")


def clean(text: str) -> str:
    """One line of text as everyone sees it: entities of a serialized page resolved, NFC, single
    spaces, nothing invisible, no Markdown emphasis or escapes."""
    if "&" in text:
        text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">")
        text = text.replace("&amp;", "&")
    return canonical(text)


def canonical(text: str) -> str:
    """The part of ``clean`` that holds for every source, and that a second pass leaves alone."""
    text = " ".join(text.split())
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = " ".join(_CONTROL.sub("", _INVISIBLE.sub("", text)).split())
    if "**" in text:
        text = " ".join(text.replace("**", "").split())
    if "\\" in text:
        text = _ESCAPED.sub(r"\1", text)
    if "[](" in text:
        text = " ".join(_EMPTY_LINK.sub("", text).split())
    return text


def link(text: str, target: str) -> str:
    """Inline Markdown of a link, its outer spaces outside; text with brackets stays mere text."""
    inner = text.replace(LINE, " ").strip()
    if "[" in inner or "]" in inner:
        return text
    before = text[: len(text) - len(text.lstrip())]
    after = text[len(text.rstrip()) :]
    return f"{before}[{' '.join(inner.split())}]({target}){after}"


def lines(text: str, *, keep: bool = False) -> list[str]:
    """A block's text, cut into the paragraphs that its line breaks make of it.

    Two breaks in a row end a paragraph; so does one before a bullet or a number, and every one
    where ``keep`` is set (preformatted text).
    """
    if LINE not in text:
        line = clean(text)
        return [line] if _says_something(line) else []
    found: list[list[str]] = []
    for paragraph in [text] if keep else _MANY_LINES.split(text):
        start = True
        for piece in _LINES.split(paragraph):
            line = clean(piece)
            if not line:
                continue
            if start or keep or marker(line) is not None:
                found.append([line])
            else:
                found[-1].append(line)
            start = False
    joined = map(" ".join, found)
    return [line for line in joined if _says_something(line)]


def _says_something(line: str) -> bool:
    return any(map(str.isalnum, line))


def marker(line: str) -> tuple[int | None, str] | None:
    """A list item's number (None for a bullet) and text, or None where the line is no item."""
    number: int | None = None
    rest, found = line, False
    while True:
        if bullet := _BULLET.match(rest):
            rest, found = rest[bullet.end() :], True
        elif (counted := _NUMBER.match(rest)) and counted.end() < len(rest):
            number, rest, found = int(counted[1]), rest[counted.end() :], True
        else:
            return (number, rest) if found and _says_something(rest) else None


def escape(line: str) -> str:
    """A paragraph's line so that no reader of Markdown takes its first characters for a mark."""
    return f"\\{line}" if _BLOCK_MARK.match(line) else line
