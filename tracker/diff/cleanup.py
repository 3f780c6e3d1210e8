"""Makes a word diff readable by diff-match-patch's semantic clean-up, on words for letters.

Each word becomes one letter and what stands between words white space, with a full stop where a
sentence ends, so that the clean-up does to words what it was made to do to characters: it drops
coincidences between larger changes and sets a change where a sentence or line begins or ends. The
matching itself is not left to the package: see docs/decisions/0004-diff.md.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from diff_match_patch import diff_match_patch

from tracker.diff.lcs import merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.diff.lcs import Block

_SENTENCE_END = re.compile(r"[.;:!?]")
_FIRST_LETTER = 0x20000
_LETTERS = 0x110000 - _FIRST_LETTER
_LETTERS_KEPT = 4
_WORDS_AROUND = 12
_CLEANER = diff_match_patch()


Side = tuple["Sequence[int]", "Sequence[str]"]
"""Numbers that stand for a text's words, and what stands before each word."""


class _Alphabet(dict[int, str]):
    """A letter for each word's number, made when it is first asked for."""

    def __missing__(self, number: int) -> str:
        letter = self[number] = chr(_FIRST_LETTER + len(self))
        return letter


def readable(blocks: list[Block], old: Side, new: Side, words: Sequence[str]) -> list[Block]:
    """Common runs, as `matching_blocks` gives them, after the clean-up.

    Runs of four letters and more always stay: the clean-up drops coincidences of "the", "to" or
    "of" between two of them. ``words`` are those of the old text.
    """
    ends = len(old[0]), len(new[0])
    kept: list[Block] = []
    stretch: list[Block] = [(0, 0, 0)]
    for block in [*blocks, (*ends, 0)]:
        stretch.append(block)
        if _says_something(words, *block[::2]) or block[:2] == ends:
            kept.extend(_cleaned(stretch, old, new))
            stretch = [block]
    return merged(kept)


def _says_something(words: Sequence[str], start: int, count: int) -> bool:
    return count >= _LETTERS_KEPT or (sum(map(len, words[start : start + count])) >= _LETTERS_KEPT)


def _cleaned(stretch: list[Block], old: Side, new: Side) -> list[Block]:
    """The common runs of a stretch, the half of its first and last that are nearer to it."""
    (a, b, length), last = stretch[0], stretch[-1]
    half = length - length // 2
    around = min(half, _WORDS_AROUND)
    head = (a + length - half, b + length - half, half - around)
    half = last[2] // 2
    behind = min(half, _WORDS_AROUND)
    tail = (last[0] + behind, last[1] + behind, half - behind)
    inner = [
        (a + length - around, b + length - around, around),
        *stretch[1:-1],
        (last[0], last[1], behind),
    ]
    if len(inner) == 2 and all(inner[0][side] + around < last[side] for side in (0, 1)):
        return [head, *inner, tail]
    start_old, start_new, _ = inner[0]
    if last[0] - start_old + last[1] - start_new > _LETTERS:
        return [head, *inner, tail]
    alphabet = _Alphabet()
    diffs: list[tuple[int, str]] = []
    i, j = start_old, start_new
    for x, y, size in inner:
        diffs.append((-1, _spelt(old, i, x, alphabet)))
        diffs.append((1, _spelt(new, j, y, alphabet)))
        diffs.append((0, _spelt(old, x, x + size, alphabet)))
        i, j = x + size, y + size
    diffs = [(op, text) for op, text in diffs if text]
    _CLEANER.diff_cleanupSemantic(diffs)
    return [head, *_blocks(diffs, start_old, start_new), tail]


def _spelt(side: Side, start: int, end: int, alphabet: _Alphabet) -> str:
    """Words as letters, each after what tells sentences and lines apart before it."""
    numbers, before = side
    return "".join(
        [
            (gap if gap == " " else _spacing(gap)) + alphabet[number]
            for number, gap in zip(numbers[start:end], before[start:end], strict=True)
        ]
    )


def _spacing(gap: str) -> str:
    if "\n" in gap:
        return "\n"
    return ". " if _SENTENCE_END.search(gap) else " "


def _blocks(diffs: list[tuple[int, str]], i: int, j: int) -> list[Block]:
    blocks: list[Block] = []
    for op, text in diffs:
        words = sum(letter >= chr(_FIRST_LETTER) for letter in text)
        if op == 0:
            blocks.append((i, j, words))
        i += words if op <= 0 else 0
        j += words if op >= 0 else 0
    return blocks
