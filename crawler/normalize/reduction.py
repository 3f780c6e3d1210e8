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
from collections import Counter
from functools import cache

from crawler.normalize.source import MAX_TAG_SPACES, decode_email
from crawler.normalize.tags import END, PLAIN, START, TAG, reduced_tag

#: How much is remembered of each kind, and how long what is remembered may be.
REMEMBERED_BYTES = 4 * 1024 * 1024
REMEMBERED_LENGTH = 8 * 1024
#: Roughly what an entry costs besides its bytes.
_ENTRY = 200

NOTHING = "<!---->"
"""Stands where it keeps two texts apart."""

# Stands for a piece that must be looked at with those after it; no source holds a NUL.
_LOOK = b"\0"
_MARKUP = re.compile(rb"[a-zA-Z/!?]")
_RAW = re.compile(rb"(script|style|noscript)(?=[\s/>])|!--", re.IGNORECASE)
_RAW_ENDS = {
    name: re.compile(rb"/" + name + rb"(?![\w\x80-\xff])", re.IGNORECASE)
    for name in (b"script", b"style", b"noscript")
}
_BETWEEN = re.compile(rb"(?:link|meta|!doctype|/?head|/title)\b", re.IGNORECASE)
_COMMENT_END = re.compile(rb"--!?>")
_CODED_EMAIL = re.compile(
    rb"(?:a|span)\b[^<>]*\bdata-cfemail=\"([0-9a-fA-F]+)\"[^<>]*>[^<]*$", re.IGNORECASE
)
# Followed by what came after a tag that is gone, it could turn into another character.
_OPEN_REFERENCE = re.compile(rb"&[#\w]*$")
# Letters in disguise, as of an address that is hidden from robots.
_CODED_LETTER = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,4})|(\d{1,5}));")
_BLANKS = bytes.maketrans(b"\t\n\f\r", b"    ")
_MANY_BLANKS = re.compile(rb" {2,}")
_SPACED = re.compile(rb"<(?:pre|xmp|listing|plaintext)[ >]")
_IMAGE = re.compile(rb"<(/?(?:svg|math))[ >]")
#: Most of a page's parts are those of its last capture, whatever else changed.
_END_OF_PART = b"</div>"


def reduce(source: bytes, *, anchored: bool) -> bytes | None:
    """What is left of a page's source, both in UTF-8; None where its tags leave room for doubt.

    ``anchored``: an element may be asked for by its name (a fragment of the page's URL).
    """
    reduced = _reduced(source, _parts(anchored, spaced=False))
    if reduced is not None and _SPACED.search(reduced):
        reduced = _reduced(source, _parts(anchored, spaced=True))
    if reduced is None:
        return None
    # What follows an image that is never closed is text or not by the tags that are struck out.
    images = Counter(_IMAGE.findall(reduced))
    if images[b"svg"] != images[b"/svg"] or images[b"math"] != images[b"/math"]:
        return None
    return reduced.replace(b"<svg></svg>", b"")


def _reduced(source: bytes, known: _Parts) -> bytes | None:
    texts = source.split(_END_OF_PART)
    left = list(map(known.__getitem__, texts))
    at, whole = 0, len(texts)
    while True:
        try:
            at = left.index(_LOOK, at)
        except ValueError:
            return _END_OF_PART.join(left)
        # A script or the like goes on in the next part, or in that after it.
        end, parts = at + 1, 1
        while (part := known.read(_END_OF_PART.join(texts[at:end]), last=end >= whole)) is _LOOK:
            parts *= 2
            end = at + parts
        if part is None:
            return None
        left[at:end], texts[at:end] = [part], [b""]
        at, whole = at + 1, len(texts)


def _joined(pieces: list[bytes], known: _Pieces, *, last: bool) -> bytes | None:
    left = list(map(known.__getitem__, pieces))
    left[0] = known.text(pieces[0])
    at = 0
    while True:
        try:
            at = left.index(_LOOK, at)
        except ValueError:
            return b"".join(left)
        if (raw := _RAW.match(pieces[at])) is not None:
            end, rest = _raw_end(pieces, at, raw[1])
            if end == len(pieces):
                return b"".join(left[:at]) if last else _LOOK
            left[at : end + 1] = [b""] * (end - at + 1)
            # How many scripts stand in a row is their number of spaces.
            if not (rest.isspace() and left[at - 1].endswith(b" ")):
                left[end] = known.text(rest)
            at = end + 1
        elif (pair := _pair(pieces, at)) is not None:
            left[at], left[at + 1] = pair[0], pair[1] + known.text(pair[2])
            at += 2
        else:
            return None


