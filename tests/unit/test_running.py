"""Runs carried out: ended once, handed back, put off, quarantined and recovered, told once."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Timer
from typing import TYPE_CHECKING

import pytest

from crawler.errors import CrawlError
from crawler.job import Requests
from storage import outbox, paces, runs, sites
from storage.notices import NoticeKind
from storage.run_records import RunState
from tests.unit.test_announce import captured
from tracker.claims import Leases
from tracker.config import Config
from tracker.crawling import CrawlResult, SiteResult
from tracker.notification_config import rule_of
from tracker.running import MOST_ATTEMPTS, Work, carry_out
from tracker.schedule_rules import PaceConfig
from tracker.updating import due_sites, update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crawler.job import Event as CrawlEvent
    from crawler.job import Outcome
    from storage.database import Database
    from storage.records import Site
    from storage.run_records import Run
    from tracker.analysis import Analysis
    from tracker.crawling import CrawlOptions
    from tracker.running import SiteUpdate

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOOK = "webhook:http://127.0.0.1:9/"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Played:
    """A crawl of which the test says how it ends."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.error: Exception | None = None
        self.waits = False
        self.analysis: Analysis | None = None
        self.meanwhile: Callable[[], object] = list
        self.crawls: list[list[str]] = []

    def __call__(
        self,
        db: Database,  # noqa: ARG002 - the signature of what it stands for
        config: Config,  # noqa: ARG002
        sites: Sequence[Site],
        options: CrawlOptions,  # noqa: ARG002
        watch: Callable[[CrawlEvent], None],  # noqa: ARG002
        *,
        stop: Event | None = None,
        done: Callable[[Site, SiteResult, Analysis | None], None] | None = None,
    ) -> CrawlResult:
        self.crawls.append([site.domain for site in sites])
        assert stop is not None
        assert done is not None
        if self.error is not None:
            raise self.error
        if self.waits:
            assert stop.wait(10)
            return CrawlResult(sites=(), outcome="stopped", reason=None)
        for site in sites:
            outcome = self.outcomes.get(site.domain, "done")
            reason = None if outcome == "done" else "no answer"
            result = SiteResult(
                site=site.domain, outcome=outcome, reason=reason, requests=Requests(cdx=1)
            )
            self.meanwhile()
            done(site, result, self.analysis)
        return CrawlResult(sites=(), outcome="done", reason=None)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def played() -> Played:
    return Played()


@pytest.fixture
def work(db: Database, clock: Clock, played: Played) -> Work:
    config = Config(
        pace=PaceConfig(quarantine_after=3), notify=(rule_of({"name": "desk", "to": [HOOK]}),)
    )
    return Work(db=db, config=config, clock=clock, crawl=played)


@pytest.fixture
def tracked(db: Database) -> list[Site]:
    with db.write() as conn:
        return [sites.add(conn, f"{name}.example") for name in "abc"]


def told(db: Database) -> list[NoticeKind]:
    return [notice.kind for notice in reversed(db.retrieve(outbox.listed))]


def ignore(_event: object) -> None:
    """What nobody watches."""


def claimed(work: Work, worker: str = "w") -> list[Run]:
    now = work.clock()
    until = now + work.leases.length
    return work.db.transact(lambda conn: runs.claim(conn, worker, now, until=until, limit=9))


def asked(work: Work, tracked: list[Site]) -> None:
    work.db.transact(lambda conn: runs.ask_now(conn, [site.id for site in tracked], work.clock()))


