"""The shared budget: its arithmetic by a clock of ours, its sharing by real processes."""

from __future__ import annotations

import multiprocessing
import time
from typing import TYPE_CHECKING

import pytest

from storage import budgets
from storage.database import open_database

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
        round(budgets.acquire(db, "wayback", "cdx", per_minute, clock=clock), 3)
        for _ in range(count)
    ]


def test_a_burst_then_the_rate(db: Database) -> None:
    clock = Clock()
    assert waits(db, clock, 7) == [0, 0, 0, 0, 2.5, 5.0, 7.5]
    clock.now += 10.0
    assert waits(db, clock, 2) == [0, 2.5]
    clock.now += 3600.0
    assert waits(db, clock, 6) == [0, 0, 0, 0, 2.5, 5.0]


def test_kinds_and_archives_have_budgets_of_their_own(db: Database) -> None:
    clock = Clock()
    waits(db, clock, 10)
    assert budgets.acquire(db, "wayback", "replay", 480, clock=clock) == 0
    assert budgets.acquire(db, "pywb:http://127.0.0.1:8090/dev", "cdx", 24, clock=clock) == 0


def test_a_pause_holds_every_kind_and_is_followed_by_no_stampede(db: Database) -> None:
    clock = Clock()
    waits(db, clock, 1)
    budgets.pause(db, "wayback", 60, clock=clock)
    budgets.pause(db, "wayback", 5, clock=clock)
    assert budgets.paused_for(db, "wayback", clock=clock) == 60
    assert budgets.paused_for(db, "other", clock=clock) == 0
    assert waits(db, clock, 6) == [60, 60, 60, 60, 62.5, 65.0]
    assert budgets.acquire(db, "wayback", "replay", 480, clock=clock) == 60
    assert budgets.acquire(db, "wayback", "save", 0, clock=clock) == 60
    clock.now += 61
    assert budgets.paused_for(db, "wayback", clock=clock) == 0
    assert budgets.acquire(db, "wayback", "save", 0, clock=clock) == 0


def grants(url: str, count: int, per_minute: float) -> list[float]:
    """The moments at which the granted requests may go out."""
    with open_database(url) as db:
        granted = []
        for _ in range(count):
            wait = budgets.acquire(db, "wayback", "replay", per_minute)
            granted.append(time.time() + wait)
        return granted


def test_four_processes_share_one_rate(database_url: str) -> None:
    open_database(database_url).close()
    per_second = 10.0
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        jobs = [(database_url, 50, per_second * 60)] * 4
        slots = sorted(slot for granted in pool.starmap(grants, jobs) for slot in granted)
    assert len(slots) == 200
    # Every window of a second holds the rate, and the burst on top of it at most; a slot is read
    # off a little after it was granted, hence the tolerance.
    crowd = max(sum(1 for other in slots if 0 <= other - slot < 1.0) for slot in slots)
    assert crowd <= per_second + budgets.BURST + 2
    assert (len(slots) - budgets.BURST) / (slots[-1] - slots[0]) == pytest.approx(
        per_second, rel=0.05
    )
