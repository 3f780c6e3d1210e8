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
    spans = [(0, len(old), 0, len(new))]
    if len(old) * len(new) > _CELLS:
        spans = _between_anchors(old, new, blocks)
    for a0, a1, b0, b1 in spans:
        head, tail = common_ends(old[a0:a1], new[b0:b1])
        blocks.append((a0, b0, head))
        i, j = a0 + head, b0 + head
        left, right = old[i : a1 - tail], new[j : b1 - tail]
        if left and right and len(left) * len(right) <= _CELLS:
            blocks.extend((i + x, j + y, 1) for x, y in reversed(_pairs(left, right)))
        blocks.append((a1 - tail, b1 - tail, tail))
    return merged(sorted(blocks))


def common_ends(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[int, int]:
    """How many values two sequences share at the start, and at the end of what is left."""
    limit = min(len(old), len(new))
    head = 0
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


def _between_anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], blocks: list[Block]
) -> list[tuple[int, int, int, int]]:
    """The spans between runs unique on both sides; such runs, extended, join ``blocks``."""
    spans = []
    i = j = 0
    for a, b in unique_pairs(_shingles(old), _shingles(new)):
        if a < i or b < j:
            continue
        spans.append((i, a, j, b))
        i, j = a, b
        while i < len(old) and j < len(new) and old[i] == new[j]:
            i, j = i + 1, j + 1
        blocks.append((a, b, i - a))
    spans.append((i, len(old), j, len(new)))
    return spans


def _shingles(values: Sequence[Hashable]) -> list[Hashable]:
    return list(zip(*(values[shift:] for shift in range(_SHINGLE)), strict=False))


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


def unique_pairs(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Index pairs of the values that occur once on each side, thinned to an increasing sequence.

    None stands for what is like others of its kind, and is no pair with another.
    """
    places = _once(new)
    common = [(i, places[value]) for value, i in _once(old).items() if value in places]
    return [common[at] for at in increasing([j for _, j in common])]


def _once(values: Sequence[Hashable]) -> dict[Hashable, int]:
    places: dict[Hashable, int] = {}
    repeated: set[Hashable] = set()
    for at, value in enumerate(values):
        if value is None or value in places:
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