def test_a_site_that_fails_is_quarantined_once_and_its_recovery_is_told(
    work: Work, clock: Clock, played: Played, tracked: list[Site]
) -> None:
    ill = tracked[0]
    played.outcomes[ill.domain] = "failed"
    for _ in range(5):
        update(work, tracked, ignore)
        clock.now += DAY
    with work.db.read() as conn:
        pace = paces.of_site(conn, ill.id)
        failed = runs.listed(conn, failed=True)
    assert pace.failures == 5
    assert pace.quarantined_at == NOW + 2 * DAY
    assert pace.interval == 4 * DAY, "twice as long with each failure beyond the third"
    assert {run.reason for run in failed} == {"no answer"}
    assert told(work.db) == [NoticeKind.QUARANTINE]
    played.outcomes.clear()
    update(work, tracked, ignore)
    update(work, tracked, ignore)
    assert told(work.db) == [NoticeKind.QUARANTINE, NoticeKind.RECOVERY]
    assert work.db.retrieve(lambda conn: paces.of_site(conn, ill.id)).failures == 0


def test_an_archive_that_is_unwell_quarantines_nobody(
    work: Work, clock: Clock, played: Played, tracked: list[Site]
) -> None:
    played.outcomes = {site.domain: "failed" for site in tracked}
    for _ in range(6):
        update(work, tracked, ignore)
        clock.now += DAY
    assert told(work.db) == []
    played.outcomes = {tracked[0].domain: "failed"}
    update(work, tracked, ignore)
    clock.now += DAY
    update(work, tracked, ignore)
    assert told(work.db) == [NoticeKind.QUARANTINE], "the others are well, and this one is not"


def test_a_refusal_says_nothing_of_the_site(
    work: Work, clock: Clock, played: Played, tracked: list[Site]
) -> None:
    played.outcomes = {site.domain: "stopped" for site in tracked}
    for _ in range(4):
        update(work, tracked, ignore)
        clock.now += DAY
    pace = work.db.retrieve(lambda conn: paces.of_site(conn, tracked[0].id))
    assert (pace.failures, pace.quarantined_at, pace.next_due) == (0, None, clock.now)


def test_what_is_due_follows_the_pace(work: Work, clock: Clock, tracked: list[Site]) -> None:
    with work.db.write() as conn:
        nameless = sites.add(conn, "ghost.invalid")
        runs.ask_now(conn, [nameless.id], clock())
    assert due_sites(work.db, clock()) == tracked, "no archive can be asked for the nameless"
    update(work, tracked[:2], ignore)
    assert due_sites(work.db, clock()) == tracked[2:]
    clock.now += 61 * DAY
    assert len(due_sites(work.db, clock())) == 3


def test_who_is_told_to_stop_hands_back(work: Work, played: Played, tracked: list[Site]) -> None:
    played.waits = True
    asked(work, tracked)
    claims = work.claims("w")
    claims.add(claimed(work))
    stop, ended = Event(), list[object]()
    Timer(0.2, stop.set).start()
    assert carry_out(work, claims, ended.append, ignore, stop) is None
    assert ended == []
    with work.db.read() as conn:
        waiting = runs.listed(conn, waiting=True)
    assert [(run.state, run.attempts) for run in waiting] == [(RunState.DUE, 0)] * 3


def test_a_run_of_a_site_without_a_domain_is_let_go_and_is_no_failure(
    work: Work, played: Played, tracked: list[Site]
) -> None:
    with work.db.write() as conn:
        nameless = sites.add(conn, "ghost.invalid")
    asked(work, [nameless, tracked[0]])
    claims = work.claims("w")
    claims.add(claimed(work))
    ended: list[SiteUpdate] = []
    carry_out(work, claims, ended.append, ignore, Event())
    assert played.crawls == [[tracked[0].domain]]
    assert {one.run.site: one.ended.outcome for one in ended} == {
        "ghost.invalid": "stopped",
        tracked[0].domain: "done",
    }
    pace = work.db.retrieve(lambda conn: paces.of_site(conn, nameless.id))
    assert (pace.failures, pace.next_due) == (0, None)


