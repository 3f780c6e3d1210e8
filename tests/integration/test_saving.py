"""Asking an archive for a capture, against a stand-in that also fails, delays and refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from crawler.config import ArchiveConfig
from storage import budgets, captures, saves, sites
from storage.database import open_database
from storage.records import Capture, Role
from storage.save_records import SaveState
from tests.integration.command_line import CommandLine
from tests.standins.faults import Faults
from tracker.config import Config, SaveConfig
from tracker.save_requests import A_DAY, LOST_AFTER, Clocks
from tracker.saving import follow_up, save, save_if_stale

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database
    from storage.records import Site
    from storage.save_records import Save
    from tests.integration.conftest import StartWayback
    from tests.standins.wayback import WaybackStandIn

URL = "https://lumenpost.example/legal/privacy"
KEYS = {"IA_ACCESS_KEY_ID": "access", "IA_SECRET_ACCESS_KEY": "secret"}


class Time:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += timedelta(seconds=seconds)

    @property
    def clocks(self) -> Clocks:
        return Clocks(now=lambda: self.now, sleep=self.sleep)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(str(tmp_path / "tracker.db")) as opened:
        yield opened


@pytest.fixture
def site(db: Database) -> Site:
    with db.write() as conn:
        return sites.add(conn, "lumenpost.example")


@pytest.fixture(params=["without keys", "with keys"])
def keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    for name, value in KEYS.items():
        monkeypatch.delenv(name, raising=False)
        if request.param == "with keys":
            monkeypatch.setenv(name, value)
    return bool(request.param == "with keys")


def configured(wayback: WaybackStandIn, *, when: str = "never", days: int = 30) -> Config:
    archive = ArchiveConfig(where=f"wayback:{wayback.url}", timeout_seconds=5)
    return Config(archive=archive, save=SaveConfig(when=when, days=days))


def one(found: list[Save]) -> Save:
    [single] = found
    return single


def test_a_page_is_captured_and_then_listed(
    db: Database, site: Site, wayback: WaybackStandIn, keys: bool
) -> None:
    wayback.faults = Faults(save_polls=3 if keys else 0)
    config, time = configured(wayback), Time()
    asked = one(save(db, config, site, urls=[URL], clocks=time.clocks))
    assert asked.state is SaveState.SAVED
    assert asked.timestamp is not None
    assert bool(asked.job) is keys
    assert follow_up(db, config, site, clocks=time.clocks) == []
    [row] = [row for row in wayback.rows if row.timestamp == asked.timestamp]
    with db.write() as conn:
        new = Capture(
            urlkey=row.urlkey,
            timestamp=row.timestamp,
            original=row.original,
            mimetype=row.mimetype,
            statuscode=200,
            digest=row.digest,
        )
        captures.record(conn, site.id, wayback.url, Role.POLICY, [new])
    assert one(follow_up(db, config, site, clocks=time.clocks)).state is SaveState.DONE
    assert follow_up(db, config, site, clocks=time.clocks) == []


def test_a_job_that_takes_long_is_followed_up_by_the_next_run(
    db: Database, site: Site, wayback: WaybackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    wayback.faults = Faults(save_polls=2)
    config, time = configured(wayback), Time()
    pending = one(save(db, config, site, urls=[URL], wait=0, clocks=time.clocks))
    assert pending.state is SaveState.PENDING
    for _ in range(2):
        assert follow_up(db, config, site, clocks=time.clocks) == []
    assert one(follow_up(db, config, site, clocks=time.clocks)).state is SaveState.SAVED


def test_what_cannot_be_captured_is_said(
    db: Database, site: Site, wayback: WaybackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    wayback.faults = Faults(unsavable="legal")
    failed = one(save(db, configured(wayback), site, urls=[URL], clocks=Time().clocks))
    assert failed.state is SaveState.FAILED
    assert failed.reason is not None
    assert "cannot find the requested resource" in failed.reason


def test_an_archive_that_refuses_is_let_rest(
    db: Database, site: Site, wayback: WaybackStandIn, keys: bool
) -> None:
    wayback.faults = Faults(services=frozenset({"save"}), too_many_every=1, retry_after=300)
    config, time = configured(wayback), Time()
    refused = one(save(db, config, site, urls=[URL], clocks=time.clocks))
    assert refused.state is SaveState.REFUSED
    assert bool(wayback.requests("save")[0].method == "POST") is keys
    assert refused.reason == "the archive answers 429 to the request to save"
    with db.read() as conn:
        assert 200 < budgets.pause_left(conn, f"{wayback.url}/save") <= 300
    again = one(save(db, config, site, urls=[URL], clocks=time.clocks))
    assert again.state is SaveState.REFUSED
    assert len(wayback.requests("save")) == 1
    wayback.faults = Faults()
    time.now += timedelta(seconds=301)
    assert one(save(db, config, site, urls=[URL], clocks=time.clocks)).state is SaveState.SAVED


def test_an_answer_that_is_lost_may_have_been_a_capture(
    db: Database, site: Site, wayback: WaybackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.save_requests.LONGEST_CAPTURE", 0.3)
    wayback.faults = Faults(save_seconds=1.0)
    config = Config(archive=ArchiveConfig(where=f"wayback:{wayback.url}", timeout_seconds=0.3))
    time = Time()
    asked = one(save(db, config, site, urls=[URL], clocks=time.clocks))
    assert asked.state is SaveState.ASKED
    assert follow_up(db, config, site, clocks=time.clocks) == []
    time.now += LOST_AFTER + timedelta(days=1)
    assert one(follow_up(db, config, site, clocks=time.clocks)).state is SaveState.FAILED


def test_limits_hold(db: Database, site: Site, wayback: WaybackStandIn) -> None:
    config, time = configured(wayback), Time()
    states = [
        one(save(db, config, site, urls=[URL], clocks=time.clocks)).state for _ in range(A_DAY + 1)
    ]
    assert states == [SaveState.SAVED] * A_DAY + [SaveState.REFUSED]
    assert len(wayback.requests("save")) == A_DAY
    assert time.slept >= (A_DAY // 3) * 59
    time.now += timedelta(days=1)
    assert one(save(db, config, site, urls=[URL], clocks=time.clocks)).state is not None


def listed(time: Time, *, days: int) -> Capture:
    """A capture of so many days ago."""
    return Capture(
        urlkey="example,lumenpost)/legal/privacy",
        timestamp=f"{time.now - timedelta(days=days):%Y%m%d%H%M%S}",
        original=URL,
        mimetype="text/html",
        statuscode=200,
        digest="-",
    )


def test_a_page_that_is_stale_is_saved_and_then_let_be(
    db: Database, site: Site, wayback: WaybackStandIn
) -> None:
    time = Time()
    with db.write() as conn:
        captures.record(conn, site.id, wayback.url, Role.POLICY, [listed(time, days=40)])
        sites.add_url(conn, site.id, URL)
    assert save_if_stale(db, configured(wayback), site, clocks=time.clocks) == []
    fresh = configured(wayback, when="stale", days=60)
    assert save_if_stale(db, fresh, site, clocks=time.clocks) == []
    stale = configured(wayback, when="stale", days=30)
    assert one(save_if_stale(db, stale, site, clocks=time.clocks)).state is SaveState.SAVED
    assert save_if_stale(db, stale, site, clocks=time.clocks) == []
    with db.read() as conn:
        assert len(saves.of_site(conn, site.id)) == 1


def test_a_run_does_not_wait_in_line(db: Database, site: Site, wayback: WaybackStandIn) -> None:
    time = Time()
    others = [f"https://lumenpost.example/{n}" for n in range(3)]
    config = configured(wayback, when="stale")
    save(db, config, site, urls=others, clocks=time.clocks)
    time.now += timedelta(seconds=1)
    with db.write() as conn:
        other = sites.add(conn, "stale.example")
        sites.add_url(conn, other.id, URL)
        captures.record(conn, other.id, wayback.url, Role.POLICY, [listed(time, days=40)])
    assert save_if_stale(db, config, other, clocks=time.clocks) == []
    assert time.slept == 0
    time.now += timedelta(minutes=1)
    assert one(save_if_stale(db, config, other, clocks=time.clocks)).state is SaveState.SAVED


def test_the_command(start_wayback: StartWayback, tmp_path: Path) -> None:
    wayback = start_wayback()
    run = CommandLine(folder=tmp_path)
    archive = ("--archive", f"wayback:{wayback.url}")
    unknown = run("save", "lumenpost.example", *archive)
    assert (unknown.status, unknown.out) == (1, "")
    assert "not tracked yet" in unknown.err
    done = run("save", URL, *archive, "--format", "json")
    assert done.status == 0, done.err
    [saved] = done.document
    assert saved["state"] == "saved"
    assert saved["archive_url"] == f"{wayback.url}/web/{saved['timestamp']}/{URL}"
    assert saved["url"] == URL
    for where in ("warc:.", "memento:http://127.0.0.1:9/timemap/link/"):
        refused = run("save", URL, "--archive", where)
        assert refused.status == 2
        assert "captures no pages for others" in refused.err
        assert len(refused.err.splitlines()) == 1
    wayback.faults = Faults(services=frozenset({"save"}), too_many_every=1, retry_after=None)
    partly = run("save", "lumenpost.example", *archive)
    assert partly.status == 3
    assert "429" in partly.err
    asked = run("save", "lumenpost.example", "--status", *archive, "--format", "json")
    assert asked.status == 0
    assert [one["state"] for one in asked.document] == ["refused", "saved"]
    assert run("save", URL, *archive, IA_ACCESS_KEY_ID="x").status == 2
