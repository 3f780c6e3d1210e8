"""The text inside a block: whitespace, invisible characters, links, and what marks a list item."""

from __future__ import annotations

import re
import unicodedata

#: Stands for a line break inside a block until its text is split; no parser lets a NUL through.
LINE = "\x00"

#: Taking marks out of a line brings others together; no text that people wrote needs three passes.
MAX_PASSES = 8

_INVISIBLE = re.compile(
    "[\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|(?<![\u0300-\U0010ffff])[\u200c\u200d]"
)
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1b\x7f-\x9f]")
_ESCAPED = re.compile(r"(?<!\\)\\++([!-/:-@\[\]^-`{-~])")
_EMPTY_LINK = re.compile(r"(?<!!)\[\]\([^()\s]*\)")
# A joiner that stood behind the mark joins nothing once the mark is gone.
_MARK = re.compile(
    r"(?:(?:[-*+–·∙○□o]\s|[•●▪■◦‣⁃➢➤✓✔\uf0a7\uf0b7])[\s\u200c\u200d]*"
    r"|(\d{1,9})[.)]\s[\s\u200c\u200d]*)(?=\S)"
)
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
    for _ in range(MAX_PASSES):
        bare = _bare(text)
        if bare == text:
            break
        text = bare
    return text


def _bare(text: str) -> str:
    """A line without what nobody sees; taking it out may bring more of it together."""
    marked = "\\" in text or "**" in text or "[](" in text
    if not marked and text.isprintable():
        return text
    bare = _CONTROL.sub("", _INVISIBLE.sub("", text))
    if marked:
        bare = _EMPTY_LINK.sub("", _ESCAPED.sub(r"\1", bare).replace("**", ""))
    return unicodedata.normalize("NFC", " ".join(bare.split()))


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
    found = _without_marks(line, len(line))
    if found is None or _says_something(found[1]):
        return found
    # Nothing but marks says something: the last of those is the item's text.
    last = max((at for at, character in enumerate(line) if character.isalnum()), default=0)
    return _without_marks(line, last)


def _without_marks(line: str, limit: int) -> tuple[int | None, str] | None:
    """The last number and what follows the marks that end before ``limit``, None without any."""
    number, end = None, 0
    while (mark := _MARK.match(line, end)) is not None and mark.end() <= limit:
        number, end = (int(mark[1]) if mark[1] else number), mark.end()
    return (number, line[end:]) if end else None


def escape(line: str) -> str:
    """A paragraph's line so that no reader of Markdown takes its first characters for a mark."""
    return f"\\{line}" if _BLOCK_MARK.match(line) else line
