"""What a crawl costs an archive, by measured averages, and how long that takes within its budget.

The averages are of sites of which nothing is known yet; what the database knows takes their place
in `tracker.planning`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from crawler.config import ArchiveConfig

DISCOVERY_CDX: Final = 34 / 14
"""Index queries a site, that of its policy's captures included: 34 for the 14 sites of the shared
archive (``python -m tests.quality.test_discovery_quality``)."""

DISCOVERY_REPLAY: Final = 35 / 14
"""Home and legal pages read a site: 35 for the same sites."""

CHANGES_A_YEAR: Final = 28 / 19.1
"""Changes of a privacy policy's words: 28 in the 19.1 years of eight policies of that archive whose
history has a gold text."""

REPLAY_A_CHANGE: Final = 1707 / 414
"""Captures read to find a change and date it to neighbours: 1,707 for 414 changes, the coarse grid
included (``python -m tests.benchmarks.bench_selection``, calendar ``gaps``)."""

REPLAY_A_POLICY: Final = 2.0
"""Its oldest and its newest capture."""

YEARS: Final = 10.0
"""Years of history that a site is taken to have where nothing is known."""

BODY_BYTES: Final = 176_000
"""Bytes of a policy's page: the mean of 60 real ones (``tests.benchmarks.bench_normalize``)."""

KEPT: Final = 1 / 14
"""What is left of them in the database, where successive captures are packed against each other:
2.9 MB, versions and texts included, of the 40 MB fetched of six sites of the shared archive."""

MINUTES_A_DAY: Final = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Requests by the archive's two budgets; may be fractions, as averages are."""

    cdx: float = 0.0
    replay: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(cdx=self.cdx + other.cdx, replay=self.replay + other.replay)

    def __mul__(self, number: float) -> Cost:
        return Cost(cdx=self.cdx * number, replay=self.replay * number)

    @property
    def requests(self) -> dict[str, int]:
        """Whole requests, as JSON has them."""
        return {"cdx": math.ceil(self.cdx), "replay": math.ceil(self.replay)}

    def limited(self, requests: int | None) -> Cost:
        """The part of it that so many requests in all pay, in the same proportion."""
        total = self.cdx + self.replay
        if requests is None or total <= requests:
            return self
        return self * (requests / total)

    @property
    def gigabytes(self) -> float:
        """Bodies to be fetched."""
        return self.replay * BODY_BYTES / 1e9

    @property
    def gigabytes_kept(self) -> float:
        """Room that they take in the database."""
        return self.gigabytes * KEPT

    def minutes(self, archive: ArchiveConfig) -> float:
        """How long it takes within the budget: index and replay are asked at the same time."""
        spans = ((self.cdx, archive.cdx_per_minute), (self.replay, archive.replay_per_minute))
        return max(requests / rate if rate else 0.0 for requests, rate in spans)

    def days(self, archive: ArchiveConfig) -> float:
        """The same in days."""
        return self.minutes(archive) / MINUTES_A_DAY


def first_crawl(years: float = YEARS) -> Cost:
    """Of a site of which nothing is known, with the strategy ``adaptive``."""
    return Cost(cdx=DISCOVERY_CDX, replay=DISCOVERY_REPLAY) + history(years)


def history(years: float) -> Cost:
    """Of a policy's captures alone, once they are listed."""
    return Cost(replay=REPLAY_A_POLICY + years * CHANGES_A_YEAR * REPLAY_A_CHANGE)


def update(years: float) -> Cost:
    """Of a site that is known, so long after its last crawl."""
    return Cost(cdx=1.0, replay=1.0 + years * CHANGES_A_YEAR * REPLAY_A_CHANGE)


def cost_document(cost: Cost, archive: ArchiveConfig) -> dict[str, Any]:
    """A cost as JSON."""
    return {
        "requests": cost.requests,
        "minutes": round(cost.minutes(archive), 1),
        "days": round(cost.days(archive), 3),
        "gigabytes": round(cost.gigabytes, 3),
        "gigabytes_kept": round(cost.gigabytes_kept, 3),
    }
