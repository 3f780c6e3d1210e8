"""Passages that stand elsewhere in the new version, edited or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.diff.align import Match, Side, candidates, overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALIKE = 0.6
_WORDS = 8
_WORDS_EXACT = 3


def equal_elsewhere(old: Side, new: Side, in_place: Sequence[Match]) -> list[Match]:
    """Pair equal texts that no match holds, where each has as many places in both versions."""
    left, right = _left_over(old, new, in_place)
    where: dict[tuple[int, ...], list[int]] = {}
    for j in right:
        where.setdefault(new.words(j).numbers, []).append(j)
    origins: dict[tuple[int, ...], list[int]] = {}
    for i in left:
        origins.setdefault(old.words(i).numbers, []).append(i)
    return [
        Match(i, i + 1, j, j + 1, exact=True)
        for numbers, sources in origins.items()
        if len(numbers) >= _WORDS_EXACT and len(sources) == len(where.get(numbers, ()))
        for i, j in zip(sources, where[numbers], strict=True)
    ]


def similar_elsewhere(
    old: Side, new: Side, in_place: Sequence[Match], elsewhere: Sequence[Match]
) -> list[Match]:
    """Pair what no match holds, the most alike first."""
    left, right = _left_over(old, new, in_place, elsewhere)
    left = [i for i in left if old.size(i) >= _WORDS]
    right = [j for j in right if new.size(j) >= _WORDS]
    scored = []
    for i, j in candidates(old, new, left, right):
        alike = 2 * overlap(old.bag(i), new.bag(j)) / (old.size(i) + new.size(j))
        if alike >= _ALIKE:
            scored.append((-alike, i, j))
    found: dict[int, Match] = {}
    taken: set[int] = set()
    for _, i, j in sorted(scored):
        if i not in found and j not in taken:
            taken.add(j)
            found[i] = Match(i, i + 1, j, j + 1)
    return list(found.values())


def _left_over(
    old: Side, new: Side, in_place: Sequence[Match], elsewhere: Sequence[Match] = ()
) -> tuple[list[int], list[int]]:
    left: list[int] = []
    right: list[int] = []
    i = j = 0
    for match in [*in_place, Match(len(old), len(old), len(new), len(new))]:
        if i < match.old:
            left.extend(range(i, match.old))
        if j < match.new:
            right.extend(range(j, match.new))
        i, j = match.old_end, match.new_end
    gone, arrived = {match.old for match in elsewhere}, {match.new for match in elsewhere}
    return [at for at in left if at not in gone], [at for at in right if at not in arrived]
