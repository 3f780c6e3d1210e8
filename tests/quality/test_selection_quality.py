"""How many of the versions that fetching everything finds, few requests find, dated as well.

Floors on real histories under simulated calendars, and on the real captures of the shared archive.
``python -m tests.benchmarks.bench_selection`` prints the whole curve.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crawler.adaptive import Adaptive
from crawler.selection import next_captures
from storage.records import CaptureState
from tests.quality.simulated_series import CALENDARS, recorded, simulated
from tracker.versions.flicker import spells, stretches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from crawler.selection import Strategy
    from tests.quality.simulated_series import Calendar, Series

    MakeStrategy = Callable[[Mapping[int, str | None], Series], Strategy]

pytestmark = pytest.mark.quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a strategy found of one or more series, beside what fetching everything finds.

    Versions and changes are those that ``tracker.versions`` derives, so that a text that flickers
    up for a day is none. A version is found where one of its text and time is derived; a change is
    dated alike where it lies between the same two captures. ``passing`` counts the spells of a text
    between two captures of another, however short, as nothing tells bisection of them.
    """

    policies: int = 0
    captures: int = 0
    requests: int = 0
    versions: int = 0
    found: int = 0
    false: int = 0
    changes: int = 0
    dated: int = 0
    passing: int = 0
    passing_found: int = 0

    def __add__(self, other: Score) -> Score:
        names = (field.name for field in fields(self))
        return Score(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def least(self) -> int:
        """The theoretical least of requests: two a change and two a policy."""
        return 2 * self.changes + 2 * self.policies


@dataclass(frozen=True, slots=True)
class _Version:
    key: str
    first: int
    last: int


def crawl(
    series: Series, make: MakeStrategy, budget: int | None = None
) -> tuple[dict[int, str | None], int]:
    """What is known at the end of a crawl, and the requests it took."""
    keys: dict[int, str | None] = {}
    frontier = {item.id: item for item in series.listed}
    strategy, requests = make(keys, series), 0
    while choice := next_captures(list(frontier.values()), strategy):
        allowed = choice.fetch if budget is None else choice.fetch[: budget - requests]
        requests += len(allowed)
        for capture_id in [copy.id for copy in choice.copy] + list(allowed):
            keys[capture_id] = series.truth[capture_id]
            frontier[capture_id] = replace(frontier[capture_id], state=CaptureState.FETCHED)
        if requests == budget:
            break
    return keys, requests


def score(series: Series, keys: Mapping[int, str | None], requests: int) -> Score:
    """Compare what is known with everything."""
    everything, known = _versions(series, series.truth), _versions(series, keys)
    changes = {(a.last, b.first) for a, b in pairwise(everything)}
    passing = _passing(series)
    return Score(
        policies=1,
        captures=len(series.listed),
        requests=requests,
        versions=len(everything),
        found=sum(_has(known, version) for version in everything),
        false=sum(not _has(everything, version) for version in known),
        changes=len(changes),
        dated=len(changes & {(a.last, b.first) for a, b in pairwise(known)}),
        passing=len(passing),
        passing_found=sum(not ids.isdisjoint(keys) for ids in passing),
    )


def _versions(series: Series, keys: Mapping[int, str | None]) -> list[_Version]:
    usable = [item for item in series.listed if keys.get(item.id) is not None]
    texts = [str(keys[item.id]) for item in usable]
    moments = [item.capture.moment for item in usable]
    return [
        _Version(str(stretch.key), usable[stretch.shown[0]].id, usable[stretch.shown[-1]].id)
        for stretch in stretches(texts, moments)
    ]


def _has(versions: Iterable[_Version], wanted: _Version) -> bool:
    return any(
        version.key == wanted.key and version.first <= wanted.last and wanted.first <= version.last
        for version in versions
    )


def _passing(series: Series) -> list[set[int]]:
    usable = [item.id for item in series.listed if series.truth[item.id] is not None]
    runs = spells([series.truth[capture_id] for capture_id in usable])
    return [
        set(usable[runs[i].first : runs[i].last + 1])
        for i in range(1, len(runs) - 1)
        if runs[i - 1].key == runs[i + 1].key
    ]


@cache
def all_series(shared: Path, source: Calendar | None) -> tuple[Series, ...]:
    """Simulated series by a calendar, or the recorded ones."""
    return tuple(recorded(shared) if source is None else simulated(shared, source))


def total(many: Iterable[Series], make: MakeStrategy, share: float | None = None) -> Score:
    """The sum over all series; ``share`` of the requests that each would take is its budget."""
    result = Score()
    for series in many:
        keys, requests = crawl(series, make)
        if share is not None:
            keys, requests = crawl(series, make, max(1, round(share * requests)))
        result += score(series, keys, requests)
    return result


def adaptive(keys: Mapping[int, str | None], series: Series) -> Strategy:
    """The strategy as it is by default."""
    return Adaptive(keys=keys, days=series.days)


@pytest.mark.parametrize(
    ("calendar", "requests"), [("daily", 2.5), ("gaps", 1.95), ("weekly", 1.75)]
)
def test_nearly_all_versions_for_few_requests(
    shared: Path, calendar: Calendar, requests: float
) -> None:
    assert calendar in CALENDARS
    result = total(all_series(shared, calendar), adaptive)
    assert result.found / result.versions >= 0.99
    assert result.dated / result.changes >= 0.98
    assert result.false / result.versions <= 0.025
    assert result.requests / result.least <= requests


def test_real_captures(shared: Path) -> None:
    result = total(all_series(shared, None), adaptive)
    # One version is a spell of eight days between two captures of the same text.
    assert result.versions - result.found <= 1
    assert result.changes - result.dated <= 2
    assert result.false == 0
    assert result.requests / result.least <= 1.85


def test_a_budget_that_ends_early_has_found_most(shared: Path) -> None:
    half = total(all_series(shared, "gaps"), adaptive, 0.5)
    assert half.found / half.versions >= 0.87
