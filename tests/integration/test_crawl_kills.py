"""Crawls that are killed, run out of disk, or find the database taken: the next one finishes them.

The long version, fifty kills over the shared archive, is `tests.benchmarks.bench_kills`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks.archive import command, crawl, histories
from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE
from tests.killing import killed
from tests.trials import another_writer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.standins.wayback import WaybackStandIn

SITES = ("lumenpost.example", "nordlicht-karten.example")

IN_FLIGHT = 16
"""Requests of both budgets that a crawler has under way at most."""

LIMITED = """
import resource, runpy, sys
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
runpy.run_module("tracker", run_name="__main__")
"""


def told(history: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a history says that does not depend on where the archive is."""
    return [
        (v["text_sha256"], v["first_seen"], v["last_seen"], v["captures"])
        for v in history["versions"]
    ]


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    """What an undisturbed crawl of the files tells."""
    tracker = CommandLine(folder=tmp_path_factory.mktemp("truth"))
    done = tracker("crawl", *SITES, "--strategy", "all", "--archive", f"warc:{SAMPLE}")
    assert done.status == 0
    return {site: told(found) for site, found in histories(tracker, SITES).items()}


@pytest.mark.skipif(sys.platform != "linux", reason="finds the crawler in /proc")
def test_a_killed_crawl_goes_on_where_it_was(
    tmp_path: Path, wayback: WaybackStandIn, truth: dict[str, list[tuple[Any, ...]]]
) -> None:
    # Slow enough for the kills to come in its midst.
    tracker = command(tmp_path, wayback.url, replay=900.0)
    for whom, after in (("both", 2.5), ("command", 3.0)):
        assert killed(tracker, ("crawl", *SITES, "--strategy", "all"), whom, after)
    crawl(tracker, SITES, "all")
    assert {site: told(found) for site, found in histories(tracker, SITES).items()} == truth
    asked = Counter(request.path for request in wayback.requests("replay"))
    assert asked.total() - len(asked) <= 2 * IN_FLIGHT
    checked = tracker("doctor", "--deep")
    assert checked.status == 0, checked.out


def test_a_full_disk_is_said_in_a_line_and_costs_nothing(
    tmp_path: Path, truth: dict[str, list[tuple[Any, ...]]]
) -> None:
    tracker = CommandLine(folder=tmp_path)
    arguments = ["crawl", *SITES, "--strategy", "all", "--archive", f"warc:{SAMPLE}"]
    full = subprocess.run(
        [sys.executable, "-c", LIMITED, "600000", *arguments],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if "TRACKER" not in key},
        capture_output=True,
        text=True,
        check=False,
    )
    assert full.returncode == 1
    assert "Traceback" not in full.stderr
    assert any(word in full.stderr for word in ("check the disk", "free some space"))
    assert tracker("doctor", "--deep", "--archive", f"warc:{SAMPLE}").status == 0
    assert tracker(*arguments).status == 0
    assert {site: told(found) for site, found in histories(tracker, SITES).items()} == truth


def test_a_crawl_waits_for_whoever_writes_to_the_database(
    tmp_path: Path, truth: dict[str, list[tuple[Any, ...]]]
) -> None:
    tracker = CommandLine(folder=tmp_path)
    tracker("add", *SITES)
    with another_writer(tmp_path / "tracker.db", turns=6):
        done = tracker("crawl", *SITES, "--strategy", "all", "--archive", f"warc:{SAMPLE}")
    assert done.status == 0, done.err
    assert {site: told(found) for site, found in histories(tracker, SITES).items()} == truth
