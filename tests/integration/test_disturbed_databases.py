"""What writes to a database is killed, has no room, or loses its server: nothing is lost by it.

The long version, a hundred kills at random moments, is `tests.benchmarks.bench_kills_database`.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.integration.command_line import PARTLY, CommandLine
from tests.killing import killed
from tests.trials import ARCHIVE, RULES, TRIALS, Arena, another_writer, arena, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.command_line import Finished
    from tests.postgresql import PostgresServer

BY_NAME = {trial.name: trial for trial in TRIALS}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    """Databases in files of SQLite's."""
    return arena(tmp_path_factory.mktemp("sqlite"), None)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Arena:
    """Databases on a PostgreSQL server."""
    return arena(tmp_path_factory.mktemp("postgresql"), postgres)


FIRST_TRY = 2.0
"""Seconds until the kill; half as many where the command was quicker, and so on."""


@pytest.mark.skipif(sys.platform != "linux", reason="finds a command's processes in /proc")
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("files", "reprocess, 2 processes"),
        ("files", "upgrade"),
        ("served", "compact"),
        ("served", "upgrade"),
    ],
)
def test_what_is_killed_goes_on_as_if_nothing_had_been(
    kind: str, name: str, request: pytest.FixtureRequest
) -> None:
    place: Arena = request.getfixturevalue(kind)
    trial, after, was_killed = BY_NAME[name], FIRST_TRY, False
    while not was_killed:
        with place.database(trial) as url:
            arguments = (*trial.arguments, "--db", url)
            was_killed = killed(place.run, arguments, "command", after)
            done = place.run(*arguments)
            assert done.status == 0, done.err
            assert told(url) == place.truth(trial)
        after /= 2


class SmallDisk:
    """A disk of its own with as much room as a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        done = self._mount("size=64m", "disk")
        if done is None or done.returncode:
            pytest.skip("mounting a tmpfs needs root, and a kernel that lets it")

    def leave(self, kilobytes: int) -> None:
        """Leave so much room beside what is there."""
        used = shutil.disk_usage(self.folder).used // 1024
        self._mount(f"remount,size={used + kilobytes}k", "disk")

    def enlarge(self) -> None:
        """Make room."""
        self._mount("remount,size=64m", "disk")

    def _mount(self, options: str, name: str) -> subprocess.CompletedProcess[bytes] | None:
        if shutil.which("mount") is None or os.geteuid() != 0:
            return None
        command = ["mount", "-t", "tmpfs", "-o", options, name, str(self.folder)]
        return subprocess.run(command, capture_output=True, check=False)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A small disk; skips where none can be made."""
    made = SmallDisk(tmp_path / "disk")
    yield made
    subprocess.run(["umount", str(made.folder)], check=True)


def told_in_a_line(done: Finished) -> bool:
    """Whether a command failed for want of room, and said so in one line."""
    said = done.err.strip().splitlines()
    return (
        done.status == 1
        and len(said) == 1
        and any(sign in said[0] for sign in ("disk is full", "No space left", "check the disk"))
    )


@pytest.mark.parametrize("name", ["reprocess", "compact", "upgrade"])
def test_a_full_disk_is_told_in_a_line_and_costs_nothing(
    name: str, files: Arena, disk: SmallDisk
) -> None:
    trial, url = BY_NAME[name], str(disk.folder / "trial.db")
    with files.database(trial) as begin:
        shutil.copyfile(begin, url)
    disk.leave(120)
    done = files.run(*trial.arguments, "--db", url)
    assert told_in_a_line(done), done.err
    disk.enlarge()
    done = files.run(*trial.arguments, "--db", url)
    assert done.status == 0, done.err
    assert told(url) == files.truth(trial)


@pytest.mark.parametrize("form", ["jsonl", "parquet", "git", "warc"])
def test_an_export_onto_a_full_disk_leaves_nothing_half_written(
    form: str, files: Arena, disk: SmallDisk
) -> None:
    target = disk.folder / "out"
    arguments = ("export", form, "-o", str(target), "--db", files.templates["crawled"])
    disk.leave(16)
    done = files.run(*arguments)
    assert told_in_a_line(done), done.err
    assert not list(disk.folder.iterdir())
    disk.enlarge()
    assert files.run(*arguments).status == 0