def _raw_end(pieces: list[bytes], at: int, name: bytes | None) -> tuple[int, bytes]:
    """The piece that ends a script or the like (a comment has no name), and the text behind it;
    the number of pieces where none does."""
    if name is None:
        for end in range(at, len(pieces)):
            if found := _COMMENT_END.search(pieces[end], 3 if end == at else 0):
                return end, pieces[end][found.end() :]
        return len(pieces), b""
    closing, closed = _RAW_ENDS[name.lower()], False
    for end in range(at + 1, len(pieces)):
        closed = closed or closing.match(pieces[end]) is not None
        # What stands between the name and the ">" may hold a "<".
        if closed and b">" in pieces[end]:
            return end, pieces[end].partition(b">")[2]
    return len(pieces), b""


def _pair(pieces: list[bytes], at: int) -> tuple[bytes, bytes, bytes] | None:
    """What is left of an element that holds text alone: start and text, end, what follows."""
    start = START.match(pieces[at])
    end = END.match(pieces[at + 1]) if at + 1 < len(pieces) else None
    if start is None or end is None or end[1].lower() != (name := start[1].lower()):
        return None
    following = pieces[at + 1][end.end() :]
    if name.decode() in PLAIN:
        return b"<%b>%b" % (name, pieces[at][start.end() :]), b"</%b>" % name, following
    if coded := _CODED_EMAIL.match(pieces[at]):
        return decode_email(coded[1].decode()).encode(), b"", following
    return None


@cache
def _parts(anchored: bool, *, spaced: bool) -> _Parts:
    return _Parts(_Pieces(anchored, spaced=spaced))


class _Remembered(dict[bytes, bytes]):
    """What was worked out, as long as it is small enough; begins anew when it is too much."""

    def __init__(self) -> None:
        super().__init__()
        self._size = 0

    def keep(self, source: bytes, left: bytes) -> None:
        if len(source) > REMEMBERED_LENGTH:
            return
        self._size += len(source) + len(left) + _ENTRY
        if self._size > REMEMBERED_BYTES:
            self.clear()
            self._size = 0
        self[source] = left


class _Parts(_Remembered):
    """What each part of a page leaves: hundreds of parts are looked up, not thousands of pieces."""

    def __init__(self, pieces: _Pieces) -> None:
        super().__init__()
        self._pieces = pieces

    def __missing__(self, part: bytes) -> bytes:
        left = self.read(part, last=False)
        if left is None or left is _LOOK:
            return _LOOK
        self.keep(part, left)
        return left

    def read(self, part: bytes, *, last: bool) -> bytes | None:
        """What a part leaves; None in doubt, ``_LOOK`` where a script or the like goes on."""
        return _joined(part.split(b"<"), self._pieces, last=last)


class _Pieces(_Remembered):
    """What each piece leaves, by what stood between two ``<``.

    ``anchored`` as for ``reduce``; ``spaced``: the page holds preformatted text, in which every
    space counts.
    """

    def __init__(self, anchored: bool, *, spaced: bool) -> None:
        super().__init__()
        self._anchored, self._spaced = anchored, spaced
        self._tags = _Remembered()

    def __missing__(self, piece: bytes) -> bytes:
        if _RAW.match(piece):
            return _LOOK
        tag, closed, text = piece.partition(b">")
        left = self._tags.get(tag) if closed else None
        left = self._unknown(piece) if left is None else left + self.text(text)
        self.keep(piece, left)
        return left

    def _unknown(self, piece: bytes) -> bytes:
        if not _MARKUP.match(piece):
            return b"&lt;" + self.text(piece)
        # A value may hold a ">".
        found = TAG.match(piece)
        if found is None:
            return _LOOK
        tag = piece[: found.end() - 1]
        if b"data-cfemail" in tag or _has_too_much(tag):
            return _LOOK
        left = reduced_tag(tag, anchored=self._anchored)
        if left is None:
            return _LOOK
        if b">" not in tag and not _BETWEEN.match(tag):
            self._tags.keep(tag, left)
        text = piece[found.end() :]
        return left if _BETWEEN.match(tag) and text.isspace() else left + self.text(text)

    def text(self, text: bytes) -> bytes:
        """What is left of a text that may be followed by another once a tag is gone."""
        if not self._spaced:
            if text.isspace():
                return b" "
            text = text.translate(_BLANKS)
            if b"  " in text:
                text = _MANY_BLANKS.sub(b" ", text)
        if b"&" not in text:
            return text
        if b"&#" in text and b"&" not in (plain := _CODED_LETTER.sub(_letter, text)):
            return plain
        if _OPEN_REFERENCE.search(text, max(0, len(text) - 40)):
            return text + NOTHING.encode()
        return text


def _has_too_much(tag: bytes) -> bool:
    return len(tag) > MAX_TAG_SPACES and tag.count(b" ") > MAX_TAG_SPACES


def _letter(coded: re.Match[bytes]) -> bytes:
    letter = chr(int(coded[1], 16) if coded[1] else int(coded[2]))
    return letter.encode() if letter.isascii() and letter.isprintable() and letter != "<" else b"&"
