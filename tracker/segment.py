"""Policy text, cut into the units that are diffed: headings, paragraphs, list items, table rows.

Any text is taken: the canonical Markdown of this project, the Markdown of other archives (setext
headings, padded list markers, hard breaks), plain text with one line a paragraph or wrapped at a
column. The segments tile it: joining every ``source`` gives the text back to the letter.

What is diffed is kept apart from what is classified: an item is one segment, while its ``context``
carries the sentence that leads into the list (OPP-115's annotators saw both as one).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from tracker.markup import plain

SEGMENTER = "1"

CONTEXT_WORDS = 120
_HEADING_CHARACTERS = 80
_HEADING_WORDS = 12
_WRAP_COLUMNS = range(60, 126)
_DEEPEST = 8

_EOL = r"(?:\r\n?|\n)"
_LEADING = re.compile(rf"(?:[^\S\r\n]*{_EOL})*")
_LINE = re.compile(rf"([^\r\n]+)((?:{_EOL}(?:[^\S\r\n]*{_EOL})*(?:[^\S\r\n]+\Z)?)?)")
_ONE_EOL = frozenset(("\n", "\r\n", "\r"))

_ATX = re.compile(r"(#{1,6})(?:\s|$)")
_RULE = re.compile(r"([*_=-])(?:[ \t]*\1)+\s*$")
_UNDERLINE = re.compile(r"=+$|-{2,}$")
_BULLET = re.compile(r"[*+-]\s|[•●○◦▪■□‣·►➢➤➔]")
_ORDERED = re.compile(r"\d{1,3}[.)]\s|\(?(?:[a-z]|[ivx]{2,4}|\d{1,2})\)\s")
_NUMBERED = re.compile(r"\d{1,3}[.)]\s")
_HTML_ONLY = re.compile(r"(?:<[^<>]*>\s*)+$")
_WORDLIKE = re.compile(r"\w")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_BULLETS = frozenset("*+-•●○◦▪■□‣·►➢➤➔")
_RULES = frozenset("*_=-")


class Kind(StrEnum):
    """What a segment is on the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    OTHER = "other"


@dataclass(frozen=True, init=False)
class Segment:
    """One unit of a policy text.

    ``level`` is 1–6 for a marked heading, 0 for one known only by its shape, the depth of an item
    from 1, else 0. ``under`` is the nearest heading above (None for a heading itself), ``opens``
    marks the first segment below it, ``lead`` is what an item hangs on: the paragraph before its
    list, or its parent item. Without slots, so that texts are worked out only when asked for: most
    segments of a diff never are.
    """

    source: str
    kind: Kind
    level: int = 0
    under: Segment | None = field(default=None, compare=False, repr=False)
    opens: bool = field(default=False, compare=False)
    lead: Segment | None = field(default=None, compare=False, repr=False)

    def __init__(
        self,
        *,
        source: str,
        kind: Kind,
        level: int = 0,
        under: Segment | None = None,
        opens: bool = False,
        lead: Segment | None = None,
    ) -> None:
        # At once: field by field, as a frozen dataclass does it, took a fifth of segmentation.
        vars(self).update(
            source=source, kind=kind, level=level, under=under, opens=opens, lead=lead
        )

    @cached_property
    def text(self) -> str:
        """The words without markup, link targets and escapes, whitespace collapsed."""
        return plain(self.source, item=self.kind is Kind.ITEM)

    @property
    def heading(self) -> str:
        """The text of the nearest heading above, "" where there is none and for headings."""
        return self.under.text if self.under else ""

    @cached_property
    def context(self) -> str:
        """What a classifier should read, about 120 words at most besides the segment's own.

        A heading stands before its first paragraph, a lead-in before its item. A heading itself
        has none: it is read with the paragraph that it opens.
        """
        if self.kind is Kind.HEADING:
            return ""
        before = self.lead.context if self.lead else self.heading if self.opens else ""
        if not before or not self.text:
            return self.text
        room = CONTEXT_WORDS - len(self.text.split())
        return f"{_last_words(before, room)} {self.text}".lstrip()


def _last_words(text: str, count: int) -> str:
    words = text.split()
    return " ".join(words[-count:] if count < len(words) else words) if count > 0 else ""


def segment(markdown: str) -> tuple[Segment, ...]:
    """Cut a text into segments that tile it: ``"".join(s.source for s in segments) == markdown``.

    Blank lines belong to the segment before them (at the start, to the first). Empty text gives no
    segment; text of white space only, one of kind ``other``. Takes any string, raises nothing.
    """
    if not markdown:
        return ()
    leading = _LEADING.match(markdown)
    start = leading.end() if leading else 0
    if not markdown[start:].strip():
        return (Segment(source=markdown, kind=Kind.OTHER),)
    return tuple(_Assembly(markdown[:start], _LINE.findall(markdown, start)).segments())


