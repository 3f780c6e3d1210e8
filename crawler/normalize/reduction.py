"""A page's source without all that nothing reads: what is left decides the page's document.

Captures of one page differ in scripts, nonces, build hashes and generated names far more often than
in text. The parser gets only what the rest of the normalizer reads (``elements``), so that two
captures that leave the same have the same document by construction, and what was read of one need
not be read again. Parsing a third of the bytes takes a third of the time, too.

A source is cut at every ``<``. Nearly all pieces of a page ("/div>", "p>Some text") stood on its
last capture, at the same place: only what differs is looked at (``retrace``), and what is not as it
was is looked up by its bytes, not worked out.
"""

from __future__ import annotations

import re
from functools import cache

from crawler.normalize.memory import Latest
from crawler.normalize.retrace import LOOK, NAMED_END, RAW, Role, Trace, comment_end
from crawler.normalize.source import MAX_TAG_SPACES
from crawler.normalize.tags import END, PLAIN, START, TAG, hidden_address, reduced_tag

#: How much is remembered of each kind, and how long what is remembered may be.
REMEMBERED_BYTES = 4 * 1024 * 1024
REMEMBERED_LENGTH = 8 * 1024
#: Roughly what an entry costs besides its bytes.
_ENTRY = 200

NOTHING = "<!---->"
"""Stands where it keeps two texts apart."""

_MARKUP = re.compile(rb"[a-zA-Z/!?]")
_BETWEEN = re.compile(rb"(?:link|meta|!doctype|/?head|/title)\b", re.IGNORECASE)
# Followed by what came after a tag that is gone, it could turn into another character.
_OPEN_REFERENCE = re.compile(rb"&[#\w]*$")
# Letters in disguise, as of an address that is hidden from robots.
_CODED_LETTER = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{1,4})|(\d{1,5}));")
_BLANKS = bytes.maketrans(b"\t\n\f\r", b"    ")
_MANY_BLANKS = re.compile(rb" {2,}")
_SPACED = (b"<pre>", b"<xmp>", b"<listing>", b"<plaintext>")

#: Bytes of the last captures of pages that are held, against their next.
TRACES = 8 * 1024 * 1024
_PIECE = 60  # roughly what a piece costs besides

_traces: Latest[tuple[str | None, bool], Trace] = Latest(TRACES)


def reduce(source: bytes, *, anchored: bool, page: str | None = None) -> bytes | None:
    """What is left of a page's source, both in UTF-8; None where its tags leave room for doubt.

    ``anchored``: an element may be asked for by its name (a fragment of the page's URL). ``page``
    tells whose capture it is: it is compared with the last one of the same.
    """
    pieces = source.split(b"<")
    last = _traces.get((page, anchored))
    trace = None
    if last is not None:
        trace = last.retrace(pieces, _pieces(anchored, spaced=last.spaced))
        if trace is not None and trace.reduced is not last.reduced:
            trace = trace if _is_spaced(trace.reduced) is last.spaced else None
    if trace is None:
        trace = _traced(pieces, anchored)
    if trace is None:
        return None
    _traces.put((page, anchored), trace, len(source) + _PIECE * len(pieces))
    return trace.reduced


def _is_spaced(reduced: bytes) -> bool:
    return any(tag in reduced for tag in _SPACED)


def _traced(pieces: list[bytes], anchored: bool) -> Trace | None:
    trace = _read(pieces, _pieces(anchored, spaced=False))
    if trace is not None and _is_spaced(trace.reduced):
        trace = _read(pieces, _pieces(anchored, spaced=True))
    return trace


def _read(pieces: list[bytes], known: _Pieces) -> Trace | None:
    left = list(map(known.__getitem__, pieces))
    left[0] = known.text(pieces[0])
    roles = bytearray((Role.PLAIN,)) * len(pieces)
    roles[0] = Role.FIXED
    at = 0
    while True:
        try:
            at = left.index(LOOK, at)
        except ValueError:
            return Trace.of(pieces, left, bytes(roles), spaced=known.spaced)
        if (raw := RAW.match(pieces[at])) is not None:
            end, rest = _raw_end(pieces, at, raw[1], roles)
            left[at : end + 1] = [b""] * (min(end + 1, len(pieces)) - at)
            # How many scripts stand in a row is their number of spaces.
            if end < len(pieces) and not (rest.isspace() and left[at - 1].endswith(b" ")):
                left[end] = known.text(rest)
            at = end + 1
        elif (pair := _pair(pieces, at)) is not None:
            left[at], left[at + 1] = pair[0], pair[1] + known.text(pair[2])
            roles[at] = Role.FIXED if pair[1] else Role.ADDRESS
            roles[at + 1] = Role.FIXED
            at += 2
        else:
            return None


