"""Runs: asked for once, claimed by one, ended once; schedules, paces, tags, late captures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from storage import arrivals, captures, paces, runs, schedules, sites, tags
from storage.database import open_database
from storage.records import Capture, Role
from storage.run_records import Origin, Pace, RunResult, RunState
from tracker.schedule.health import health, health_line
from tracker.schedule.metrics import metrics
from tracker.timetables import timetable

if TYPE_CHECKING:
    from storage.database import Connection, Database
    from storage.run_records import Run

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=2)
DONE = RunResult(outcome="done", captures=3, versions=1, requests_cdx=1, requests_replay=3)


@pytest.fixture
def site_ids(db: Database) -> list[int]:
    with db.write() as conn:
        return [sites.add(conn, f"{name}.example").id for name in "abcdef"]


def claim(db: Database, worker: str, now: datetime = NOW, limit: int = 10) -> list[Run]:
    def work(conn: Connection) -> list[Run]:
        return runs.claim(conn, worker, now, until=now + timedelta(minutes=2), limit=limit)

    return db.transact(work)


def ask(db: Database, ids: list[int], due: datetime = NOW, covers: int = 1) -> int:
    moments = dict.fromkeys(ids, due)
    return db.transact(lambda conn: runs.enqueue(conn, moments, schedule_id=None, covers=covers))


def test_what_is_asked_for_twice_is_one_run_and_what_waits_stands_for_more(
    db: Database, site_ids: list[int]
) -> None:
    assert ask(db, site_ids) == 6
    assert ask(db, site_ids, NOW + timedelta(hours=1), covers=3) == 0
    claimed = claim(db, "w")
    assert [run.covers for run in claimed] == [4] * 6
    with db.write() as conn:
        assert all(runs.finish(conn, run.id, "w", DONE, LATER) for run in claimed)
    assert ask(db, site_ids) == 0, "that moment is over"


def test_only_who_holds_a_run_can_end_it_and_only_once(db: Database, site_ids: list[int]) -> None:
    ask(db, site_ids[:1])
    [run] = claim(db, "first")
    assert claim(db, "second") == []
    dead = NOW + timedelta(minutes=3)
    [again] = claim(db, "second", dead)
    assert (again.id, again.attempts) == (run.id, 2)
    with db.write() as conn:
        assert runs.renew(conn, [run.id], "first", LATER) == set()
        assert not runs.finish(conn, run.id, "first", DONE, LATER)
        assert runs.finish(conn, run.id, "second", DONE, LATER)
        assert not runs.finish(conn, run.id, "second", DONE, LATER)
        [listed] = runs.listed(conn)
    assert (listed.state, listed.outcome, listed.requests_replay) == (RunState.ENDED, "done", 3)


def test_a_site_is_never_run_twice_at_once(db: Database, site_ids: list[int]) -> None:
    ask(db, site_ids[:1])
    [first] = claim(db, "first")
    ask(db, site_ids[:1], NOW + timedelta(seconds=30))
    assert claim(db, "second", NOW + timedelta(seconds=40)) == []
    with db.write() as conn:
        taken = runs.take(conn, site_ids[:1], "by hand", LATER - timedelta(seconds=5), until=LATER)
        assert taken == []
        runs.finish(conn, first.id, "first", DONE, LATER)
    assert len(claim(db, "second", LATER)) == 1


def test_many_workers_share_the_runs_without_meeting(
    database_url: str, db: Database, site_ids: list[int]
) -> None:
    with db.write() as conn:
        more = [sites.add(conn, f"{number}.example").id for number in range(40)]
    ask(db, site_ids + more)
    with open_database(database_url) as other, ThreadPoolExecutor(8) as pool:
        ways = [partial(claim, one, f"w{n}", NOW, 5) for n in range(12) for one in (db, other)]
        claimed = [
            run.id for future in [pool.submit(way) for way in ways] for run in future.result()
        ]
    # PostgreSQL's workers pass over what another one is about to take, and come again.
    claimed += [run.id for run in claim(db, "last", NOW, 100)]
    assert len(claimed) == len(set(claimed)) == 46


def test_what_is_handed_back_is_free_and_what_broke_off_rests(
    db: Database, site_ids: list[int]
) -> None:
    ask(db, site_ids[:2])
    ids = [run.id for run in claim(db, "w")]
    with db.write() as conn:
        assert runs.hand_back(conn, ids[:1], "w") == 1
        soon = NOW + timedelta(minutes=1)
        assert runs.put_off(conn, ids[1:], "w", soon, "the disk is full") == 1
    assert [(run.id, run.attempts) for run in claim(db, "x")] == [(ids[0], 1)]
    [rested] = claim(db, "x", soon)
    assert (rested.id, rested.attempts, rested.reason) == (ids[1], 2, "the disk is full")


def test_somebody_who_asks_now_gets_a_run_now(db: Database, site_ids: list[int]) -> None:
    ask(db, site_ids[:1], NOW + timedelta(minutes=9))
    for _ in range(2):
        with db.write() as conn:
            taken = runs.take(conn, site_ids[:2], "me", NOW, until=LATER)
            assert len(taken) == 2
            assert all(runs.finish(conn, run.id, "me", DONE, NOW) for run in taken)
    with db.read() as conn:
        assert len(runs.listed(conn)) == 4
        assert [run.due for run in runs.listed(conn, waiting=True)] == [NOW + timedelta(minutes=9)]


def test_a_schedule_stays_as_it_is_unless_it_says_something_else(db: Database) -> None:
    hourly, daily = timetable(every="1h"), timetable(cron="0 3 * * *", jitter="5m")
    with db.write() as conn:
        first = schedules.put(conn, "all", hourly, origin=Origin.COMMAND, now=NOW)
        schedules.mark(conn, first.id, NOW)
        schedules.pause(conn, "all", paused=True, now=NOW)
        same = schedules.put(conn, "all", hourly, origin=Origin.CONFIG, now=LATER)
        assert (same.id, same.paused, same.anchor, same.enqueued_until) == (
            first.id,
            True,
            NOW,
            NOW,
        )
        assert schedules.held(conn, first.id) is None
        other = schedules.put(conn, "all", daily, origin=Origin.COMMAND, now=LATER)
        assert (other.id, other.anchor, other.enqueued_until) == (first.id, LATER, None)
        assert other.timetable == daily
        schedules.pause(conn, "all", paused=False, now=LATER)
        assert schedules.get(conn, "all") == schedules.held(conn, first.id)
        assert schedules.remove(conn, "all")
        assert not schedules.remove(conn, "all")


def test_sites_are_due_by_their_pace(db: Database, site_ids: list[int]) -> None:
    day = timedelta(days=1)
    with db.write() as conn:
        paces.keep(conn, site_ids[0], Pace(interval=day, next_due=NOW + day))
        paces.keep(conn, site_ids[1], Pace(interval=day, next_due=NOW - day))
        ill = Pace(next_due=NOW + day, failures=5, failing_since=NOW - day, quarantined_at=NOW)
        paces.keep(conn, site_ids[2], ill)
        assert paces.of_site(conn, site_ids[2]) == ill
        assert paces.due_site_ids(conn, NOW) == [*site_ids[3:], site_ids[1]]
        assert paces.resting_site_ids(conn, NOW, all_of_them=False) == {site_ids[2]}
        assert paces.resting_site_ids(conn, NOW, all_of_them=True) == {site_ids[0], site_ids[2]}
        assert [domain for domain, _ in paces.quarantined(conn)] == ["c.example"]
        assert paces.next_due(conn) == ("b.example", NOW - day)


def test_tags_are_given_and_taken(db: Database, site_ids: list[int]) -> None:
    with db.write() as conn:
        tags.add(conn, site_ids[0], ["banks", "banks", "de"])
        tags.add(conn, site_ids[1], ["banks"])
        tags.remove(conn, site_ids[0], "de")
        assert tags.of_site(conn, site_ids[0]) == ("banks",)
        assert tags.site_ids(conn, "banks") == site_ids[:2]


def listed(conn: Connection, site_id: int, *timestamps: str, urlkey: str = "k") -> None:
    rows = [
        Capture(
            urlkey=urlkey,
            timestamp=timestamp,
            original=f"http://a.example/{urlkey}",
            mimetype="text/html",
            statuscode=200,
            digest="-",
        )
        for timestamp in timestamps
    ]
    captures.record(conn, site_id, "wayback", Role.POLICY, rows)


def test_captures_that_slot_into_the_past_are_late(db: Database, site_ids: list[int]) -> None:
    with db.write() as conn:
        assert arrivals.late(conn, site_ids[0], arrivals.known(conn, site_ids[0])) == 0
        listed(conn, site_ids[0], "20200101000000", "20210101000000")
        before = arrivals.known(conn, site_ids[0])
        # An old capture of a URL that was not known is no late one, nor is a new one.
        listed(conn, site_ids[0], "20190101000000", urlkey="other")
        listed(conn, site_ids[0], "20220101000000")
        assert arrivals.late(conn, site_ids[0], before) == 0
        listed(conn, site_ids[0], "20200601000000")
        assert arrivals.late(conn, site_ids[0], before) == 1


def test_health_says_who_is_at_work_and_what_waits(db: Database, site_ids: list[int]) -> None:
    def line(now: datetime) -> tuple[bool, str]:
        found = db.retrieve(lambda conn: health(conn, now))
        return found.ok, health_line(found)

    assert line(NOW) == (True, "nothing is scheduled")
    with db.write() as conn:
        schedules.put(conn, "all", timetable(every="1h"), origin=Origin.COMMAND, now=NOW)
    ok, text = line(NOW)
    assert not ok
    assert "no scheduler at work: run `tracker schedule`" in text
    with db.write() as conn:
        schedules.sign_in(conn, "s", NOW, dead_before=NOW)
    ask(db, site_ids)
    assert line(NOW) == (True, "1 schedule, 1 scheduler at work")
    hours = NOW + timedelta(hours=2)
    with db.write() as conn:
        schedules.sign_in(conn, "s", hours, dead_before=NOW)
    ok, text = line(hours)
    assert not ok
    assert "6 runs overdue since 2026-03-01 12:00" in text


def test_figures_for_prometheus_are_well_formed(db: Database, site_ids: list[int]) -> None:
    ask(db, site_ids, covers=2)
    [run, *_] = claim(db, "w")
    with db.write() as conn:
        runs.finish(conn, run.id, "w", DONE, LATER)
    text = db.retrieve(lambda conn: metrics(conn, LATER))
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert values['tracker_runs_total{outcome="done"}'] == "1.0"
    assert values['tracker_due_total{outcome="done"}'] == "2.0"
    assert values['tracker_requests_total{kind="replay"}'] == "3.0"
    assert values["tracker_runs_running"] == "5.0"
    helps = [line.split()[2] for line in text.splitlines() if line.startswith("# HELP")]
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert helps == types
    assert {name.partition("{")[0] for name in values} <= set(types)