class _Assembly:
    """Puts the lines of one text together to segments, keeping track of headings and lists."""

    def __init__(self, leading: str, lines: list[tuple[str, str]]) -> None:
        self.leading = leading
        self.lines = lines
        self.heading: Segment | None = None
        self.opens = False
        self.paragraph: Segment | None = None
        self.parents: list[tuple[int, Segment]] = []
        self.run_end = 0
        self.column = 0

    def segments(self) -> list[Segment]:
        done: list[Segment] = []
        position, count = 0, len(self.lines)
        source = self.leading
        while position < count:
            line, blank = self.lines[position]
            body = line.lstrip()
            kind, level = _kind(body)
            end = position + 1
            if kind is Kind.PARAGRAPH or kind is Kind.ITEM:
                kind, level, end = self._block(position, kind, body)
            if end == position + 1:
                source += line + blank
            else:
                source += "".join(map("".join, self.lines[position:end]))
            done.append(self._place(source, kind, level, len(line) - len(body)))
            source = ""
            position = end
        return done

    def _block(self, position: int, kind: Kind, body: str) -> tuple[Kind, int, int]:
        """The kind and level of what starts on a text line, and the line after its last."""
        blank = self.lines[position][1]
        end = position + 1
        if blank in _ONE_EOL and end < len(self.lines):
            following = self.lines[end][0].strip()
            if following[0] in "=-" and _UNDERLINE.match(following):
                return Kind.HEADING, 1 if following[0] == "=" else 2, end + 1
            end = self._wrapped(position, kind)
        if (
            end == position + 1
            and len(body) <= 2 * _HEADING_CHARACTERS
            and end < len(self.lines)
            and (kind is Kind.PARAGRAPH or self._numbered(body, end))
            and _like_heading(body, self.lines[end][0].strip())
        ):
            return Kind.HEADING, 0, end
        return kind, 0, end

    def _numbered(self, body: str, following: int) -> bool:
        """Whether a numbered line stands apart from any list, before a paragraph."""
        if self.parents or not _NUMBERED.match(body):
            return False
        return _kind(self.lines[following][0].lstrip())[0] is Kind.PARAGRAPH

    def _wrapped(self, position: int, kind: Kind) -> int:
        """The line after the last that is only the wrapped rest of the one at ``position``.

        In text wrapped at a column the next line's first word would not have fitted on this one.
        Lines of an item that are indented beyond its marker belong to it.
        """
        if position >= self.run_end:
            self._find_run(position)
        line = self.lines[position][0]
        indent = len(line) - len(line.lstrip())
        end = position + 1
        while end < self.run_end:
            last, line = line.rstrip(), self.lines[end][0]
            body = line.lstrip()
            if _kind(body)[0] is not Kind.PARAGRAPH:
                break
            fits = len(last) + 1 + len(body.split(None, 1)[0]) <= self.column
            inside = kind is Kind.ITEM and len(line) - len(body) > indent
            if fits and not inside:
                break
            end += 1
        return end

    def _find_run(self, start: int) -> None:
        """Note where the lines without a blank between them end, and the column they wrap at."""
        end = start + 1
        while end < len(self.lines) and self.lines[end - 1][1] in _ONE_EOL:
            end += 1
        column = max(len(line.rstrip()) for line, _ in self.lines[start:end])
        wraps = column in _WRAP_COLUMNS and end - start > 2
        self.run_end, self.column = end, column if wraps else sys.maxsize

    def _place(self, source: str, kind: Kind, level: int, indent: int) -> Segment:
        """Make the segment and note what it means for those below it."""
        lead = None
        if kind is Kind.ITEM:
            while self.parents and self.parents[-1][0] >= indent:
                self.parents.pop()
            del self.parents[_DEEPEST - 1 :]
            lead = self.parents[-1][1] if self.parents else self.paragraph
            level = len(self.parents) + 1
        made = Segment(
            source=source,
            kind=kind,
            level=level,
            under=None if kind is Kind.HEADING else self.heading,
            opens=self.opens,
            lead=lead,
        )
        if kind is Kind.ITEM:
            self.parents.append((indent, made))
            self.opens = False
        elif kind is Kind.HEADING:
            if _WORDLIKE.search(source):
                self.heading, self.opens = made, True
            self.paragraph, self.parents = None, []
        elif kind is not Kind.OTHER:
            self.opens = False
            self.parents = [parent for parent in self.parents if parent[0] < indent]
            self.paragraph = made if kind is Kind.PARAGRAPH else None
        return made


def _kind(body: str) -> tuple[Kind, int]:
    """The kind of a line by its first characters, and a marked heading's level."""
    first = body[0]
    if first.isalpha():
        return (Kind.ITEM if body[1:2] == ")" and _ORDERED.match(body) else Kind.PARAGRAPH), 0
    if first == "#" and (marks := _ATX.match(body)):
        return Kind.HEADING, len(marks[1])
    if first in _RULES and _RULE.match(body):
        return Kind.OTHER, 0
    if first in _BULLETS and _BULLET.match(body):
        return Kind.ITEM, 0
    if first == "|":
        return Kind.ROW, 0
    if first == "<" and _HTML_ONLY.match(body):
        return Kind.OTHER, 0
    if (first.isdigit() or first == "(") and _ORDERED.match(body):
        return Kind.ITEM, 0
    return Kind.PARAGRAPH, 0


def _like_heading(body: str, following: str) -> bool:
    """Whether an unmarked line has a heading's shape: short, unfinished, before longer text."""
    if len(following) <= len(body):
        return False
    if body.rstrip()[-1] in ".,;:!…" or not (
        len(following) > _HEADING_CHARACTERS or following[-1] in ".:;"
    ):
        return False
    text = plain(body)
    if not 2 < len(text) <= _HEADING_CHARACTERS or text[-1] in ".,;:!…":
        return False
    if len(text.split()) > _HEADING_WORDS or ": " in text or _YEAR.search(text):
        return False
    starts = text.lstrip("0123456789.()§“\"' ")
    return bool(starts) and starts[0].isalpha() and not starts[0].islower()
