"""Passages that stand elsewhere in the new version, edited or not."""

from __future__ import annotations

from tracker.diff.align import Match, Side, candidates, overlap

_ALIKE = 0.6
_WORDS = 8
_WORDS_EXACT = 3


def moved(old: Side, new: Side, matches: list[Match]) -> list[Match]:
    """Pair what no match holds: equal texts that are unique, then the most alike first."""
    left = _left_over(len(old), [(match.old, match.old_end) for match in matches])
    right = _left_over(len(new), [(match.new, match.new_end) for match in matches])
    found = _equal(old, new, left, right)
    taken_old = {match.old for match in found}
    taken_new = {match.new for match in found}
    left = [i for i in left if i not in taken_old and old.size(i) >= _WORDS]
    right = [j for j in right if j not in taken_new and new.size(j) >= _WORDS]
    scored = []
    for i, j in candidates(old, new, left, right):
        alike = 2 * overlap(old.bag(i), new.bag(j)) / (old.size(i) + new.size(j))
        if alike >= _ALIKE:
            scored.append((-alike, i, j))
    for _, i, j in sorted(scored):
        if i not in taken_old and j not in taken_new:
            taken_old.add(i)
            taken_new.add(j)
            found.append(Match(i, i + 1, j, j + 1))
    return found


def _left_over(count: int, spans: list[tuple[int, int]]) -> list[int]:
    taken = {at for start, end in spans for at in range(start, end)}
    return [at for at in range(count) if at not in taken]


def _equal(old: Side, new: Side, left: list[int], right: list[int]) -> list[Match]:
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
