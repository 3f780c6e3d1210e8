"""What Amos et al. (WWW 2021) found of a million policies, asked of one's own corpus.

They report that over two decades the median policy doubled in length and went up a reading grade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracker.trends import intervals
from tracker.trends.spans import shown_in

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from tracker.trends.documents import FindingJson, FindingsJson, SideJson
    from tracker.trends.spans import Spans

FEW = 0.1
"""A year counts whose sites are at least this part of the fullest year's."""


def findings(
    spans: Spans, known: dict[str, NDArray[np.float64]], since: date | None, until: date | None
) -> FindingsJson | None:
    """Compare the first year with the last, over all sites of each and over those of both.

    ``known`` gives measures by version, NaN where unknown. None where there are no two years.
    """
    first, last = shown_in(spans, "year")
    years = _years(first, last, since, until)
    if len(years) < 2:
        return None
    begin, end = (np.flatnonzero((first <= y) & (last >= y)) for y in (years[0], years[-1]))
    rows: list[FindingJson] = []
    for measure, values in known.items():
        old, new = begin[~np.isnan(values[begin])], end[~np.isnan(values[end])]
        _, in_old, in_new = np.intersect1d(spans.site[old], spans.site[new], return_indices=True)
        same = _same_sites(measure, values[old[in_old]], values[new[in_new]])
        rows += [row for row in (_all_sites(measure, values[old], values[new]), same) if row]
    return {
        "first_year": str(1970 + years[0]),
        "last_year": str(1970 + years[-1]),
        "same_sites": len(np.intersect1d(spans.site[begin], spans.site[end])),
        "rows": rows,
    }


def _years(
    first: NDArray[np.int64], last: NDArray[np.int64], since: date | None, until: date | None
) -> list[int]:
    shown = last >= first
    if not shown.any():
        return []
    begin = since.year - 1970 if since else int(first[shown].min())
    end = until.year - 1970 if until else int(last[shown].max())
    counts = {y: int(((first <= y) & (last >= y)).sum()) for y in range(begin, end + 1)}
    fullest = max(counts.values(), default=0)
    return [year for year, count in counts.items() if count and count >= FEW * fullest]


def _all_sites(
    measure: str, old: NDArray[np.float64], new: NDArray[np.float64]
) -> FindingJson | None:
    """The two medians of whatever sites there were, and how far they are apart."""
    if not len(old) or not len(new):
        return None
    was, now = float(np.median(old)), float(np.median(new))
    bounds = intervals.of_median(np.sort(old)), intervals.of_median(np.sort(new))
    if measure == "words":
        change = now / was if was else 0.0
        around = intervals.of_ratio(*bounds, change)
    else:
        change = now - was
        around = intervals.of_difference(*bounds, change)
    return _row(measure, "all sites", old, new, change, around)


def _same_sites(
    measure: str, old: NDArray[np.float64], new: NDArray[np.float64]
) -> FindingJson | None:
    """What became of the median site of those that are there in both years."""
    if not len(old):
        return None
    became = np.sort(new / np.maximum(old, 1) if measure == "words" else new - old)
    around = intervals.of_median(became)
    return _row(measure, "same sites", old, new, float(np.median(became)), around)


def _row(
    measure: str,
    over: str,
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    change: float,
    around: intervals.Interval | None,
) -> FindingJson:
    low, high = intervals.rounded(around, 3)
    return {
        "measure": measure,
        "over": over,
        "first": _side(old),
        "last": _side(new),
        "change": round(change, 3),
        "low": low,
        "high": high,
    }


def _side(values: NDArray[np.float64]) -> SideJson:
    low, high = intervals.rounded(intervals.of_median(np.sort(values)), 2)
    return {
        "n": len(values),
        "median": round(float(np.median(values)), 2),
        "low": low,
        "high": high,
    }
