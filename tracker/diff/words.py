"""The words of segments, and what differs between two runs of them.

A word is compared without case and without the variant of its quotes; what stands between words
(markup, punctuation, white space) is not compared, but given exactly.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from crawler.calendar_dates import find
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
_ANY_DATE = "\0"


class Ignore(StrEnum):
    """What a comparison is told to leave unmarked.

    Case and formatting never make a difference of words; ignored, they are not marked either, where
    words beside them changed. Dates do, unless they are ignored: each is then one word, all alike.
    """

    FORMATTING = "formatting"
    CASE = "case"
    DATES = "dates"


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

    def glue(self, at: int) -> str:
        """What stands before the word at a place, or after the last."""
        return self.before[at] if at < len(self.before) else self.after


def read(
    segment: Segment, vocabulary: Vocabulary, ignore: frozenset[Ignore] = frozenset()
) -> Words:
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
    dates: set[int] = set()
    if Ignore.DATES in ignore:
        pieces, dates = _dates_as_words(source, pieces)
    before, words = zip(*pieces, strict=True)
    if marker:
        before = (marker + before[0], *before[1:])
    numbers = tuple(map(vocabulary.__getitem__, words))
    if dates:
        any_date = vocabulary[_ANY_DATE]
        numbers = tuple(any_date if at in dates else n for at, n in enumerate(numbers))
    return Words(before=before, words=words, after=after, numbers=numbers)


def _dates_as_words(
    source: str, pieces: list[tuple[str, str]]
) -> tuple[list[tuple[str, str]], set[int]]:
    """The pieces with every date as a single word, and which words are dates."""
    dates = find(source)
    result: list[tuple[str, str]] = []
    found: set[int] = set()
    at = place = 0
    inside = False
    for gap, word in pieces:
        start, at = at + len(gap), at + len(gap) + len(word)
        while place < len(dates) and dates[place].end <= start:
            place, inside = place + 1, False
        if place == len(dates) or at <= dates[place].start:
            result.append((gap, word))
        elif inside:
            result[-1] = (result[-1][0], result[-1][1] + gap + word)
        else:
            inside = True
            found.add(len(result))
            result.append((gap, word))
    return result, found


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


def diff_words(old: Words, new: Words, ignore: frozenset[Ignore] = frozenset()) -> WordDiff:
    """What differs between two texts, in runs that a person can read.

    What is ignored stands in the new text's form, so that the old text is not to be had from edits.
    """
    if (new.words, new.before) < (old.words, old.before):
        blocks = [(i, j, length) for j, i, length in _common(new, old)]
    else:
        blocks = _common(old, new)
    kept = sum(length for _, _, length in blocks)
    return WordDiff(
        edits=tuple(_edits(old, new, blocks, ignore)),
        added=len(new.words) - kept,
        removed=len(old.words) - kept,
    )


def _common(old: Words, new: Words) -> list[Block]:
    found = matching_blocks(old.numbers, new.numbers)
    return readable(found, (old.numbers, old.before), (new.numbers, new.before), old.words)


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

    def between(
        self, old: Words, was: tuple[int, int], new: Words, now: tuple[int, int], *, bare: bool
    ) -> None:
        """Tell what stands before two words that are kept, back to the last that were.

        ``bare`` passes over how the markup between words differs.
        """
        before, after = old.glue(was[1]), new.glue(now[1])
        if was[0] == was[1] and now[0] == now[1] and (bare or before == after):
            self.keep(after)
        elif bare:
            self.replace(_pieces(old, *was), _pieces(new, *now))
            self.keep(after)
        else:
            left = [*_pieces(old, *was), *ATOM.findall(before)]
            self.replace(left, [*_pieces(new, *now), *ATOM.findall(after)])

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


def _edits(old: Words, new: Words, blocks: list[Block], ignore: frozenset[Ignore]) -> list[Edit]:
    edits = _Edits()
    bare = Ignore.FORMATTING in ignore
    i = j = 0
    for a, b, length in blocks:
        # Where a run is the same to the letter, all but its first word are told at once.
        inside = slice(a + 1, a + length), slice(b + 1, b + length)
        alike = length > 1 and _is_same(old, inside[0], new, inside[1])
        for k in range(1 if alike else length):
            x, y = a + k, b + k
            edits.between(old, (i, x), new, (j, y), bare=bare)
            was, now = old.words[x], new.words[y]
            if was == now or (ignore and _ignored(was, now, ignore)):
                edits.keep(now)
            else:
                edits.change((was,), (now,))
            i, j = x + 1, y + 1
        if alike:
            pieces = zip(new.before[inside[1]], new.words[inside[1]], strict=True)
            edits.keep("".join(chain.from_iterable(pieces)))
            i, j = a + length, b + length
    edits.between(old, (i, len(old.words)), new, (j, len(new.words)), bare=bare)
    return edits.all()


def _is_same(old: Words, here: slice, new: Words, there: slice) -> bool:
    """Whether stretches of two texts have the same words and the same between them."""
    return old.words[here] == new.words[there] and old.before[here] == new.before[there]


def _ignored(was: str, now: str, ignore: frozenset[Ignore]) -> bool:
    """Whether two spellings of what counts as one word differ in nothing but what is ignored."""
    if was.casefold() == now.casefold():
        return Ignore.CASE in ignore
    if Ignore.DATES in ignore and find(was) and find(now):
        return True
    return Ignore.FORMATTING in ignore


def _pieces(text: Words, start: int, end: int) -> list[str]:
    """The words from ``start`` to ``end``, each after what stands before it, not to be cut."""
    pieces: list[str] = []
    for at in range(start, end):
        pieces.extend(ATOM.findall(text.before[at]))
        pieces.append(text.words[at])
    return pieces
