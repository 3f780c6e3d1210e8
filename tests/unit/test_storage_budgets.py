"""The shared budget: its arithmetic by a clock of ours, its sharing by real processes."""

from __future__ import annotations

import itertools
import multiprocessing
import random
from typing import TYPE_CHECKING

import pytest

from storage import budgets
from storage.database import open_database
from tests.standins.request_log import busiest

if TYPE_CHECKING:
    from storage.database import Database

START = 1_700_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def waits(db: Database, clock: Clock, count: int, per_minute: float = 24) -> list[float]:
    return [
        round(budgets.acquire(db, "wayback", "cdx", per_minute, clock=clock) - clock.now, 2)
        for _ in range(count)
    ]


def test_the_rate_holds_from_the_first_request_on(db: Database) -> None:
    clock = Clock()
    assert waits(db, clock, 4) == [-0.25, 2.33, 4.92, 7.5]
    clock.now += 3600.0
    assert waits(db, clock, 3) == [-0.25, 2.33, 4.92]


def test_a_clock_that_is_set_back_costs_no_hour_and_lets_no_stampede_out(db: Database) -> None:
    clock = Clock()
    waits(db, clock, 3)
    clock.now -= 3600.0
    assert waits(db, clock, 3) == [2.33, 4.92, 7.5]
    clock.now += 7200.0
    assert waits(db, clock, 2) == [-0.25, 2.33]


@pytest.mark.parametrize("per_minute", [1, 24, 480])
def test_no_window_of_a_minute_exceeds_it_though_delays_differ(
    db: Database, per_minute: float
) -> None:
    clock, chance = Clock(), random.Random(1)
    came: list[float] = []
    while clock.now < START + 200 and len(came) < 1.3 * per_minute:
        due = budgets.acquire(db, "wayback", "cdx", per_minute, clock=clock)
        clock.now = max(clock.now, due) + chance.random() * 0.02
        came.append(max(clock.now, due) + chance.random() * (budgets.SLACK - budgets.CATCH_UP))
    assert busiest(came, 60.0) <= per_minute


def test_kinds_and_archives_have_budgets_of_their_own(db: Database) -> None:
    clock = Clock()
    waits(db, clock, 10)
    for archive, kind in (("wayback", "replay"), ("pywb:http://127.0.0.1:8090/dev", "cdx")):
        assert budgets.acquire(db, archive, kind, 24, clock=clock) <= clock.now


def test_a_pause_holds_every_kind_and_is_followed_by_no_stampede(db: Database) -> None:
    clock = Clock()
    waits(db, clock, 1)
    budgets.pause(db, "wayback", 60, clock=clock)
    budgets.pause(db, "wayback", 5, clock=clock)
    assert budgets.paused_for(db, "wayback", clock=clock) == 60
    assert budgets.paused_for(db, "other", clock=clock) == 0
    assert waits(db, clock, 3) == [60, 62.58, 65.17]
    assert budgets.acquire(db, "wayback", "replay", 480, clock=clock) == clock.now + 60
    assert budgets.acquire(db, "wayback", "save", 0, clock=clock) == clock.now + 60
    clock.now += 61
    assert budgets.paused_for(db, "wayback", clock=clock) == 0
    assert budgets.acquire(db, "wayback", "save", 0, clock=clock) == clock.now


def test_a_pause_does_not_outlive_a_clock_that_is_set_back(db: Database) -> None:
    clock = Clock()
    budgets.pause(db, "wayback", 86_400, clock=clock)
    assert budgets.paused_for(db, "wayback", clock=clock) == budgets.LONGEST_REST
    clock.now -= 7200.0
    assert budgets.paused_for(db, "wayback", clock=clock) == 0
    budgets.pause(db, "wayback", 60, clock=clock)
    assert budgets.paused_for(db, "wayback", clock=clock) == 60


def grants(url: str, count: int, per_minute: float) -> list[float]:
    """The moments at which the granted requests may go out."""
    with open_database(url) as db:
        return [budgets.acquire(db, "wayback", "replay", per_minute) for _ in range(count)]


def test_four_processes_share_one_rate(database_url: str) -> None:
    open_database(database_url).close()
    per_second = 10.0
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        jobs = [(database_url, 50, per_second * 60)] * 4
        slots = sorted(slot for granted in pool.starmap(grants, jobs) for slot in granted)
    gaps = [later - slot for slot, later in itertools.pairwise(slots)]
    assert len(gaps) == 199
    interval = (60 + budgets.SLACK) / (per_second * 60)
    assert min(gaps) == pytest.approx(interval)
    # A busy machine may let a turn pass before the first processes have begun to ask.
    assert sum(gaps) == pytest.approx(199 * interval, rel=0.2)
