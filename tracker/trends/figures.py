"""Figures over many sites by period: what docs/trends.md defines, from columns of versions.

Arrays throughout: a corpus of a million versions has no time for an object each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from storage.records import format_time
from tracker.trends import intervals
from tracker.trends.findings import findings
from tracker.trends.spans import (
    begin_of,
    in_force,
    longest_gap,
    name_of,
    period_of,
    shown_in,
    spans_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from storage.trends import ChangeColumns, VersionColumns
    from tracker.trends.asked import Asked
    from tracker.trends.documents import (
        PointJson,
        RateJson,
        ShareJson,
        SpreadJson,
        TrendsJson,
        WeekJson,
    )
    from tracker.trends.spans import By, Spans

WEEK = np.timedelta64(7, "D")
MARKS = {date(2018, 5, 25): "GDPR applies", date(2020, 1, 1): "CCPA in effect"}
"""Days on which the law moved many policies at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dated:
    """Changes within what the archive knows, each with its day; ``week``: known to the week."""

    site: NDArray[np.int64]
    day: NDArray[np.datetime64]
    silent: NDArray[np.bool_]
    week: NDArray[np.bool_]
    across_gaps: int


def figures(versions: VersionColumns, changes: ChangeColumns, asked: Asked) -> TrendsJson:
    """Work out the trends of some sites' versions and changes."""
    spans = spans_of(versions, asked.gap_months)
    dated = _dated(versions, spans, changes, asked)
    range_ = _asked_range(spans, asked)
    within = _within(dated.day, asked)
    shown = _in_force_within(spans, asked)
    known = {
        "words": versions.words[spans.order].astype(np.float64),
        "grade": versions.grade[spans.order],
    }
    return {
        "by": asked.by,
        "from": asked.since.isoformat() if asked.since else None,
        "to": asked.until.isoformat() if asked.until else None,
        "gap_months": asked.gap_months,
        "computed": format_time(datetime.now(UTC)),
        "sites": len(np.unique(spans.site[shown])),
        "versions": int(shown.sum()),
        "changes": int(within.sum()),
        "changes_across_gaps": dated.across_gaps,
        "changes_without_a_week": int((within & ~dated.week).sum()),
        "periods": _points(versions, spans, known, dated, asked.by, range_, asked.categories),
        "weeks": _weeks(spans, dated, within & dated.week),
        "findings": findings(spans, known, asked.since, asked.until),
    }


def _asked_range(spans: Spans, asked: Asked) -> range:
    """The periods that have a version, as far as they were asked for."""
    if not len(spans.site):
        return range(0)
    first, last = period_of(spans.first, asked.by).min(), period_of(spans.end, asked.by).max()
    if asked.since:
        first = max(first, period_of(np.array([asked.since], dtype="datetime64[D]"), asked.by)[0])
    if asked.until:
        last = min(last, period_of(np.array([asked.until], dtype="datetime64[D]"), asked.by)[0])
    return range(int(first), int(last) + 1)


def _within(days: NDArray[np.datetime64], asked: Asked) -> NDArray[np.bool_]:
    within = np.ones(len(days), dtype=np.bool_)
    if asked.since:
        within &= days >= np.datetime64(asked.since, "D")
    if asked.until:
        within &= days <= np.datetime64(asked.until, "D")
    return within


def _in_force_within(spans: Spans, asked: Asked) -> NDArray[np.bool_]:
    within = np.ones(len(spans.site), dtype=np.bool_)
    if asked.since:
        # On the day on which it was handed over a version is in force no more.
        last = spans.end - np.where(spans.handed_over & (spans.end > spans.first), 1, 0)
        within &= last >= np.datetime64(asked.since, "D")
    if asked.until:
        within &= spans.first <= np.datetime64(asked.until, "D")
    return within


def _dated(versions: VersionColumns, spans: Spans, changes: ChangeColumns, asked: Asked) -> _Dated:
    """A change's day: what its new text states where the window allows, else the window's end."""
    window = changes.before - changes.after
    known = window <= longest_gap(asked.gap_months)
    site, number, after, before = changes.site, changes.number, changes.after, changes.before
    factor = max(versions.number.max(initial=0), number.max(initial=0)) + 1
    keys = versions.site[spans.order] * factor + versions.number[spans.order]
    place = np.minimum(np.searchsorted(keys, site * factor + number), max(0, len(keys) - 1))
    stated = versions.stated[spans.order][place] if len(keys) else before
    says = (after <= stated) & (stated <= before)
    day = np.where(says, stated, before)
    return _Dated(
        site=site[known],
        day=day[known],
        silent=changes.silent[known],
        week=(says | (window <= WEEK))[known],
        across_gaps=int(_within(day[~known], asked).sum()),
    )


