"""``tracker schedule``, ``update`` and ``runs`` as processes: signals, kills, time that passes."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from storage import schedules
from storage.database import open_database
from storage.records import format_time
from tests.integration.command_line import PARTLY, CommandLine
from tests.integration.conftest import SAMPLE
from tests.planned_schedule import Plan
from tests.simulated_schedule import Simulation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.postgresql import PostgresServer

SITE = "lumenpost.example"
LATE = "2024-01-31"
"""When a capture of it was taken that reaches the archive's index weeks after the next one."""

ARCHIVED = ("--archive", f"warc:{SAMPLE}")

NEVER = ("lost", "doubled", "untold")
"""What no kill may cause. Two attempts at one run may overlap for a moment: a worker that the
machine did not let run for a whole lease, a moment in these quick days, has lost it unaware, and
tells nothing and ends nothing any more."""


@pytest.fixture
def tracker(tmp_path: Path) -> CommandLine:
    return CommandLine(folder=tmp_path)


@contextmanager
def scheduler(
    tracker: CommandLine, *options: str, archive: tuple[str, ...] = ARCHIVED
) -> Iterator[subprocess.Popen[str]]:
    """A scheduler at work, ended at the end whatever became of it."""
    command = [sys.executable, "-m", "tracker", "schedule", "--log", "json", *archive, *options]
    log = (tracker.folder / "log").open("a+")
    with log, subprocess.Popen(command, cwd=tracker.folder, stderr=log, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def log_of(tracker: CommandLine) -> list[dict[str, Any]]:
    lines = (tracker.folder / "log").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]


