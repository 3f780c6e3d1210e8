"""The budget as the archive sees it, and the whole choir of faults at once.

The long versions are `tests.benchmarks.bench_budget` and `tests.benchmarks.bench_faults`.
"""

from __future__ import annotations

import math
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from storage import budgets
from tests.benchmarks.archive import command, crawl, histories
from tests.standins.proxy import FaultProxy, Plan
from tests.standins.request_log import busiest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.standins.wayback import WaybackStandIn

SITES = ("lumenpost.example", "nordlicht-karten.example")
WINDOW = 3.0


def test_processes_share_one_budget(tmp_path: Path, wayback: WaybackStandIn) -> None:
    replay, index = 600.0, 240.0
    tracker = command(tmp_path, wayback.url, cdx=index, replay=replay)
    tracker("add", *SITES)
    with ExitStack() as stack:
        crawls = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tracker", "crawl", site, "--strategy", "all"],
                    cwd=tmp_path,
                    stderr=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
            )
            for site in SITES
        ]
        assert [each.wait(timeout=60) for each in crawls] == [0, 0]
    for kind, rate in (("replay", replay), ("cdx", index)):
        times = [request.time for request in wayback.requests(kind)]
        assert len(times) > len(SITES)
        # What holds for every minute holds for any window, delays on the way aside.
        allowed = math.ceil((WINDOW + budgets.SLACK) * rate / (60 + budgets.SLACK))
        assert busiest(times, WINDOW) <= allowed


def test_faults_that_pass_change_no_history(tmp_path: Path, wayback: WaybackStandIn) -> None:
    with FaultProxy(wayback.url, tmp_path / "proxy.jsonl") as proxy:
        tracker = command(tmp_path / "truth", proxy.url, timeout=1.0)
        crawl(tracker, SITES, "all")
        truth = histories(tracker, SITES)
        proxy.plan = Plan(seed=7, index=0.4, replay=0.3, pause=0.5)
        tracker = command(tmp_path / "crawl", proxy.url, timeout=1.0)
        crawl(tracker, SITES, "all")
        assert histories(tracker, SITES) == truth
        assert proxy.injected.total() >= 15