def _points(
    versions: VersionColumns,
    spans: Spans,
    known: dict[str, NDArray[np.float64]],
    dated: _Dated,
    by: By,
    periods: range,
    categories: Sequence[str],
) -> list[PointJson]:
    first, last = shown_in(spans, by)
    classified = versions.classified[spans.order]
    bits = versions.practices[spans.order]
    policies = _running(first, last, periods)
    readable = _running(first[classified], last[classified], periods)
    mentions = []
    for place in range(len(categories)):
        has = classified & (bits >> place & 1).astype(np.bool_)
        mentions.append(_running(first[has], last[has], periods))
    changed = period_of(dated.day, by)
    points: list[PointJson] = []
    for at, period in enumerate(periods):
        shown = (first <= period) & (last >= period)
        words, grade = (_spread(values[shown]) for values in known.values())
        if not words:
            continue
        here = changed == period
        shares: list[ShareJson] = [
            _share(name, int(count[at]), int(readable[at]))
            for name, count in zip(categories, mentions, strict=True)
        ]
        points.append(
            {
                "period": name_of(period, by),
                "from": begin_of(period, by).isoformat(),
                "to": (begin_of(period + 1, by) - timedelta(days=1)).isoformat(),
                "policies": int(policies[at]),
                "words": words,
                "grade": grade,
                "practices": shares,
                "changes": _rate(dated.site[here], int(policies[at])),
                "silent_changes": _rate(dated.site[here & dated.silent], int(policies[at])),
            }
        )
    return points


def _running(
    first: NDArray[np.int64], last: NDArray[np.int64], periods: range
) -> NDArray[np.int64]:
    """How many of the stretches from ``first`` to ``last`` hold each of the periods."""
    some = last >= first
    begun = np.searchsorted(np.sort(first[some]), np.array(periods, dtype=np.int64), side="right")
    ended = np.searchsorted(np.sort(last[some]), np.array(periods, dtype=np.int64), side="left")
    return begun - ended


def _spread(values: NDArray[np.float64]) -> SpreadJson | None:
    ordered = np.sort(values[~np.isnan(values)])
    if not len(ordered):
        return None
    q1, median, q3 = (round(float(value), 2) for value in np.quantile(ordered, (0.25, 0.5, 0.75)))
    low, high = intervals.rounded(intervals.of_median(ordered), 2)
    return {"n": len(ordered), "q1": q1, "median": median, "q3": q3, "low": low, "high": high}


def _share(category: str, hits: int, of: int) -> ShareJson:
    low, high = (round(bound, 4) for bound in intervals.of_share(hits, of))
    share = round(hits / of, 4) if of else 0.0
    return {
        "category": category,
        "n": of,
        "policies": hits,
        "share": share,
        "low": low,
        "high": high,
    }


def _rate(sites: NDArray[np.int64], policies: int) -> RateJson:
    count = len(sites)
    _, each = np.unique(sites, return_counts=True)
    low, high = intervals.of_rate(count, policies, int((each * each).sum()))
    return {
        "count": count,
        "per_policy": round(count / policies, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _weeks(spans: Spans, dated: _Dated, some: NDArray[np.bool_]) -> list[WeekJson]:
    """The weeks with a change that is dated to the week, by their Mondays."""
    # The first of January 1970 was a Thursday.
    of_change = (dated.day[some].astype(np.int64) + 3) // 7
    weeks, count = np.unique(of_change, return_counts=True)
    pairs = np.unique(np.stack([of_change, dated.site[some]]), axis=1)
    _, sites = np.unique(pairs[0], return_counts=True)
    mondays: NDArray[np.datetime64] = (weeks * 7 - 3).astype("datetime64[D]")
    sundays: NDArray[np.datetime64] = (weeks * 7 + 3).astype("datetime64[D]")
    policies = in_force(spans, sundays)
    found: list[WeekJson] = []
    for monday, changes, changing, there in zip(
        mondays.tolist(), count.tolist(), sites.tolist(), policies.tolist(), strict=True
    ):
        marks = [
            f"{name} on {day}"
            for day, name in MARKS.items()
            if monday <= day < monday + timedelta(days=7)
        ]
        found.append(
            {
                "week": monday.isoformat(),
                "changes": changes,
                "sites": changing,
                "policies": there,
                "marks": marks,
            }
        )
    return found
