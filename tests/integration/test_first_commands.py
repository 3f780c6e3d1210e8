"""What the command does where nothing is known yet: new or mistyped databases, dry runs."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import PARTLY, CommandLine, failed
from tests.integration.conftest import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path


def test_a_site_of_which_nothing_is_known_is_not_tracked_from_then_on(tmp_path: Path) -> None:
    run = CommandLine(folder=tmp_path)
    archive = ("--archive", f"warc:{SAMPLE}")
    failed(run("crawl", "lumenposd.example", *archive), "no privacy policy found")
    failed(run("crawl", "lumenpost.example", "--strategy", "some", *archive), status=2)
    failed(run("crawl", *archive), "no site is tracked")
    assert run("add", "lumenposd.example").status == 0
    failed(run("crawl", *archive), "lumenposd.example")


def at_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """What the command says on stderr where that is a terminal."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "tracker", *arguments]
    known = {key: value for key, value in os.environ.items() if not key.startswith("TRACKER_")}
    subprocess.run(command, stderr=slave, cwd=folder, env=known | environment, check=True)
    os.write(slave, b"\0")
    said = b""
    while not said.endswith(b"\0"):
        said += os.read(master, 4096)
    os.close(master)
    os.close(slave)
    return said.decode()


def test_a_person_is_told_of_a_new_database_at_a_place_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "lost.toml").write_text('[database]\nurl = "lost.db"\n', encoding="utf-8")
    named = {"a.db": ("--db", "a.db"), "lost.db": ("--config", "lost.toml")}
    for name, option in named.items():
        assert f"new database: {name}" in at_a_terminal(tmp_path, "add", "a.example", *option)
        assert "new database" not in at_a_terminal(tmp_path, "add", "b.example", *option)
    assert "new database: b.db" in at_a_terminal(tmp_path, "add", "a.example", TRACKER_DB="b.db")
    usual = at_a_terminal(tmp_path, "add", "a.example")
    assert "new database" not in usual, "where everybody expects it"


def test_a_failure_is_one_line_though_a_database_was_made(tmp_path: Path) -> None:
    run = CommandLine(folder=tmp_path)
    done = run("crawl", "a.example", "--archive", "warc:nowhere.warc.gz", "--db", "new.db")
    assert done.status == 1
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("update",),
        ("update", "--all"),
        ("crawl",),
        ("crawl", "--dry-run"),
        ("runs",),
        ("schedule", "list"),
        ("schedule", "run-now", "--all"),
        ("doctor", "--archive", f"warc:{SAMPLE}"),
    ],
)
def test_a_mistyped_database_is_refused_where_nothing_is_to_be_kept(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = CommandLine(folder=tmp_path)(*arguments, "--db", "tacker.db")
    assert done.status == 1
    assert "no database at tacker.db: add or crawl a site first, or check --db" in (
        done.out + done.err
    )
    assert not (tmp_path / "tacker.db").exists()


def test_a_dry_run_says_what_would_be_asked_and_asks_nothing(tmp_path: Path) -> None:
    run = CommandLine(folder=tmp_path)
    archive = ("--archive", f"warc:{SAMPLE}", "--format", "json")
    one = ("crawl", "lumenpost.example", *archive)
    before = run(*one, "--dry-run", "--strategy", "all").document
    (site,) = before["sites"]
    assert not (tmp_path / "tracker.db").exists()
    assert before["dry_run"]
    assert site["basis"] == "captures"
    assert site["captures_fetched"] == 0
    done = run(*one, "--strategy", "all").document["sites"][0]
    assert site["captures_listed"] == done["captures_listed"]
    # Pages that discovery reads come on top, and are not asked for twice.
    assert 0 <= done["requests"]["replay"] - before["requests"]["replay"] <= 6
    assert run(*one, "--dry-run", "--strategy", "all").document["requests"]["replay"] == 0
    elsewhere = run("crawl", "new.example", "--dry-run", "--max-requests", "9", "--format", "json")
    assert elsewhere.document["sites"][0]["basis"] == "averages"
    assert sum(elsewhere.document["requests"].values()) <= 10
    failed(run("crawl", "new.example", "--dry-run", "--strategy", "some"), "adaptive", status=2)
    failed(run("history", "new.example"), "new.example")


def test_a_plan_adds_up_a_list(tmp_path: Path) -> None:
    run = CommandLine(folder=tmp_path)
    domains = "".join(f"{rank},site{rank}.example\n" for rank in range(1, 1001))
    (tmp_path / "list.csv").write_text(f"rank,domain\n\n{domains}1,site1.example\n")
    document = run("plan", "list.csv", "--format", "json").document
    assert document["sites"] == 1000
    assert document["requests"]["cdx"] == pytest.approx(2429, abs=1)
    assert document["days"] > document["weekly_update"]["days"] > 0
    assert document["gigabytes"] > document["gigabytes_kept"] > 0
    assert run("plan", "list.csv").out.count("\n") > 3
    (tmp_path / "bad.csv").write_text("1,site1.example\n2,me@site2.example\n")
    assert "bad.csv, line 2" in run("plan", "bad.csv").err
    added = run("add", "--from", "bad.csv", "--format", "json")
    assert added.status == PARTLY
    assert added.document["added"] == ["site1.example"]
    (tmp_path / "none.csv").write_text("1,me@site1.example\n")
    failed(run("add", "--from", "none.csv"), "none.csv, line 1")
