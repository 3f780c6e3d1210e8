"""What comes back within weeks: telling a passing variant from a state that stayed.

A series shows states (texts, languages) one capture after another. Where a state returns within a
window, what stood in between was a variant, unless it had settled: it held long enough, over enough
captures, that chance does not explain it. Captures half a year apart never fall into a window, so
that sparse series keep every state.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from datetime import datetime

RETURN = timedelta(days=60)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Spell:
    """Successive captures, ``first`` to ``last`` (indices), in one state."""

    key: Hashable
    first: int
    last: int

    @property
    def captures(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """One state that stayed, the captures that show it and those that were its variants."""

    key: Hashable
    shown: tuple[int, ...]
    variants: tuple[int, ...]


def settled(captures: int, span: timedelta, *, spells: int) -> bool:
    """Tell whether a state that held for ``span`` is more than a flicker.

    In a single excursion (three spells: A, B, A) a week over three captures does, or two weeks over
    two. Where states alternate more often, each may hold for several captures by chance (a coin a
    capture shows eight equal faces once in 128): two weeks over eight captures, or the window.
    """
    if spells <= 3:
        return (captures >= 3 and span >= _WEEK) or (captures >= 2 and span >= 2 * _WEEK)
    return (captures >= 8 and span >= 2 * _WEEK) or (captures >= 3 and span > RETURN)


def settled_language(captures: int, span: timedelta, *, spells: int) -> bool:
    """Tell whether a page changed its language for good, whatever the number of switches."""
    return span >= RETURN and captures >= min(3, spells)


def spells(keys: Sequence[Hashable]) -> list[Spell]:
    """Return the maximal runs of equal keys."""
    found: list[Spell] = []
    start = 0
    for i in range(1, len(keys) + 1):
        if i == len(keys) or keys[i] != keys[start]:
            found.append(Spell(keys[start], start, i - 1))
            start = i
    return found


def stretches(
    keys: Sequence[Hashable],
    moments: Sequence[datetime],
    *,
    window: timedelta = RETURN,
    settled: Callable[..., bool] = settled,
) -> list[Stretch]:
    """Return the states that stayed, in time order; every index is shown or a variant in one.

    Linear in the number of captures, however often they flicker.
    """
    runs = spells(keys)
    result: list[Stretch] = []
    for first, last in _returns(runs, moments, window):
        result.extend(_resolve(runs[first : last + 1], moments, settled))
    return _joined(result)


def _returns(
    runs: Sequence[Spell], moments: Sequence[datetime], window: timedelta
) -> list[tuple[int, int]]:
    """Cut the runs into groups that returns within the window hold together."""
    reach = list(range(len(runs)))
    seen: dict[Hashable, int] = {}
    for i, run in enumerate(runs):
        before = seen.get(run.key)
        if before is not None and moments[run.first] - moments[runs[before].last] <= window:
            reach[before] = i
        seen[run.key] = i
    groups: list[tuple[int, int]] = []
    start = end = 0
    for i in range(len(runs)):
        if i > end:
            groups.append((start, end))
            start = end = i
        end = max(end, reach[i])
    if runs:
        groups.append((start, end))
    return groups


def _resolve(
    group: Sequence[Spell], moments: Sequence[datetime], is_settled: Callable[..., bool]
) -> list[Stretch]:
    """Decide which states of one group stayed; failing that, the most frequent is the one."""
    anchors = [
        i
        for i, run in enumerate(group)
        if is_settled(run.captures, moments[run.last] - moments[run.first], spells=len(group))
    ]
    if not anchors:
        counts: dict[Hashable, int] = defaultdict(int)
        for run in group:
            counts[run.key] += run.captures
        key = max(counts, key=counts.__getitem__)
        anchors = [next(i for i, run in enumerate(group) if run.key == key)]
    result = []
    for position, anchor in enumerate(anchors):
        start = anchor if position else 0
        end = anchors[position + 1] if position + 1 < len(anchors) else len(group)
        result.append(_stretch(group[anchor].key, group[start:end]))
    return _joined(result)


def _stretch(key: Hashable, runs: Sequence[Spell]) -> Stretch:
    shown: list[int] = []
    variants: list[int] = []
    for run in runs:
        (shown if run.key == key else variants).extend(range(run.first, run.last + 1))
    return Stretch(key, tuple(shown), tuple(variants))


def _joined(result: Sequence[Stretch]) -> list[Stretch]:
    """Join neighbours of one state: nothing stayed between them."""
    joined: list[Stretch] = []
    for stretch in result:
        if joined and joined[-1].key == stretch.key:
            before = joined.pop()
            joined.append(
                Stretch(
                    stretch.key, before.shown + stretch.shown, before.variants + stretch.variants
                )
            )
        else:
            joined.append(stretch)
    return joined