def test_what_breaks_off_is_tried_again_alone_and_then_given_up(
    work: Work, clock: Clock, played: Played, tracked: list[Site]
) -> None:
    asked(work, tracked[:2])
    played.error = CrawlError("out of memory")
    for _ in range(MOST_ATTEMPTS):
        claims = work.claims("w")
        claims.add(claimed(work))
        with pytest.raises(CrawlError):
            carry_out(work, claims, ignore, ignore, Event())
        clock.now += timedelta(minutes=2)
    both = [site.domain for site in tracked[:2]]
    # The first to be tried again takes the others' turn along, as would a process that dies.
    assert played.crawls[0] == both
    assert all(len(crawl) == 1 for crawl in played.crawls[1:])
    ended: list[SiteUpdate] = []
    claims = work.claims("w")
    claims.add(claimed(work))
    assert carry_out(work, claims, ended.append, ignore, Event()) is None
    assert [one.ended.outcome for one in ended] == ["failed", "failed"]
    assert "broken off 5 times, last: out of memory" in (ended[0].ended.reason or "")


def test_a_worker_whose_lease_was_lost_ends_nothing(
    work: Work, clock: Clock, played: Played, tracked: list[Site]
) -> None:
    played.waits = True
    quick = replace(work, leases=Leases(length=timedelta(minutes=2), beat_seconds=0.3))
    asked(work, tracked)
    claims = quick.claims("slept")
    claims.add(claimed(quick, "slept"))
    clock.now += timedelta(minutes=3)
    assert len(claimed(quick, "awake")) == 3
    began = time.monotonic()
    assert carry_out(quick, claims, ignore, ignore, Event()) is None
    assert time.monotonic() - began < 8, "it noticed by itself"
    with work.db.read() as conn:
        assert {run.worker for run in runs.listed(conn)} == {"awake"}


def test_an_attempt_that_slept_past_its_lease_writes_nothing_and_the_next_tells(
    work: Work, clock: Clock, played: Played, tracked: list[Site]
) -> None:
    """The first is held up between its derivation and its end; there, the second takes over."""
    site = tracked[0]
    captured(work.db, site, 0, 0)
    update(work, [site], ignore)
    patient = replace(work, leases=Leases(beat_seconds=3600))
    asked(work, [site])
    slept, awake = patient.claims("slept"), patient.claims("awake")
    slept.add(claimed(work, "slept"))
    pace = work.db.retrieve(lambda conn: paces.of_site(conn, site.id))
    ended: list[SiteUpdate] = []

    def sleep() -> None:
        played.analysis = captured(work.db, site, 100, 1)
        clock.now += timedelta(minutes=2)
        awake.add(claimed(work, "awake"))
        assert len(awake.held) == 1

    played.meanwhile = sleep
    carry_out(patient, slept, ended.append, ignore, Event())
    with work.db.read() as conn:
        [run] = [run for run in runs.listed(conn) if run.state is not RunState.ENDED]
        assert paces.of_site(conn, site.id) == pace
    assert (run.worker, run.attempts) == ("awake", 2)
    assert (ended, told(work.db), slept.held) == ([], [], [])

    played.meanwhile = list
    carry_out(patient, awake, ended.append, ignore, Event())
    assert [one.run.worker for one in ended] == ["awake"]
    assert told(work.db) == [NoticeKind.CHANGE]


def test_a_run_that_was_lost_is_not_begun(
    work: Work, clock: Clock, played: Played, tracked: list[Site]
) -> None:
    asked(work, tracked)
    claims = work.claims("slept")
    claims.add(claimed(work, "slept"))
    clock.now += timedelta(minutes=2)
    taken = work.db.transact(
        lambda conn: runs.claim(conn, "awake", clock(), until=clock() + DAY, limit=2)
    )
    carry_out(work, claims, ignore, ignore, Event())
    assert [len(crawl) for crawl in played.crawls] == [1]
    assert {run.site for run in taken}.isdisjoint(played.crawls[0])


def test_a_site_that_another_process_is_at_is_left_to_it(work: Work, tracked: list[Site]) -> None:
    asked(work, tracked[:1])
    claimed(work, "other")
    result = update(work, tracked, ignore)
    assert result.busy == ["a.example"]
    assert [one.run.site for one in result.sites] == ["b.example", "c.example"]
