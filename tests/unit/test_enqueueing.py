"""What schedules ask for: once each, the narrowest that fits, whatever the clock does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storage import paces, runs, schedules, sites, tags
from storage.run_records import Origin, Pace
from tracker.schedule.enqueueing import enqueue_due, keep_rules, next_moments, site_ids_of
from tracker.schedule_rules import rule_of
from tracker.timetables import timetable

if TYPE_CHECKING:
    from storage.database import Database
    from storage.run_records import Run, Schedule

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def site_ids(db: Database) -> list[int]:
    with db.write() as conn:
        return [sites.add(conn, f"{name}.example").id for name in "abcd"]


def schedule(db: Database, target: str, **given: Any) -> Schedule:
    table = timetable(**({"every": "1h"} | given))
    with db.write() as conn:
        return schedules.put(conn, target, table, origin=Origin.COMMAND, now=NOW)


def waiting(db: Database) -> list[Run]:
    return db.retrieve(lambda conn: runs.listed(conn, waiting=True))


def test_after_a_days_downtime_there_is_one_run_for_all_that_was_missed(
    db: Database, site_ids: list[int]
) -> None:
    schedule(db, "all")
    [asked] = enqueue_due(db, NOW + 24 * HOUR)
    assert (asked.sites, asked.covers) == (4, 25)
    assert [(run.site_id, run.due, run.covers) for run in waiting(db)] == [
        (site_id, NOW + 24 * HOUR, 25) for site_id in site_ids
    ]
    assert enqueue_due(db, NOW + 24 * HOUR) == []


def test_many_schedulers_ask_once(db: Database, site_ids: list[int]) -> None:
    for target in ("all", "site:a.example", "site:b.example"):
        schedule(db, target)
    with ThreadPoolExecutor(8) as pool:
        for at in range(3):
            moments = [NOW + at * HOUR] * 8
            list(pool.map(lambda moment: enqueue_due(db, moment), moments))
    assert sorted((run.site_id, run.covers) for run in waiting(db)) == [(n, 3) for n in site_ids]


def test_the_narrowest_schedule_counts(db: Database, site_ids: list[int]) -> None:
    a, b, c, d = site_ids
    with db.write() as conn:
        tags.add(conn, a, ["banks"])
        tags.add(conn, b, ["banks"])
        nameless = sites.add(conn, "ghost.invalid")
        tags.add(conn, nameless.id, ["banks"])
    for target in ("all", "tag:banks", "site:a.example"):
        schedule(db, target)
    targets = ("site:a.example", "tag:banks", "all", "site:ghost.invalid", "tag:none")
    with db.read() as conn:
        found = [site_ids_of(conn, target) for target in targets]
    assert found == [[a], [b], [c, d], [], []]


def test_sites_that_rest_are_left_out(db: Database, site_ids: list[int]) -> None:
    fixed = schedule(db, "all")
    with db.write() as conn:
        paces.keep(conn, site_ids[0], Pace(next_due=NOW + HOUR))
        paces.keep(conn, site_ids[1], Pace(next_due=NOW + HOUR, quarantined_at=NOW))
    [asked] = enqueue_due(db, NOW)
    assert asked.sites == 3, "a quarantined site rests"
    adaptive = schedule(db, "all", adaptive=True)
    assert adaptive.id == fixed.id
    [asked] = enqueue_due(db, NOW)
    assert asked.sites == 2, "one that is not due by its pace, too"
    [asked] = enqueue_due(db, NOW + HOUR)
    assert asked.sites == 4


def test_jitter_spreads_sites_alike_each_time(db: Database, site_ids: list[int]) -> None:
    schedule(db, "all", jitter="30m")
    enqueue_due(db, NOW)
    first = {run.site_id: run.due - NOW for run in waiting(db)}
    assert set(first) == set(site_ids)
    assert len(set(first.values())) > 2
    enqueue_due(db, NOW + HOUR)
    assert {run.site_id: run.due - NOW for run in waiting(db)} == first, "and waits but once"
    assert all(timedelta(0) <= wait <= timedelta(minutes=30) for wait in first.values())


@pytest.mark.usefixtures("site_ids")
def test_a_clock_that_is_set_back_repeats_nothing_and_stops_nothing(db: Database) -> None:
    kept = schedule(db, "all")
    enqueue_due(db, NOW + 5 * HOUR)
    assert enqueue_due(db, NOW + 4 * HOUR) == []
    assert enqueue_due(db, NOW + 5 * HOUR) == []
    [asked] = enqueue_due(db, NOW + 6 * HOUR)
    assert asked.covers == 1
    # Years ahead it was never the time: what is due goes by the right one again.
    with db.write() as conn:
        schedules.mark(conn, kept.id, NOW + timedelta(days=2000))
    assert enqueue_due(db, NOW + 6 * HOUR) == []
    [asked] = enqueue_due(db, NOW + 7 * HOUR)
    assert asked.covers == 1


@pytest.mark.usefixtures("site_ids")
def test_what_is_due_and_not_asked_for_is_the_next_moment(db: Database) -> None:
    made = schedule(db, "all")
    assert next_moments(made, NOW, 2) == [NOW, NOW + HOUR]
    nightly = schedule(db, "site:a.example", every=None, cron="0 3 * * *")
    assert next_moments(nightly, NOW, 1) == [NOW + 15 * HOUR]
    enqueue_due(db, NOW)
    kept = db.retrieve(lambda conn: schedules.get(conn, "all"))
    assert kept is not None
    assert next_moments(kept, NOW, 2) == [NOW + HOUR, NOW + 2 * HOUR]


@pytest.mark.usefixtures("site_ids")
def test_what_is_paused_is_not_made_up_for(db: Database) -> None:
    kept = schedule(db, "all")
    with db.write() as conn:
        schedules.pause(conn, "all", paused=True, now=NOW)
    assert enqueue_due(db, NOW + 9 * HOUR) == []
    with db.write() as conn:
        schedules.pause(conn, "all", paused=False, now=NOW + 9 * HOUR)
        resumed = schedules.held(conn, kept.id)
    assert resumed is not None
    assert next_moments(resumed, NOW + 9 * HOUR, 1) == [NOW + 10 * HOUR]
    [asked] = enqueue_due(db, NOW + 10 * HOUR)
    assert asked.covers == 1


def test_schedules_of_the_configuration_are_those_that_it_says(db: Database) -> None:
    rules = [
        rule_of({"site": "new.example", "every": "6h"}),
        rule_of({"tag": "t", "cron": "0 3 * * *"}),
    ]
    by_command = schedule(db, "all")
    keep_rules(db, rules, NOW)
    with db.read() as conn:
        before = schedules.every(conn)
        assert sites.get(conn, "new.example")
    assert [one.target for one in before] == ["all", "site:new.example", "tag:t"]
    keep_rules(db, rules, NOW + HOUR)
    assert db.retrieve(schedules.every) == before, "read again, nothing changes"
    keep_rules(db, rules[:1], NOW + HOUR)
    keep_rules(db, [rule_of({"all": True, "every": "2h"})], NOW + HOUR)
    [left] = db.retrieve(schedules.every)
    assert (left.id, left.origin) == (by_command.id, Origin.CONFIG)
