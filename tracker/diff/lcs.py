"""Longest common subsequences, by bit-parallel rows.

A row of the dynamic programme is one Python integer (Crochemore et al., "A fast and practical
bit-vector algorithm for the longest common subsequence problem", IPL 80, 2001), so that the result
is exact, the same on every machine and under any load, and quadratic only in units of machine
words. What is too large even for that is cut at runs that are unique on both sides first.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

Block = tuple[int, int, int]
"""Start in the old sequence, start in the new, length."""

_CELLS = 1 << 26
_SHINGLE = 4


def matching_blocks(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Block]:
    """Maximal runs of a common subsequence, in order.

    A longest one up to 67 million cells of the programme; beyond, the runs of four that are unique
    on both sides are anchors, and what still is too large between them is taken as replaced.
    """
    blocks: list[Block] = []
    work = [(0, len(old), 0, len(new), True)]
    while work:
        a0, a1, b0, b1, may_anchor = work.pop()
        head = a0
        while a0 < a1 and b0 < b1 and old[a0] == new[b0]:
            a0, b0 = a0 + 1, b0 + 1
        tail = a1
        while a0 < a1 and b0 < b1 and old[a1 - 1] == new[b1 - 1]:
            a1, b1 = a1 - 1, b1 - 1
        if a0 > head:
            blocks.append((head, b0 - (a0 - head), a0 - head))
        if tail > a1:
            blocks.append((a1, b1, tail - a1))
        if a0 == a1 or b0 == b1:
            continue
        if (a1 - a0) * (b1 - b0) <= _CELLS:
            blocks.extend((a0 + i, b0 + j, 1) for i, j in _pairs(old[a0:a1], new[b0:b1]))
        elif may_anchor:
            work.extend(_between_anchors(old, new, a0, a1, b0, b1))
    blocks.sort()
    return merged(blocks)


def _pairs(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """A longest common subsequence as index pairs, last first."""
    masks: dict[Hashable, int] = {}
    bit = 1
    for value in new:
        masks[value] = masks.get(value, 0) | bit
        bit <<= 1
    row = full = bit - 1
    rows: list[int] = []
    for value in old:
        if hits := row & masks.get(value, 0):
            row = ((row + hits) | (row - hits)) & full
        rows.append(row)
    pairs: list[tuple[int, int]] = []
    i, j = len(old) - 1, len(new) - 1
    while i >= 0 and j >= 0:
        if rows[i] >> j & 1:
            j -= 1
            continue
        if i and not rows[i - 1] >> j & 1:
            i -= 1
            continue
        pairs.append((i, j))
        i, j = i - 1, j - 1
    return pairs


def _between_anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], a0: int, a1: int, b0: int, b1: int
) -> list[tuple[int, int, int, int, bool]]:
    """The spans left between runs unique on both sides; an anchor's first token heads each span."""
    anchors = unique_pairs(_shingles(old, a0, a1), _shingles(new, b0, b1))
    if not anchors:
        return []
    spans = []
    i, j = 0, 0
    for next_i, next_j in [*anchors, (a1 - a0, b1 - b0)]:
        spans.append((a0 + i, a0 + next_i, b0 + j, b0 + next_j, False))
        i, j = next_i, next_j
    return spans


def _shingles(values: Sequence[Hashable], start: int, end: int) -> list[Hashable]:
    return [tuple(values[at : at + _SHINGLE]) for at in range(start, end)]


def unique_pairs(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Index pairs of the values that occur once on each side, thinned to an increasing sequence."""
    places = _once(new)
    common = [(i, places[value]) for value, i in _once(old).items() if value in places]
    return [common[at] for at in increasing([j for _, j in common])]


def _once(values: Sequence[Hashable]) -> dict[Hashable, int]:
    places: dict[Hashable, int] = {}
    repeated: set[Hashable] = set()
    for at, value in enumerate(values):
        if value in places:
            repeated.add(value)
        places[value] = at
    for value in repeated:
        del places[value]
    return places


def increasing(values: Sequence[int]) -> list[int]:
    """Positions of a longest strictly increasing subsequence (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for at, value in enumerate(values):
        pile = bisect_left(tops, value)
        before.append(piles[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(value)
            piles.append(at)
        else:
            tops[pile] = value
            piles[pile] = at
    chain: list[int] = []
    at = piles[-1] if piles else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]


def merged(blocks: list[Block]) -> list[Block]:
    """Blocks in order, those that touch on both sides as one, without empty ones."""
    joined: list[Block] = []
    for i, j, length in blocks:
        if not length:
            continue
        if joined and joined[-1][0] + joined[-1][2] == i and joined[-1][1] + joined[-1][2] == j:
            joined[-1] = (joined[-1][0], joined[-1][1], joined[-1][2] + length)
        else:
            joined.append((i, j, length))
    return joined
