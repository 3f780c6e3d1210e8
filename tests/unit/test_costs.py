"""What crawls cost, by the averages that the module names."""

from __future__ import annotations

import math

import pytest

from crawler.config import ArchiveConfig
from tracker.costs import Cost, cost_document, first_crawl, update

ARCHIVE = ArchiveConfig()


def test_the_scarcer_budget_says_how_long_it_takes() -> None:
    assert Cost(cdx=24, replay=480).minutes(ARCHIVE) == pytest.approx(1.0)
    assert Cost(cdx=48, replay=480).minutes(ARCHIVE) == pytest.approx(2.0)
    assert Cost(cdx=1, replay=4800).minutes(ARCHIVE) == pytest.approx(10.0)
    unlimited = ArchiveConfig(cdx_per_minute=0, replay_per_minute=0)
    assert Cost(cdx=9, replay=9).minutes(unlimited) == 0


def test_a_longer_history_costs_more_replays_and_no_more_queries() -> None:
    short, long = first_crawl(2), first_crawl(20)
    assert short.cdx == long.cdx
    assert short.replay < long.replay / 3
    assert update(1 / 52).replay < 2


def test_costs_add_up_and_are_cut_in_proportion() -> None:
    cost = (Cost(cdx=1, replay=3) + Cost(cdx=1, replay=1)) * 10
    assert cost == Cost(cdx=20, replay=40)
    assert cost.limited(None) == cost.limited(60) == cost
    half = cost.limited(30)
    assert math.isclose(half.cdx + half.replay, 30)
    assert math.isclose(half.cdx, 10)


def test_a_million_captures_are_a_day_and_a_half() -> None:
    document = cost_document(Cost(replay=1_000_000), ARCHIVE)
    assert document["days"] == pytest.approx(1.447, abs=0.001)
    assert document["requests"] == {"cdx": 0, "replay": 1_000_000}
    assert document["gigabytes"] == pytest.approx(176)