def _raw_end(
    pieces: list[bytes], at: int, name: bytes | None, roles: bytearray
) -> tuple[int, bytes]:
    """The piece that ends a script or the like (a comment has no name), and the text behind it;
    the number of pieces where none does. Notes the roles of all these pieces."""
    roles[at] = Role.COMMENT if name is None else Role.RAW
    if name is None:
        for end in range(at, len(pieces)):
            if found := comment_end(pieces[end], 3 if end == at else 0):
                roles[end] = Role.WHOLE_COMMENT if end == at else Role.FIXED
                return end, pieces[end][found.end() :]
            roles[end] = Role.COMMENT if end == at else Role.IN_COMMENT
        return len(pieces), b""
    closing, closed = NAMED_END[name.lower()], False
    inside = Role.inside(name)
    for end in range(at + 1, len(pieces)):
        closed = closed or closing.match(pieces[end]) is not None
        roles[end] = Role.FIXED if closed else inside
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
    address = hidden_address(pieces[at])
    return None if address is None else (address, b"", following)


@cache
def _pieces(anchored: bool, *, spaced: bool) -> _Pieces:
    return _Pieces(anchored, spaced=spaced)


class _Remembered(dict[bytes, bytes]):
    """What was worked out, as long as it is small enough.

    When it is too much, what was not asked for since it last was too much is forgotten.
    """

    def __init__(self) -> None:
        super().__init__()
        self._size = 0
        self._before: dict[bytes, bytes] = {}

    def known(self, source: bytes) -> bytes | None:
        """What was kept, if it is not forgotten."""
        left = self.get(source)
        if left is None and (left := self._before.get(source)) is not None:
            self.keep(source, left)
        return left

    def keep(self, source: bytes, left: bytes) -> None:
        if len(source) > REMEMBERED_LENGTH:
            return
        self._size += len(source) + len(left) + _ENTRY
        if self._size * 2 > REMEMBERED_BYTES:
            self._before = dict(self)
            self.clear()
            self._size = 0
        self[source] = left


class _Pieces(_Remembered):
    """What each piece leaves, by what stood between two ``<``.

    ``anchored`` as for ``reduce``; ``spaced``: the page holds preformatted text, in which every
    space counts.
    """

    def __init__(self, anchored: bool, *, spaced: bool) -> None:
        super().__init__()
        self._anchored, self.spaced = anchored, spaced
        self._tags = _Remembered()

    def __missing__(self, piece: bytes) -> bytes:
        if (held := self.known(piece)) is not None:
            return held
        if RAW.match(piece):
            return LOOK
        tag, closed, text = piece.partition(b">")
        left = self._tags.known(tag) if closed else None
        left = self._unknown(piece) if left is None else left + self.text(text)
        self.keep(piece, left)
        return left

    def _unknown(self, piece: bytes) -> bytes:
        # A value may hold a ">".
        found = TAG.match(piece)
        if found is None:
            return LOOK if _MARKUP.match(piece) else b"&lt;" + self.text(piece)
        tag, text = piece[: found.end() - 1], piece[found.end() :]
        if b"data-cfemail" in tag or _has_too_much(tag):
            return LOOK
        left = reduced_tag(tag, anchored=self._anchored)
        if left is None:
            return LOOK
        if _BETWEEN.match(tag):
            return left if text.isspace() else left + self.text(text)
        if b">" not in tag:
            self._tags.keep(tag, left)
        return left + self.text(text)

    def text(self, text: bytes) -> bytes:
        """What is left of a text that may be followed by another once a tag is gone."""
        if not self.spaced:
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
