"""Trends in pictures: a panel a measure, as inline SVG for a page or all in one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from markupsafe import Markup

from tracker.trends.plot_frame import Frame, axes, band, dot, frame_for, label, line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tracker.trends.documents import PointJson, RateJson, SpreadJson, TrendsJson

WIDTH, HEIGHT = 680, 224
SMALL_HEIGHT = 118
MARK_ROW, MARK_NEEDS = 14, 180
"""Pixels that the label of a marked week needs, down and across."""

MOST_DOTS = 60
"""Points of a line that are drawn as dots."""

STYLE = (
    "svg.trend{max-width:100%;height:auto;font-family:system-ui,sans-serif}"
    ".trend .s1{color:#0b57a4}.trend .s2{color:#a34400}"
    "@media (prefers-color-scheme:dark){.trend .s1{color:#8dc0ff}.trend .s2{color:#ffb070}}"
)
"""Colours for a page's stylesheet; without them the panels are drawn in the colour of the text."""

T = TypeVar("T")
Bounds = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A plot: its heading, what it shows in a sentence, the drawing and its size in pixels."""

    name: str
    title: str
    summary: str
    drawing: Markup
    height: int = HEIGHT

    def svg(self) -> Markup:
        """The panel as an SVG element of its own, to be put into a page."""
        return Markup(
            '<svg class="trend" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" '
            'width="{w}" height="{h}" role="img" aria-labelledby="trend-{n}-t trend-{n}-d">'
            '<title id="trend-{n}-t">{t}</title><desc id="trend-{n}-d">{s}</desc>{d}</svg>'
        ).format(w=WIDTH, h=self.height, n=self.name, t=self.title, s=self.summary, d=self.drawing)


def panels(trends: TrendsJson) -> list[Panel]:
    """All plots of some trends; none where there is no version."""
    points = trends["periods"]
    if not points:
        return []
    found = [
        _policies(points),
        _spread("words", "Length in words", points, lambda point: point["words"], zero=True),
        _spread("grade", "Reading grade", points, lambda point: point["grade"], zero=False),
        _changes(points),
        _weeks(trends),
        _practices(points),
    ]
    return [panel for panel in found if panel]


def standalone(trends: TrendsJson) -> str:
    """All panels below each other as one SVG file, light or dark as its reader is."""
    parts, top = [], 0
    for panel in panels(trends):
        heading = Markup(
            '<text x="8" y="16" font-size="14" font-weight="600" fill="currentColor">{t}</text>'
        ).format(t=panel.title)
        parts.append(
            Markup(
                '<g transform="translate(0 {y})" role="group"><title>{t}</title><desc>{s}</desc>'
                '{h}<g transform="translate(0 12)">{d}</g></g>'
            ).format(y=top, t=panel.title, s=panel.summary, h=heading, d=panel.drawing)
        )
        top += panel.height + 30
    return str(
        Markup(
            '<svg class="trend page" xmlns="http://www.w3.org/2000/svg" viewBox="-12 -14 {w} {h}" '
            'width="{w}" height="{h}"><title>Trends of privacy policies</title><style>{s}</style>'
            '<rect x="-12" y="-14" width="{w}" height="{h}" class="paper"/>{p}</svg>\n'
        ).format(
            w=WIDTH + 24,
            h=top + 20,
            s=STYLE + _PAGE,
            p=Markup("").join(parts),
        )
    )


_PAGE = (
    ".page{color:#1c2330}.paper{fill:#fff}"
    "@media (prefers-color-scheme:dark){.page{color:#e6eaf1}.paper{fill:#12161d}}"
)


def _policies(points: Sequence[PointJson]) -> Panel:
    frame = frame_for(_days(points), [point["policies"] for point in points])
    rows = [(point, float(point["policies"])) for point in points]
    drawn = [axes(frame, _whole), line(frame, _runs(rows), "s1")]
    told = {point["period"]: f"{point['policies']:,} policies in force" for point in points}
    drawn += _dots(frame, rows, "s1", told)
    first, last = points[0], points[-1]
    return Panel(
        name="policies",
        title="Policies in force",
        summary=f"{first['policies']:,} in {first['period']}, {last['policies']:,} in "
        f"{last['period']}.",
        drawing=Markup("").join(drawn),
    )


def _spread(
    name: str,
    title: str,
    points: Sequence[PointJson],
    of: Callable[[PointJson], SpreadJson | None],
    *,
    zero: bool,
) -> Panel | None:
    rows = [(point, found) for point in points if (found := of(point))]
    if not rows:
        return None
    ends = [value for _, found in rows for value in (found["q1"], found["q3"])]
    frame = frame_for(_days(points), ends, zero=zero)
    medians = [(point, found["median"]) for point, found in rows]
    quarters = [(point, (found["q1"], found["q3"])) for point, found in rows]
    sure = [
        (point, (low, high))
        for point, found in rows
        if (low := found["low"]) is not None and (high := found["high"]) is not None
    ]
    told = {point["period"]: _told(found) for point, found in rows}
    last = rows[-1][1]
    x = frame.x(_middle(rows[-1][0])) + 8
    apart = max(12.0, frame.y(last["median"]) - frame.y(last["q3"]))
    drawn = [
        axes(frame, _whole),
        band(frame, _bounds(quarters), "s1", 0.16),
        band(frame, _bounds(sure), "s1", 0.34),
        line(frame, _runs(medians), "s1"),
        *_dots(frame, medians, "s1", told),
        label(x, frame.y(last["median"]) + 4, "median, 95 %", "s1"),
        label(x, frame.y(last["median"]) - apart + 4, "middle half"),
    ]
    first_point, first = rows[0]
    return Panel(
        name=name,
        title=title,
        summary=f"Median {first['median']:,g} in {first_point['period']} ({first['n']:,} sites), "
        f"{last['median']:,g} in {rows[-1][0]['period']} ({last['n']:,} sites). Bands: the middle "
        "half of policies, and the median's interval of 95 %.",
        drawing=Markup("").join(drawn),
    )


def _told(found: SpreadJson) -> str:
    sure = f" ({found['low']:,g} to {found['high']:,g})" if found["low"] is not None else ""
    return (
        f"median {found['median']:,g}{sure}, middle half {found['q1']:,g} to {found['q3']:,g}, "
        f"{found['n']:,} sites"
    )


def _changes(points: Sequence[PointJson]) -> Panel:
    highs = [point["changes"]["per_policy"] for point in points]
    bounds = [point["changes"]["high"] for point in points if point["changes"]["count"]]
    frame = frame_for(_days(points), [*highs, *(min(top, 3 * max(highs)) for top in bounds)])
    drawn = [axes(frame, lambda value: f"{value:g}")]
    kinds: tuple[tuple[str, str, Callable[[PointJson], RateJson]], ...] = (
        ("s1", "changes", lambda point: point["changes"]),
        ("s2", "silent changes", lambda point: point["silent_changes"]),
    )
    ends = []
    for name, said, of in kinds:
        rates = [(point, of(point)["per_policy"]) for point in points]
        sure = [(point, (of(point)["low"], min(of(point)["high"], frame.high))) for point in points]
        told = {point["period"]: _told_rate(of(point), said, point) for point in points}
        drawn += [band(frame, _bounds(sure), name, 0.22), line(frame, _runs(rates), name)]
        drawn += _dots(frame, rates, name, told)
        ends.append(frame.y(rates[-1][1]))
    x = frame.x(_middle(points[-1])) + 8
    drawn.append(label(x, min(ends[0], ends[1] - 14) + 4, "changes", "s1"))
    drawn.append(label(x, ends[1] + 4, "silent", "s2"))
    total = sum(point["changes"]["count"] for point in points)
    silent = sum(point["silent_changes"]["count"] for point in points)
    return Panel(
        name="changes",
        title="Changes per policy",
        summary=f"{total:,} changes, {silent:,} of them silent; a policy's mean by period, with "
        "intervals of 95 %.",
        drawing=Markup("").join(drawn),
    )


def _told_rate(rate: RateJson, said: str, point: PointJson) -> str:
    return (
        f"{rate['per_policy']:.3g} {said} a policy ({rate['low']:.2g} to {rate['high']:.2g}), "
        f"{rate['count']:,} of {point['policies']:,} policies"
    )


def _weeks(trends: TrendsJson) -> Panel | None:
    weeks = trends["weeks"]
    if not weeks:
        return None
    frame = frame_for(_days(trends["periods"]), [week["changes"] for week in weeks])
    drawn = [axes(frame, _whole)]
    wide = max(1.0, frame.width * 6 / max(1, frame.last - frame.first))
    marked = 0
    for week in weeks:
        day = date.fromisoformat(week["week"]).toordinal()
        if not frame.first <= day <= frame.last:
            continue
        title = (
            f"week of {week['week']}: {week['changes']:,} changes by {week['sites']:,} of "
            f"{week['policies']:,} sites{''.join(f'; {mark}' for mark in week['marks'])}"
        )
        top = frame.y(week["changes"])
        drawn.append(
            Markup(
                '<rect class="{c}" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" '
                'fill="currentColor"><title>{t}</title></rect>'
            ).format(
                c="s2" if week["marks"] else "s1",
                x=frame.x(day),
                y=top,
                w=wide,
                h=frame.y(0) - top,
                t=title,
            )
        )
        for mark in week["marks"]:
            drawn.append(_mark(frame, frame.x(day), wide, marked, mark))
            marked += 1
    most = max(weeks, key=lambda week: week["changes"])
    return Panel(
        name="weeks",
        title="Changes by week, where the week is known",
        summary=f"Most in the week of {most['week']}: {most['changes']:,} changes by "
        f"{most['sites']:,} sites.",
        drawing=Markup("").join(drawn),
    )


def _mark(frame: Frame, x: float, wide: float, row: int, text: str) -> Markup:
    """A label in a row of its own, as marks may be close; the first left of its bar, if it can."""
    y = frame.top + 8 + row * MARK_ROW
    if x < frame.left + MARK_NEEDS or (row and x < WIDTH - MARK_NEEDS):
        return label(x + wide + 4, y, text, "s2")
    return label(x - 4, y, text, "s2", anchor="end")


def _practices(points: Sequence[PointJson]) -> Panel:
    """Small plots, two in a row, all from 0 to 100 %."""
    names = [share["category"] for share in points[-1]["practices"]]
    drawn, told = [], []
    for place, name in enumerate(names):
        rows = [
            (point, share)
            for point in points
            for share in (point["practices"][place],)
            if share["n"]
        ]
        if not rows:
            continue
        small = Frame(
            first=_days(points)[0],
            last=_days(points)[1],
            low=0,
            high=1,
            ticks=(0, 0.5, 1),
            left=44 + (place % 2) * WIDTH / 2,
            top=34 + (place // 2) * SMALL_HEIGHT,
            width=230,
            height=SMALL_HEIGHT - 54,
        )
        shares = [(point, share["share"]) for point, share in rows]
        titles = {
            point["period"]: f"{name}: {share['policies']:,} of {share['n']:,} policies, "
            f"{share['share']:.0%} ({share['low']:.0%} to {share['high']:.0%})"
            for point, share in rows
        }
        last = rows[-1][1]
        drawn += [
            label(small.left, small.top - 8, name),
            axes(small, lambda value: f"{value:.0%}"),
            band(
                small,
                _bounds([(point, (share["low"], share["high"])) for point, share in rows]),
                "s1",
                0.22,
            ),
            line(small, _runs(shares), "s1"),
            *_dots(small, shares, "s1", titles),
            label(
                small.x(_middle(rows[-1][0])) + 6,
                small.y(last["share"]) + 4,
                f"{last['share']:.0%}",
                "s1",
            ),
        ]
        told.append(f"{name} {rows[0][1]['share']:.0%} to {last['share']:.0%}")
    return Panel(
        name="practices",
        title="Share of policies that mention a practice category",
        summary=f"From {points[0]['period']} to {points[-1]['period']}: {', '.join(told)}.",
        drawing=Markup("").join(drawn),
        height=(len(names) + 1) // 2 * SMALL_HEIGHT + 14,
    )


def _whole(value: float) -> str:
    return f"{value:,g}"


def _days(points: Sequence[PointJson]) -> tuple[int, int]:
    begin, end = points[0]["from"], points[-1]["to"]
    return date.fromisoformat(begin).toordinal(), date.fromisoformat(end).toordinal()


def _middle(point: PointJson) -> float:
    begin, end = _days([point])
    return (begin + end) / 2


def _runs(rows: Sequence[tuple[PointJson, float]]) -> list[list[tuple[float, float]]]:
    """Points of successive periods; a period without one breaks the line."""
    return [[(_middle(point), value) for point, value in run] for run in _successive(rows)]


def _bounds(rows: Sequence[tuple[PointJson, tuple[float, float]]]) -> list[list[Bounds]]:
    return [[(_middle(point), *bounds) for point, bounds in run] for run in _successive(rows)]


def _successive(rows: Sequence[tuple[PointJson, T]]) -> list[list[tuple[PointJson, T]]]:
    runs = [list(rows[:1])] if rows else []
    for (before, _), row in pairwise(rows):
        if _days([row[0]])[0] > _days([before])[1] + 1:
            runs.append([])
        runs[-1].append(row)
    return runs


def _dots(
    frame: Frame,
    rows: Sequence[tuple[PointJson, float]],
    name: str,
    told: Mapping[str, str],
) -> list[Markup]:
    return [
        dot(
            frame,
            (_middle(point), value),
            f"{point['period']}: {told[point['period']]}",
            name,
            shown=len(rows) <= MOST_DOTS,
        )
        for point, value in rows
    ]
