"""The frame of a plot as inline SVG: scales, axes, lines, bands; without a script or a style.

Everything is drawn in ``currentColor``, so that it follows the page into dark mode and needs no
stylesheet; classes let one colour the series (`tracker.trends.plots.STYLE`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Point = tuple[float, float]
"""A day (its ordinal) and a value."""

MOST_YEARS = 12
YEAR_NEEDS = 38
"""Pixels that a year's label needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A rectangle of days by values, placed in pixels; around it there is room for text."""

    first: int
    last: int
    low: float
    high: float
    ticks: tuple[float, ...]
    left: float = 56
    top: float = 26
    width: float = 500
    height: float = 170

    def x(self, day: float) -> float:
        """Pixels of a day."""
        return self.left + self.width * (day - self.first) / max(1, self.last - self.first)

    def y(self, value: float) -> float:
        """Pixels of a value."""
        share = (value - self.low) / ((self.high - self.low) or 1)
        return self.top + self.height * (1 - share)


def frame_for(days: tuple[int, int], values: Iterable[float], *, zero: bool = True) -> Frame:
    """A frame that holds the values, with ticks at round numbers; ``zero``: from 0 on."""
    some = list(values) or [0.0, 1.0]
    low, high = 0.0 if zero else min(some), max(some)
    step = _step(high - low or abs(high) or 1.0)
    begin, end = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    ticks = tuple(number * step for number in range(begin, end + 1))
    return Frame(first=days[0], last=days[1], low=ticks[0], high=ticks[-1], ticks=ticks)


def _step(span: float) -> float:
    rough = span / 4
    size = 10.0 ** floor(log10(rough))
    return next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= rough)


def axes(frame: Frame, write: Callable[[float], str]) -> Markup:
    """Grid lines with their values, and years below."""
    parts = [
        Markup(
            '<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            'stroke-opacity="{o}"/><text x="{tx:.1f}" y="{ty:.1f}" text-anchor="end" '
            'font-size="11" fill="currentColor" fill-opacity=".75">{label}</text>'
        ).format(
            x1=frame.left,
            x2=frame.left + frame.width,
            y=frame.y(tick),
            o=".5" if tick == frame.ticks[0] else ".14",
            tx=frame.left - 6,
            ty=frame.y(tick) + 4,
            label=write(tick),
        )
        for tick in frame.ticks
    ]
    parts += [
        Markup(
            '<line x1="{x:.1f}" x2="{x:.1f}" y1="{y:.1f}" y2="{y2:.1f}" stroke="currentColor" '
            'stroke-opacity=".5"/><text x="{x:.1f}" y="{ty:.1f}" text-anchor="middle" '
            'font-size="11" fill="currentColor" fill-opacity=".75">{label}</text>'
        ).format(
            x=frame.x(day),
            y=frame.top + frame.height,
            y2=frame.top + frame.height + 4,
            ty=frame.top + frame.height + 17,
            label=label,
        )
        for day, label in _dates(frame)
    ]
    return Markup("").join(parts)


def _dates(frame: Frame) -> list[tuple[int, str]]:
    """The beginnings of years, every second, fifth … where they stand too close."""
    begin, end = date.fromordinal(frame.first).year, date.fromordinal(frame.last).year
    room = max(1, min(MOST_YEARS, int(frame.width / YEAR_NEEDS)))
    step = next(step for step in (1, 2, 5, 10, 20, 50, 1000) if (end - begin + 1) / step <= room)
    marks = [
        (date(year, 1, 1).toordinal(), str(year))
        for year in range(begin, end + 1)
        if year % step == 0
    ]
    within = [mark for mark in marks if frame.first <= mark[0] <= frame.last]
    return within or [(frame.first, f"{date.fromordinal(frame.first):%Y-%m}")]


def line(frame: Frame, runs: Iterable[Sequence[Point]], name: str) -> Markup:
    """A line, broken between runs; a run of one point is a short dash."""
    parts = []
    for run in runs:
        places = [(frame.x(day), frame.y(value)) for day, value in run]
        if len(places) == 1:
            x, y = places[0]
            places = [(x - 3, y), (x + 3, y)]
        parts.append(
            Markup(
                '<polyline class="{c}" points="{p}" fill="none" stroke="currentColor" '
                'stroke-width="2" stroke-linejoin="round"/>'
            ).format(c=name, p=_path(places))
        )
    return Markup("").join(parts)


def band(
    frame: Frame, runs: Iterable[Sequence[tuple[float, float, float]]], name: str, opacity: float
) -> Markup:
    """The area between two values by day, broken between runs."""
    parts = []
    for run in runs:
        upper = [(frame.x(day), frame.y(high)) for day, _, high in run]
        lower = [(frame.x(day), frame.y(low)) for day, low, _ in run]
        if len(run) == 1:
            upper = [(upper[0][0] - 3, upper[0][1]), (upper[0][0] + 3, upper[0][1])]
            lower = [(lower[0][0] - 3, lower[0][1]), (lower[0][0] + 3, lower[0][1])]
        parts.append(
            Markup('<polygon class="{c}" points="{p}" fill="currentColor" opacity="{o}"/>').format(
                c=name, p=_path([*upper, *reversed(lower)]), o=opacity
            )
        )
    return Markup("").join(parts)


def label(x: float, y: float, text: str, name: str = "", *, anchor: str = "start") -> Markup:
    """A word or two beside what they name."""
    return Markup(
        '<text class="{c}" x="{x:.1f}" y="{y:.1f}" text-anchor="{a}" font-size="12" '
        'fill="currentColor">{t}</text>'
    ).format(c=name, x=x, y=y, a=anchor, t=text)


def dot(frame: Frame, point: Point, title: str, name: str, *, shown: bool) -> Markup:
    """A point that tells its figures to whoever rests on it; unseen where points stand close."""
    return Markup(
        '<circle class="{c}" cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="currentColor" '
        'fill-opacity="{o}"><title>{t}</title></circle>'
    ).format(
        c=name,
        x=frame.x(point[0]),
        y=frame.y(point[1]),
        r="2.6" if shown else "4",
        o="1" if shown else "0",
        t=title,
    )


def _path(places: Iterable[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