FIRST_TWO = ("lumenpost.example#1", "lumenpost.example#2")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("report",), "report.html"),
        (("diff", *FIRST_TWO), "diff.json"),
        (("trends",), "trends.svg"),
    ],
)
def test_a_report_that_finds_no_room_leaves_what_was_there(
    arguments: tuple[str, ...], name: str, files: Arena, disk: SmallDisk
) -> None:
    target = disk.folder / name
    target.write_text("the last one", encoding="utf-8")
    target.chmod(0o640)
    asked = (*arguments, "-o", str(target), "--db", files.templates["crawled"])
    disk.leave(4)
    done = files.run(*asked)
    assert told_in_a_line(done), done.err
    assert target.read_text(encoding="utf-8") == "the last one"
    assert list(disk.folder.iterdir()) == [target]
    disk.enlarge()
    assert files.run(*asked).status == 0
    assert target.stat().st_size > 4096
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full disk")
def test_a_full_disk_behind_stdout_is_told_in_a_line(files: Arena) -> None:
    command = "exec %s -m tracker history lumenpost.example --db %s > /dev/full"
    shown = command % (shlex.quote(sys.executable), shlex.quote(files.templates["crawled"]))
    done = subprocess.run(["sh", "-c", shown], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (1, "tracker: cannot write: No space left on device\n")


def test_reprocessing_waits_for_whoever_writes(files: Arena) -> None:
    trial = BY_NAME["reprocess, 2 processes"]
    with files.database(trial) as url:
        with another_writer(Path(url), turns=4):
            done = files.run(*trial.arguments, "--db", url)
        assert done.status == 0, done.err
        assert told(url) == files.truth(trial)


def wait_for_user(url: str) -> None:
    """A database that was never there is not waited for; one that goes away in use is."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    with psycopg.connect(url, autocommit=True) as watching:
        for _ in range(300):
            found = watching.execute(others).fetchone()
            if found is not None and found[0] > 1:
                return
            time.sleep(0.1)


@pytest.mark.parametrize("name", ["reprocess", "compact"])
def test_a_server_that_is_restarted_costs_nothing(
    name: str, served: Arena, postgres: PostgresServer
) -> None:
    trial = BY_NAME[name]
    with served.database(trial) as url, ThreadPoolExecutor(1) as pool:
        running = pool.submit(served.run, *trial.arguments, "--db", url)
        wait_for_user(url)
        time.sleep(1.0)
        while not running.done():
            postgres.restart("immediate")
            time.sleep(3.0)
        done = running.result()
        assert done.status == 0, done.err
        assert told(url) == served.truth(trial)


def test_a_damaged_site_stays_as_it_was_and_the_others_go_on(tmp_path: Path, files: Arena) -> None:
    run = CommandLine(folder=tmp_path)
    shutil.copyfile(files.templates["crawled"], tmp_path / "tracker.db")
    (tmp_path / "config.toml").write_text(RULES, encoding="utf-8")
    with sqlite3.connect(tmp_path / "tracker.db") as damaged:
        sites = [name for (name,) in damaged.execute("SELECT domain FROM sites ORDER BY domain")]
        damaged.execute(
            "UPDATE blobs SET data = x'00' WHERE sha256 = (SELECT body_sha256 FROM snapshots "
            "JOIN captures ON captures.id = capture_id JOIN sites ON sites.id = site_id "
            "WHERE role = 'policy' AND domain = ? ORDER BY timestamp LIMIT 1)",
            sites[:1],
        )
    damaged.close()
    before = run("history", sites[0], "--format", "json").document
    done = run("reprocess", "--format", "json")
    assert done.status == PARTLY
    assert f"{sites[0]} stays as it was: the kept body" in done.err
    assert [failure["site"] for failure in done.document["failures"]] == sites[:1]
    assert [site["site"] for site in done.document["sites"]] == sites[1:]
    assert run("history", sites[0], "--format", "json").document == before
    # What is whole is not derived again.
    assert run("reprocess", "--format", "json").document["passed_over"] == sites[1:]
    assert run("doctor", "--repair", *ARCHIVE).status == 1
    assert run("crawl", *sites, "--strategy", "all", *ARCHIVE).status == 0
    assert run("reprocess", "--format", "json").document["passed_over"] == sites
