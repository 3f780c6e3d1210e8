"""Versions found against requests spent, beside other ways to choose captures.

Run ``python -m tests.benchmarks.bench_selection``; it takes some minutes.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from math import inf
from typing import TYPE_CHECKING

from crawler.adaptive import Adaptive
from crawler.selection import All, Digest, Every, next_captures
from storage.records import CaptureState, format_timestamp
from tests.conftest import SHARED
from tests.quality.simulated_series import CALENDARS
from tests.quality.test_selection_quality import adaptive, all_series, total

if TYPE_CHECKING:
    from storage.records import ListedCapture
    from tests.quality.simulated_series import Series
    from tests.quality.test_selection_quality import MakeStrategy, Score

WAYS: tuple[tuple[str, MakeStrategy, float | None], ...] = (
    ("every capture", lambda *_: All(), None),
    ("one per digest", lambda *_: Digest(), None),
    ("daily", lambda *_: Every(days=1), None),
    ("weekly", lambda *_: Every(days=7), None),
    ("monthly", lambda *_: Every(months=1), None),
    ("half-yearly", lambda *_: Every(months=6), None),
    (
        "ends only, bisect",
        lambda keys, series: Adaptive(keys=keys, days=series.days, coarsest=inf),
        None,
    ),
    ("adaptive", adaptive, None),
    ("adaptive, 75 %", adaptive, 0.75),
    ("adaptive, 50 %", adaptive, 0.5),
    ("adaptive, 25 %", adaptive, 0.25),
)


def line(name: str, result: Score) -> str:
    """One row of the table."""
    return (
        f"{name:<20}{result.requests:>9}{result.requests / result.captures:>8.1%}"
        f"{result.requests / result.least:>7.2f}{result.found:>7}/{result.versions:<5}"
        f"{result.found / result.versions:>6.1%}{result.dated:>7}/{result.changes:<5}"
        f"{result.dated / result.changes:>6.1%}{result.false:>7}"
        f"{result.passing_found:>8}/{result.passing}"
    )


def tables() -> None:
    """Print a table for each calendar and one for the real captures."""
    header = (
        f"{'':<20}{'requests':>9}{'share':>8}{'×least':>7}{'versions':>13}{'':>6}"
        f"{'dated alike':>13}{'':>6}{'false':>7}{'A-B-A':>10}"
    )
    for source in (None, *CALENDARS):
        series = all_series(SHARED, source)
        captures = sum(len(one.listed) for one in series)
        name = source or "the shared archive's own captures"
        print(f"\n{name}: {len(series)} policies, {captures} captures\n{header}")
        for way, make, share in WAYS:
            print(line(way, total(series, make, share)), flush=True)


def speed(count: int, days: float, template: Series) -> None:
    """Print what one question costs in the midst of a crawl of many captures."""
    first = template.listed[0]
    moments = (first.capture.moment + timedelta(days=days * i) for i in range(count))
    listed = [
        replace(
            first,
            id=i,
            capture=replace(first.capture, timestamp=format_timestamp(moment), digest=f"sha1 {i}"),
        )
        for i, moment in enumerate(moments)
    ]
    keys: dict[int, str | None] = {i: str(i // 1000) for i in (*range(0, count, 500), count - 1)}
    for i in keys:
        listed[i] = replace(listed[i], state=CaptureState.FETCHED)
    strategy = Adaptive(keys=keys)
    print(f"{count} captures: {_best(strategy, listed)}")


def _best(strategy: Adaptive, listed: list[ListedCapture]) -> str:
    asked, chosen = [], []
    for _ in range(5):
        began = time.perf_counter()
        strategy.wanted(listed)
        asked.append(time.perf_counter() - began)
        began = time.perf_counter()
        next_captures(listed, strategy)
        chosen.append(time.perf_counter() - began)
    return f"wanted {min(asked) * 1000:.0f} ms, with next_captures {min(chosen) * 1000:.0f} ms"


if __name__ == "__main__":
    template = all_series(SHARED, "weekly")[0]
    tables()
    speed(10_000, 0.3, template)
    speed(100_000, 0.05, template)
