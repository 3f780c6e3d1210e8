"""The strategy ``adaptive``: nearly every version, dated to neighbouring captures, by few requests.

The texts at two captures say where to look next. Where they differ, a version began in between, and
the middle is asked until the two are neighbours (bisection). Where they are equal, only a text that
came and went can hide, and a coarse grid looks for that, finer in times of many changes. Decision
record 0007 has the figures.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Final

from crawler.text_series import text_series, without_accidents
from storage.records import CaptureState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crawler.text_series import Point
    from storage.records import Capture, ListedCapture

BATCH: Final = 64
"""Captures to ask for at once, at most: what they show decides on the next ones."""

FINEST: Final = 45.0
"""Days between equal texts that are looked into at most, however many changes are near."""

NEARBY: Final = 365.0
"""Days around two captures within which known changes make the grid finer."""

FLICKER: Final = 3
"""How often two texts may be seen to take turns; further turns are not dated."""

QUIET: Final = 0.1
"""Worth of a day between equal texts, beside a day between unequal ones."""

PATIENCE: Final = 0.5
"""What is worth less than this share of the best waits for a later question."""

RESTLESS: Final = 14
"""Known changes within two months from which on a page shows a clock or a counter, not edits."""

UNEASY: Final = 8
"""The same where more than `LASTING` are known within a year around: editors get tired."""

LASTING: Final = 24
"""See `UNEASY`."""

MONTH: Final = 30.0
YEAR: Final = 365.0

WEEKEND: Final = 0.1
"""Changes on a day of the weekend, beside those of a working day: 47 of 721 real ones fell on a
Saturday or Sunday (UTC), 135 on each other day of the week."""

NAMED: Final = 12.0
"""What days that only the newer text names are worth together, beside all the days in question."""

GOES_LIVE: Final = 4.0
"""Days within which a text goes live after a day that it names itself by."""

_MONDAY: Final = 4
"""The first Monday, 5 January 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptive:
    """Asks for what most probably shows or dates a change, best first; remembers nothing.

    ``keys`` tells for each fetched capture, by its id, the key of its words
    (`crawler.wording.word_key`), or None where it shows no policy; one that is missing counts as
    that. ``days`` has, by such a key, the days since 1970 that the text names: one of them may be
    the day from which it was in force. Both may grow between calls. ``coarsest``: the days between
    captures of equal texts that are looked into where no change is known for a year around; more
    changes make it finer.
    """

    keys: Mapping[int, str | None]
    days: Mapping[str, frozenset[int]] = field(default_factory=dict)
    coarsest: float = 548.0
    sparse: ClassVar = True

    def wanted(self, listed: Sequence[ListedCapture]) -> list[ListedCapture]:
        """Captures to know next, of one policy's that are ``listed`` in time order.

        First come all that cost no request, as they have the digest of a fetched one; then at most
        64 to fetch, best first. None to fetch: wherever the text changed, neighbours show it.
        """
        points = text_series(listed, self.keys)
        free = [p.item for p in points if p.known and p.item.state is CaptureState.LISTED]
        return free + [point.source for point in self._probes(without_accidents(points))]

    def shares(self, capture: Capture) -> bool:  # noqa: ARG002 - the Protocol's
        """Always: equal digests are equal texts."""
        return True

    def _probes(self, points: Sequence[Point]) -> list[Point]:
        if not points:
            return []
        # The newest first: what is in force today matters most.
        ends = [point for point in (points[-1], points[0]) if not point.known]
        if ends:
            return list(dict.fromkeys(ends))
        rated = sorted(self._rated(points), key=lambda pair: -pair[0])
        enough = PATIENCE * rated[0][0] if rated else 0.0
        return [points[place] for worth, place in rated[:BATCH] if worth >= enough]

    def _rated(self, points: Sequence[Point]) -> Iterator[tuple[float, int]]:
        """One place to probe between any two known points that are worth it, and how much it is."""
        cells = list(pairwise(i for i, point in enumerate(points) if point.known))
        changes = [points[b].day for a, b in cells if points[a].key != points[b].key]
        turns = Counter(frozenset((points[a].key, points[b].key)) for a, b in cells if b == a + 1)
        for a, b in cells:
            if b == a + 1:
                continue
            old, new = points[a], points[b]
            days = new.day - old.day
            if old.key == new.key:
                if days > self._step(old.day, new.day, changes):
                    yield QUIET * days, _middle(points, a, b, ())
            elif turns[frozenset((old.key, new.key))] < FLICKER and not _restless(
                old.day, new.day, changes
            ):
                yield days, _middle(points, a, b, self._newly_named(old, new))

    def _newly_named(self, old: Point, new: Point) -> tuple[int, ...]:
        """Days between two captures that the newer one's text alone names."""
        if old.key is None or new.key is None:
            return ()
        fresh = self.days.get(new.key, frozenset()) - self.days.get(old.key, frozenset())
        return tuple(day for day in fresh if old.day - 1 < day < new.day)

    def _step(self, first: float, last: float, changes: Sequence[float]) -> float:
        nearby = _within(changes, first - NEARBY, last + NEARBY)
        return max(FINEST, self.coarsest / (1 + nearby / 2))


def _restless(first: float, last: float, changes: Sequence[float]) -> bool:
    """Whether the text changes so often here that further captures would tell nothing new."""
    if last - first > 2 * MONTH:
        return False
    around = _within(changes, first - MONTH, last + MONTH)
    if around <= UNEASY:
        return False
    return around > RESTLESS or _within(changes, first - YEAR / 2, last + YEAR / 2) > LASTING


def _within(changes: Sequence[float], first: float, last: float) -> int:
    return bisect_right(changes, last) - bisect_left(changes, first)


def _middle(points: Sequence[Point], a: int, b: int, named: Sequence[int]) -> int:
    """The place between two that halves the chances of a change.

    In time, not in captures: a gap of a month weighs as much as a month of daily ones. Weekends
    weigh little, the days after a ``named`` one much.
    """
    first, last = points[a].day, points[b].day
    weight = NAMED * (_working(last) - _working(first)) / len(named) if named else 0.0

    def chances(point: Point) -> float:
        live = sum(min(1.0, max(0.0, (point.day - day + 0.5) / GOES_LIVE)) for day in named)
        return _working(point.day) + weight * live

    middle = (chances(points[a]) + chances(points[b])) / 2
    place = bisect_left(points, middle, a + 1, b, key=chances)
    nearest = [i for i in (place - 1, place) if a < i < b]
    return min(nearest, key=lambda i: abs(chances(points[i]) - middle))


def _working(day: float) -> float:
    """A moment on an axis of working days, on which weekends are short."""
    weeks, into_week = divmod(day - _MONDAY, 7)
    weekend = max(0.0, into_week - 5)
    return weeks * (5 + 2 * WEEKEND) + min(into_week, 5) + weekend * WEEKEND
