"""The words of segments, and what differs between two runs of them.

A word is compared without case and without the variant of its quotes; what stands between words
(markup, punctuation, white space) is not compared, but given exactly.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from tracker.diff.cleanup import readable
from tracker.diff.lcs import Block, common_ends, matching_blocks
from tracker.markup import ATOM, MARKER, TOKEN
from tracker.segment import Kind, Segment

if TYPE_CHECKING:
    from collections.abc import Sequence

Edit = tuple[int, str]
"""-1 (only in the old text), 0 (in both) or 1 (only in the new), and the text."""

_WORDLIKE = re.compile(r"\w").search
_CELLS = 1 << 20
_QUOTES = str.maketrans("’‘ʼ＇", "''''")


class Vocabulary(dict[str, int]):
    """Numbers for words as they are written; words that are the same get the same number."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        key = word.casefold()
        if not key.isascii():
            key = unicodedata.normalize("NFKC", key).translate(_QUOTES).casefold()
        number = self[word] = self._numbers.setdefault(key, len(self._numbers))
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a text with what stands before each, and what stands after the last."""

    before: tuple[str, ...]
    words: tuple[str, ...]
    after: str
    numbers: tuple[int, ...]


def read(segment: Segment, vocabulary: Vocabulary) -> Words:
    """Take a segment apart; joining what it holds gives ``segment.source`` back."""
    source, marker = segment.source, ""
    if segment.kind is Kind.ITEM and (found := MARKER.match(source)):
        marker, source = source[: found.end()], source[found.end() :]
    pieces = TOKEN.findall(source)
    after = ""
    while pieces and not pieces[-1][1]:
        after = pieces.pop()[0] + after
    if not pieces:
        return Words(before=(), words=(), after=marker + after, numbers=())
    before, words = zip(*pieces, strict=True)
    if marker:
        before = (marker + before[0], *before[1:])
    return Words(
        before=before,
        words=words,
        after=after,
        numbers=tuple(map(vocabulary.__getitem__, words)),
    )


def joined(parts: Sequence[Words]) -> Words:
    """The words of adjacent segments as of one."""
    if len(parts) == 1:
        return parts[0]
    before: list[str] = []
    rest = ""
    for part in parts:
        if part.before:
            before.append(rest + part.before[0])
            before.extend(part.before[1:])
            rest = part.after
        else:
            rest += part.after
    return Words(
        before=tuple(before),
        words=tuple(chain.from_iterable(part.words for part in parts)),
        after=rest,
        numbers=tuple(chain.from_iterable(part.numbers for part in parts)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WordDiff:
    """Edits of op ≤ 0 join to the old text, of op ≥ 0 to the new; the counts are of words."""

    edits: tuple[Edit, ...]
    added: int
    removed: int


def diff_words(old: Words, new: Words) -> WordDiff:
    """What differs between two texts, in runs that a person can read."""
    common = matching_blocks(old.numbers, new.numbers)
    blocks = readable(common, (old.numbers, old.before), (new.numbers, new.before))
    kept = sum(length for _, _, length in blocks)
    return WordDiff(
        edits=tuple(_edits(old, new, blocks)),
        added=len(new.words) - kept,
        removed=len(old.words) - kept,
    )


class _Edits:
    """Collects edits, each run of changes as one removal before one addition."""

    def __init__(self) -> None:
        self.done: list[Edit] = []
        self.same: list[str] = []
        self.removed: list[str] = []
        self.added: list[str] = []

    def keep(self, text: str) -> None:
        if text:
            if self.removed or self.added:
                self._close()
            self.same.append(text)

    def change(self, removed: Sequence[str], added: Sequence[str]) -> None:
        self.removed.extend(removed)
        self.added.extend(added)

    def replace(self, was: Sequence[str], now: Sequence[str]) -> None:
        """Tell what stands between two words that are kept apart.

        Both ends are shared, and in between what holds a letter: parts of a link's target stay,
        while the spaces and commas of a changed phrase change with it.
        """
        head, tail = common_ends(was, now)
        inside: list[Block] = []
        left, right = was[head : len(was) - tail], now[head : len(now) - tail]
        if len(left) * len(right) <= _CELLS:
            inside = [
                (head + a, head + b, length)
                for a, b, length in matching_blocks(left, right)
                if any(map(_WORDLIKE, left[a : a + length]))
            ]
        i = j = 0
        for a, b, length in [(0, 0, head), *inside, (len(was) - tail, len(now) - tail, tail)]:
            self.change(was[i:a], now[j:b])
            i, j = a + length, b + length
            self.keep("".join(was[a:i]))

    def _close(self) -> None:
        if self.same:
            self.done.append((0, "".join(self.same)))
        if self.removed:
            self.done.append((-1, "".join(self.removed)))
        if self.added:
            self.done.append((1, "".join(self.added)))
        self.same, self.removed, self.added = [], [], []

    def all(self) -> list[Edit]:
        self._close()
        return self.done


def _edits(old: Words, new: Words, blocks: list[Block]) -> list[Edit]:
    edits = _Edits()
    i = j = 0
    for a, b, length in blocks:
        for k in range(length):
            x, y = a + k, b + k
            if i == x and j == y and old.before[x] == new.before[y]:
                edits.keep(old.before[x])
            else:
                edits.replace(_pieces(old, i, x), _pieces(new, j, y))
            if old.words[x] == new.words[y]:
                edits.keep(old.words[x])
            else:
                edits.change((old.words[x],), (new.words[y],))
            i, j = x + 1, y + 1
    edits.replace(_pieces(old, i, len(old.words)), _pieces(new, j, len(new.words)))
    return edits.all()


def _pieces(text: Words, start: int, end: int) -> list[str]:
    """The words from ``start`` to ``end`` and what stands around them, in pieces not to be cut."""
    pieces: list[str] = []
    for at in range(start, end):
        pieces.extend(ATOM.findall(text.before[at]))
        pieces.append(text.words[at])
    pieces.extend(ATOM.findall(text.before[end] if end < len(text.before) else text.after))
    return pieces
