"""A site's versions in time as inline SVG, drawn to scale; gaps in the archive stay gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.records import Change, Version

WIDTH, LEFT, TOP, BAR = 960, 8, 8, 30
INNER = WIDTH - 2 * LEFT
MOST_YEARS = 16
"""Years named on the axis; of a longer span every second, third, … is."""

LABEL_NEEDS = 14
"""Pixels below which a version's bar is too narrow for its number."""


def timeline(
    versions: Sequence[Version], changes: Sequence[Change], captures: Sequence[datetime]
) -> Markup:
    """Draw versions as bars, windows of change hatched, captures as ticks, years as an axis.

    Every bar is a link to ``#version-N`` and carries a title, so that it reads without a pointer.
    """
    if not versions:
        return Markup("")
    start, end = versions[0].first_seen, versions[-1].last_seen
    if end - start < timedelta(days=1):
        start, end = start - timedelta(days=1), end + timedelta(days=1)
    span = (end - start).total_seconds()

    def x(moment: datetime) -> float:
        return LEFT + INNER * (moment - start).total_seconds() / span

    parts = [
        Markup(
            '<svg class="timeline" viewBox="0 0 {w} 84" role="group" aria-label="{label}">'
            '<defs><pattern id="window" width="5" height="5" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><line class="hatch" y2="5"/></pattern></defs>'
        ).format(w=WIDTH, label=f"{len(versions)} versions from {start:%B %Y} to {end:%B %Y}")
    ]
    for change in changes:
        left, right = x(change.after), x(change.before)
        parts.append(
            Markup(
                '<rect x="{x:.1f}" y="{y}" width="{w:.1f}" height="{h}" fill="url(#window)">'
                "<title>changed between {a:%Y-%m-%d} and {b:%Y-%m-%d}</title></rect>"
            ).format(x=left, y=TOP, w=max(right - left, 1), h=BAR, a=change.after, b=change.before)
        )
    parts.extend(_bar(version, x(version.first_seen), x(version.last_seen)) for version in versions)
    parts.extend(
        Markup('<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="44" y2="51"/>').format(x=x(m))
        for m in captures
        if start <= m <= end
    )
    parts.extend(_axis(start, end, x))
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def _bar(version: Version, left: float, right: float) -> Markup:
    width = max(right - left, 2)
    number = (
        Markup('<text x="{x:.1f}" y="28" text-anchor="middle">{n}</text>').format(
            x=left + width / 2, n=version.number
        )
        if width >= LABEL_NEEDS
        else Markup("")
    )
    title = (
        f"version {version.number}: seen {version.first_seen:%Y-%m-%d} to "
        f"{version.last_seen:%Y-%m-%d}, {version.captures} captures"
    )
    return Markup(
        '<a href="#version-{n}"><rect class="{c}" x="{x:.1f}" y="{y}" width="{w:.1f}" '
        'height="{h}" rx="2"><title>{t}</title></rect>{label}</a>'
    ).format(
        n=version.number,
        c="odd" if version.number % 2 else "even",
        x=left,
        y=TOP,
        w=width,
        h=BAR,
        t=title,
        label=number,
    )


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