def wait_for(tracker: CommandLine, event: str, *, number: int = 1, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while sum(line["event"] == event for line in log_of(tracker)) < number:
        assert time.monotonic() < deadline, f"no {event!r} in {log_of(tracker)}"
        time.sleep(0.1)


def ended_by(process: subprocess.Popen[str], number: int) -> float:
    """How long it takes to end."""
    began = time.monotonic()
    process.send_signal(number)
    assert process.wait(20) == 0
    return time.monotonic() - began


def test_schedulers_share_the_work_and_one_that_is_killed_is_stood_in_for(
    tracker: CommandLine,
) -> None:
    assert tracker("schedule", "add", SITE, "--every", "5s").status == 0
    with scheduler(tracker) as one, scheduler(tracker, "--metrics", "0") as other:
        wait_for(tracker, "started", number=2)
        wait_for(tracker, "ended", number=2)
        one.kill()
        one.wait()
        before = sum(line["event"] == "ended" for line in log_of(tracker))
        # Its lease may have to end first.
        wait_for(tracker, "ended", number=before + 2, seconds=120)
        port = next(line["port"] for line in log_of(tracker) if line["event"] == "metrics")
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert "tracker_schedulers " in answer.read().decode()
        assert ended_by(other, signal.SIGTERM) < 10
    assert log_of(tracker)[-1]["event"] == "stopped"
    # What is left is any command's to do, and every due moment stands in one run.
    assert tracker("schedule", "pause", SITE).status == 0
    assert tracker("update", SITE, *ARCHIVED).status == 0
    with open_database(str(tracker.folder / "tracker.db")) as db, db.read() as conn:
        schedule = schedules.get(conn, f"site:{SITE}")
    assert schedule is not None
    assert schedule.enqueued_until is not None
    due = (schedule.enqueued_until - schedule.anchor) // timedelta(seconds=5) + 1
    found = tracker("runs", "--site", SITE, "--limit", "999", "--format", "json").document
    asked = [run for run in found if run["due"] <= format_time(schedule.enqueued_until)]
    assert sum(run["covers"] for run in asked) == due
    assert {run["outcome"] for run in found} == {"done"}
    assert [run["due"] for run in found] == sorted((run["due"] for run in found), reverse=True)
    assert sum(run["captures"] for run in found) >= 25
    assert tracker("history", SITE, "--format", "json").document["versions"][-1]["number"] == 7


def test_sigterm_ends_a_scheduler_whose_archive_never_answers(tracker: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        tracker("schedule", "add", SITE, "--every", "1h")
        with scheduler(tracker, archive=("--archive", f"wayback:http://127.0.0.1:{port}")) as one:
            connection, _ = silent.accept()
            with connection:
                assert ended_by(one, signal.SIGTERM) < 10
    [waiting] = [
        run
        for run in tracker("runs", "--next", "--format", "json").document
        if run.get("state") == "due"
    ]
    assert (waiting["site"], waiting["attempts"]) == (SITE, 0)


def test_update_crawls_what_is_due_and_says_what_is_next(tracker: CommandLine) -> None:
    nothing = tracker("update")
    assert (nothing.status, nothing.out) == (1, "")
    assert "no database at tracker.db" in nothing.err
    tracker("add", SITE, "--tag", "post")
    first = tracker("update", *ARCHIVED, "--format", "json")
    assert first.status == 0, first.err
    [site] = first.document["sites"]
    assert (site["site"], site["captures_fetched"], site["versions_new"]) == (SITE, 25, 7)
    assert site["next"] > site["due"]
    again = tracker("update", *ARCHIVED)
    assert (again.status, again.out) == (0, "")
    assert f"nothing is due; next: {SITE} at" in again.err
    by_name = tracker("update", SITE, *ARCHIVED, "--format", "jsonl")
    assert [one["versions_new"] for one in by_name.lines] == [0]


def test_what_fails_is_recorded_with_its_reason(tracker: CommandLine) -> None:
    tracker("add", SITE, "nobody.example")
    nowhere = ("--archive", f"warc:{tracker.folder / 'none.warc'}")
    failed = tracker("update", SITE, *nowhere)
    assert failed.status == 1
    assert "none.warc" in failed.err
    partly = tracker("update", *ARCHIVED, "--format", "json")
    assert partly.status == PARTLY, partly.err
    [run] = tracker("runs", "--failed", "--format", "json").document
    assert run["outcome"] == "failed"
    assert "nobody.example" in run["site"]
    assert run["reason"]
    assert "done" in tracker("runs").out


def copied(target: Path, wanted: Callable[[str], bool]) -> None:
    """The sample's records whose day is wanted, in a file of their own."""
    with SAMPLE.open("rb") as source, target.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for record in ArchiveIterator(source):
            if wanted(record.rec_headers.get_header("WARC-Date")[:10]):
                writer.write_record(record)


def test_a_capture_that_came_late_slots_into_the_past_and_is_reported(
    tracker: CommandLine,
) -> None:
    folder = tracker.folder / "archive"
    folder.mkdir()
    copied(folder / "known.warc.gz", lambda day: day != LATE and day < "2024-03-01")
    archive = ("--archive", f"warc:{folder}", "--format", "json")
    [before] = tracker("update", SITE, *archive).document["sites"]
    assert (before["versions"], before["late"]) == (7, 0)
    copied(folder / "late.warc.gz", lambda day: day == LATE)
    [after] = tracker("update", SITE, *archive).document["sites"]
    assert (after["late"], after["captures_fetched"], after["versions_new"]) == (1, 1, 0)
    versions = tracker("history", SITE, "--format", "json").document["versions"]
    assert versions[5]["last_seen"].startswith(LATE)


def test_schedules_are_made_shown_paused_and_removed(tracker: CommandLine) -> None:
    tracker("add", "a.example", "--tag", "banks")
    made = tracker("schedule", "add", "--tag", "banks", "--cron", "0 3 * * 1-5",
                   "--timezone", "Europe/Berlin", "--jitter", "10m", "--adaptive")  # fmt: skip
    assert made.status == 0
    assert made.out.count("03:00:00 CE") == 5, "the next five runs, in its own timezone"
    (tracker.folder / "config.toml").write_text('[[schedule]]\nall = true\nevery = "6h"\n')
    shown = tracker("schedule", "list", "--format", "json").document
    assert [(one["target"], one["origin"]) for one in shown] == [
        ("all", "config"),
        ("tag:banks", "command"),
    ]
    assert all(len(one["next"]) == 5 for one in shown)
    assert tracker("schedule", "pause", "--tag", "banks").status == 0
    assert tracker("schedule", "list", "--format", "json").document[1]["next"] == []
    assert tracker("schedule", "resume", "--tag", "banks").status == 0
    assert tracker("schedule", "remove", "--tag", "banks").status == 0
    gone = tracker("schedule", "remove", "--tag", "banks")
    assert (gone.status, "no schedule of its own" in gone.err) == (2, True)
    now = tracker("schedule", "run-now", "a.example")
    assert (now.status, "1 run is due now" in now.err) == (0, True)
    assert "no scheduler is at work" in now.err
    assert "a.example" in tracker("runs", "--next").out
    line = next(line for line in tracker("doctor").out.splitlines() if "schedule:" in line)
    assert line.startswith("FAIL schedule: 1 schedule and no scheduler at work")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("schedule", "add", "a.example"), "either an interval"),
        (("schedule", "add", "a.example", "--every", "soon"), "no length of time"),
        (("schedule", "add", "a.example", "--cron", "61 * * * *"), "no cron line"),
        (("schedule", "add", "--every", "6h"), "name one of SITE, --tag and --all"),
        (("schedule", "run-now", "a.example"), "no such site is tracked"),
        (("schedule", "--workers", "2", "list"), "--workers goes after"),
        (("update", "a.example", "--all"), "--all goes without SITE"),
        (("runs", "--site", "a.example"), "not tracked"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(
    tracker: CommandLine, arguments: tuple[str, ...], says: str
) -> None:
    open_database(str(tracker.folder / "tracker.db")).close()
    wrong = tracker(*arguments)
    assert (wrong.status, wrong.out) == (2, "")
    assert says in wrong.err
    assert "Traceback" not in wrong.err


PLAN = Plan(days=6, speed=6 * 86_400 / 18, kills=3, seed=7)


def test_days_of_schedules_with_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    ledger = Simulation(
        folder=tmp_path, url=str(tmp_path / "tracker.db"), plan=PLAN, gone=time.sleep
    ).run()
    told = {name: getattr(ledger, name) for name in NEVER}
    assert told == dict.fromkeys(NEVER, 0)
    assert ledger.told_twice == 0
    assert ledger.run + ledger.caught_up == ledger.due > 100


def test_days_of_schedules_on_postgresql_that_restarts(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    def gone(seconds: float) -> None:
        postgres.stop("immediate")
        time.sleep(seconds)
        postgres.start()

    url = postgres.url(postgres.create_database())
    open_database(url).close()
    plan = Plan(days=6, speed=6 * 86_400 / 18, kills=3, seed=8, database_gone_seconds=2)
    ledger = Simulation(folder=tmp_path, url=url, plan=plan, gone=gone).run()
    told = {name: getattr(ledger, name) for name in NEVER}
    assert told == dict.fromkeys(NEVER, 0)
    assert ledger.run + ledger.caught_up == ledger.due > 100
