"""A site's versions in time as inline SVG, drawn to scale; gaps in the archive stay gaps."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from tracker.reports.gaps import gaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from storage.records import Change, Version
    from tracker.reports.gaps import Gap

WIDTH, LEFT, TOP, BAR = 960, 8, 8, 30
INNER = WIDTH - 2 * LEFT
MOST_YEARS = 16
"""Years named on the axis; of a longer span every second, third, … is."""

LABEL_NEEDS = 14
"""Pixels below which a version's bar is too narrow for its number."""

_HEAD = Markup(
    '<svg class="timeline" viewBox="0 0 {w} 84" role="group" aria-label="{label}">'
    '<defs><pattern id="{name}" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line class="hatch" y2="5"/></pattern></defs>'
)
_WINDOW = Markup(
    '<rect x="{x:.1f}" y="{y}" width="{w:.1f}" height="{h}" fill="url(#{name})">'
    "<title>changed between {a:%Y-%m-%d} and {b:%Y-%m-%d}</title></rect>"
)
_BAR = Markup(
    '<a href="#version-{anchor}"><rect class="{c}" x="{x:.1f}" y="{y}" width="{w:.1f}" '
    'height="{h}" rx="2"><title>{t}</title></rect></a>'
)
_NUMBER = Markup('<text class="number {c}" x="{x:.1f}" y="28" text-anchor="middle">{n}</text>')
_GAP = Markup(
    '<rect class="gap" x="{x:.1f}" y="{y}" width="{w:.1f}" height="{h}">'
    "<title>no capture between {a:%Y-%m-%d} and {b:%Y-%m-%d}</title></rect>"
)


def timeline(
    versions: Sequence[Version],
    changes: Sequence[Change],
    captures: Sequence[datetime],
    *,
    unread: Sequence[datetime] = (),
    prefix: str = "",
) -> Markup:
    """Draw versions as bars, windows of change hatched, captures as ticks, years as an axis.

    A bar is cut where the archive has no capture for half a year, and every bar is a link to
    ``#version-N`` (``prefix`` before N) with a title, so that it reads without a pointer. Captures
    that nobody needed to read (``unread``) are shorter ticks.
    """
    if not versions:
        return Markup("")
    start, end = versions[0].first_seen, versions[-1].last_seen
    if end - start < timedelta(days=1):
        start, end = start - timedelta(days=1), end + timedelta(days=1)
    span = (end - start).total_seconds()

    def x(moment: datetime) -> float:
        return LEFT + INNER * (moment - start).total_seconds() / span

    label = f"{len(versions)} versions from {start:%B %Y} to {end:%B %Y}"
    name = f"window{prefix}"
    parts = [_HEAD.format(w=WIDTH, label=label, name=name)]
    for change in changes:
        left, right = x(change.after), x(change.before)
        width, a, b = max(right - left, 1), change.after, change.before
        parts.append(_WINDOW.format(x=left, y=TOP, w=width, h=BAR, a=a, b=b, name=name))
    parts.extend(_bar(one, x(one.first_seen), x(one.last_seen), prefix) for one in versions)
    holes = _within_versions(gaps((*captures, *unread)), versions)
    parts.extend(_gap(gap, x) for gap in holes)
    parts.extend(_number(one, x, holes) for one in versions)
    parts.append(_ticks("tick", map(x, _between(captures, start, end)), 44, 7))
    parts.append(_ticks("tick unread", map(x, _between(unread, start, end)), 44, 4))
    parts.extend(_axis(start, end, x))
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def _between(moments: Iterable[datetime], start: datetime, end: datetime) -> Iterable[datetime]:
    return (moment for moment in moments if start <= moment <= end)


def _within_versions(found: Iterable[Gap], versions: Sequence[Version]) -> list[Gap]:
    """The gaps while one version stood; between two, the window of the change shows it."""
    spans = [(one.first_seen, one.last_seen) for one in versions]
    starts = [first for first, _ in spans]
    inside = []
    for gap in found:
        at = bisect_right(starts, gap.after) - 1
        if at >= 0 and gap.before <= spans[at][1]:
            inside.append(gap)
    return inside


def _gap(gap: Gap, x: Callable[[datetime], float]) -> Markup:
    left, right = x(gap.after), x(gap.before)
    # What both captures showed was the same: the bar goes on, thin.
    height = BAR - 6
    return _GAP.format(x=left, y=TOP, w=right - left, h=height, a=gap.after, b=gap.before)


def _ticks(kind: str, places: Iterable[float], top: int, height: int) -> Markup:
    """Thousands of captures are still at most two ticks a pixel."""
    rounded = sorted({round(place * 2) / 2 for place in places})
    if not rounded:
        return Markup("")
    path = "".join(f"M{place:g} {top}v{height}" for place in rounded)
    return Markup('<path class="{kind}" d="{path}"/>').format(kind=kind, path=path)


def _bar(version: Version, left: float, right: float, prefix: str) -> Markup:
    title = (
        f"version {version.number}: seen {version.first_seen:%Y-%m-%d} to "
        f"{version.last_seen:%Y-%m-%d}, {version.captures} captures"
    )
    return _BAR.format(
        anchor=f"{prefix}{version.number}",
        c="odd" if version.number % 2 else "even",
        x=left,
        y=TOP,
        w=max(right - left, 2),
        h=BAR,
        t=title,
    )


def _number(version: Version, x: Callable[[datetime], float], holes: Iterable[Gap]) -> Markup:
    if x(version.last_seen) - x(version.first_seen) < LABEL_NEEDS:
        return Markup("")
    middle = version.first_seen + (version.last_seen - version.first_seen) / 2
    hollow = any(gap.after < middle < gap.before for gap in holes)
    return _NUMBER.format(x=x(middle), n=version.number, c="hollow" if hollow else "")


def _axis(start: datetime, end: datetime, x: Callable[[datetime], float]) -> list[Markup]:
    years = range(start.year, end.year + 2)
    step = max(1, -(-len(years) // MOST_YEARS))
    marks = []
    for year in years[::step]:
        moment = datetime(year, 1, 1, tzinfo=UTC)
        if start <= moment <= end:
            marks.append(
                Markup(
                    '<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="54" y2="60"/>'
                    '<text class="year" x="{x:.1f}" y="75" text-anchor="middle">{year}</text>'
                ).format(x=x(moment), year=escape(str(year)))
            )
    marks.append(
        Markup('<line class="axis" x1="{a}" x2="{b}" y1="54" y2="54"/>').format(
            a=LEFT, b=WIDTH - LEFT
        )
    )
    return marks
