"""A page's source beside the last capture's: what of its reduction need not be done again.

Captures of one page differ in a handful of their thousands of pieces, mostly at the same places. A
piece that differs leaves what it left before if it plays the same role: then so does the page.
"""

from __future__ import annotations

import re
from enum import IntEnum
from itertools import compress
from operator import ne
from typing import TYPE_CHECKING, NamedTuple

from crawler.normalize.tags import hidden_address

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOK = b"\0"
"""Left by a piece that must be looked at with those after it; no source holds a NUL."""
RAW = re.compile(rb"(script|style|noscript)(?=[\s/>])|!--", re.IGNORECASE)
NAMED_END = {
    name: re.compile(rb"/" + name + rb"(?![\w\x80-\xff])", re.IGNORECASE)
    for name in (b"script", b"style", b"noscript")
}
_COMMENT_END = re.compile(rb"--!?>")


def comment_end(piece: bytes, start: int) -> re.Match[bytes] | None:
    """Where a comment ends, at ``start`` or behind it."""
    return _COMMENT_END.search(piece, start)


class Role(IntEnum):
    """What a piece is to those around it."""

    PLAIN = 0  # leaves the same wherever it stands
    FIXED = 1  # begins or ends something in a way that only the same piece surely does
    RAW = 2  # begins a script or the like
    COMMENT = 3  # begins a comment that a later piece ends
    WHOLE_COMMENT = 4
    IN_COMMENT = 5
    IN_SCRIPT = 6
    IN_STYLE = 7
    IN_NOSCRIPT = 8
    ADDRESS = 9  # is hidden from robots; the end of its element follows

    @staticmethod
    def inside(name: bytes) -> Role:
        """The role of what stands in a script or the like."""
        return _INSIDE[name.lower()]


_INSIDE = {b"script": Role.IN_SCRIPT, b"style": Role.IN_STYLE, b"noscript": Role.IN_NOSCRIPT}
_ENDS = {role: NAMED_END[name] for name, role in _INSIDE.items()}


class Trace(NamedTuple):
    """A source's pieces (what stood between two ``<``), what each left and its role, and what is
    left of the whole; ``spaced`` if it was read as a page in which every space counts."""

    pieces: list[bytes]
    left: list[bytes]
    roles: bytes
    reduced: bytes
    spaced: bool

    @staticmethod
    def of(pieces: list[bytes], left: list[bytes], roles: bytes, *, spaced: bool) -> Trace | None:
        """The trace of a source; None where its images leave room for doubt."""
        reduced = b"".join(left)
        # What follows an image that is never closed is text or not by the tags that are struck out.
        for image in (b"svg", b"math"):
            if reduced.count(b"<" + image) != reduced.count(b"</" + image):
                return None
        return Trace(pieces, left, roles, reduced.replace(b"<svg></svg>", b""), spaced)

    def retrace(self, pieces: list[bytes], known: Mapping[bytes, bytes]) -> Trace | None:
        """The trace of another source whose pieces play the same roles; None where one does not.

        ``known``: what a piece leaves that leaves the same wherever it stands, else ``LOOK``.
        """
        if len(pieces) != len(self.pieces):
            return None
        left = None
        for at in compress(range(len(pieces)), map(ne, pieces, self.pieces)):
            role = Role(self.roles[at])
            if role == Role.ADDRESS:
                same_element = pieces[at][:2] == self.pieces[at][:2]
                now = hidden_address(pieces[at]) if same_element else None
            elif role == Role.PLAIN:
                now = known[pieces[at]]
            else:
                now = self.left[at] if _still(role, self.pieces[at], pieces[at]) else None
            if now == self.left[at]:
                continue
            # A space before a script decides on the one behind it.
            if now is None or now is LOOK or self._starts_raw(at + 1):
                return None
            left = left or self.left.copy()
            left[at] = now
        if left is None:
            return self._replace(pieces=pieces)
        return Trace.of(pieces, left, self.roles, spaced=self.spaced)

    def _starts_raw(self, at: int) -> bool:
        return self.roles[at : at + 1] in _RAW_STARTS


_RAW_STARTS = tuple(bytes((role,)) for role in (Role.RAW, Role.COMMENT, Role.WHOLE_COMMENT))


def _still(role: Role, old: bytes, new: bytes) -> bool:
    """Whether a piece plays the role that another played, and leaves the same."""
    if role == Role.IN_COMMENT:
        return comment_end(new, 0) is None
    if role in _ENDS:
        return _ENDS[role].match(new) is None
    if role == Role.RAW:
        begun, begins = RAW.match(old), RAW.match(new)
        return begun is not None and begins is not None and _name(begun) == _name(begins)
    if role == Role.FIXED or not new.startswith(b"!--"):
        return False
    ended, ends = comment_end(old, 3), comment_end(new, 3)
    if ended is None or ends is None:
        return ended is ends
    return old[ended.end() :] == new[ends.end() :]


def _name(raw: re.Match[bytes]) -> bytes:
    return (raw[1] or b"").lower()
