"""Measures at the archive's end how crawls keep to their budget, and how much of it they use.

``python -m tests.benchmarks.bench_budget [SECONDS]``: with one process and with four on a database,
at the Internet Archive's rates and at larger ones. Sites that the archive does not know keep its
index busy, sites with thousands of captures its replay. Then 300 captures through windows of 429.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.archive import command, crawl, wayback
from tests.standins.calendar import policy_url, write_archive
from tests.standins.proxy import FaultProxy, Plan
from tests.standins.replay import Replay, Reply
from tests.standins.request_log import busiest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.integration.command_line import CommandLine
    from tests.standins.cdx_index import Row
    from tests.standins.replay import Wanted
    from tests.standins.request_log import Request

PROCESSES = 4
RATES = ((24.0, 480.0), (120.0, 2400.0))
BUSY = tuple(f"busy-{number}.example" for number in range(PROCESSES))
CAPTURES = 3_000
GRACE = 30.0
"""Seconds that an interrupted command may take to end."""


class Unpacked(Replay):
    """Serves records without pywb, which takes 60 ms for each where a URL has thousands."""

    def page(self, row: Row, wanted: Wanted) -> Reply:  # noqa: ARG002, the base class's
        _, body = self.record(row)
        return Reply(status=200, body=body, headers=[("Content-Type", "text/html")])


def unknown(process: int) -> list[str]:
    """Sites that the archive has nothing of: questions to its index, and nothing else."""
    return [f"unknown-{process}-{number}.example" for number in range(150)]


def run_for(tracker: CommandLine, processes: int, seconds: float) -> None:
    """Crawl with so many processes for a time, then press Ctrl-C in each."""
    with ExitStack() as stack:
        started = []
        for process in range(processes):
            # The busy site stays to the end; the others come and go beside it.
            sites = [BUSY[process], *unknown(process)]
            started.append(
                stack.enter_context(
                    subprocess.Popen(
                        [sys.executable, "-m", "tracker", "crawl", *sites, "--strategy", "all"],
                        cwd=tracker.folder,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                    )
                )
            )
        time.sleep(seconds)
        for each in started:
            each.send_signal(signal.SIGINT)
        for each in started:
            each.wait(timeout=GRACE)


def line(kind: str, requests: Sequence[Request], per_minute: float) -> str:
    """How much of a budget was used from the first request to the last, and its fullest minute."""
    moments = sorted(request.time for request in requests if request.service == kind)
    used = (len(moments) - 1) / (moments[-1] - moments[0]) * 60 / per_minute
    fullest = busiest(moments, 60.0)
    return (
        f"{kind} {per_minute:.0f}/min: {used:.1%} used by {len(moments)} requests,"
        f" fullest minute {fullest}" + (" MORE THAN ALLOWED" if fullest > per_minute else "")
    )


def budgets(folder: Path, seconds: float) -> None:
    """Print the use of each rate, with one process and with four."""
    warc = folder / "busy.warc.gz"
    write_archive(warc, BUSY, CAPTURES, hours=30)
    with wayback(folder, warc) as standin:
        packed = standin.replay
        standin.replay = Unpacked(rows=packed.rows, collection=packed.collection, warc=packed.warc)
        for index, replay in RATES:
            for processes in (1, PROCESSES):
                standin.log.path.unlink(missing_ok=True)
                name = f"{processes}-{replay:.0f}"
                tracker = command(folder / name, standin.url, cdx=index, replay=replay)
                for site in BUSY:
                    tracker("add", site, "--url", policy_url(site))
                run_for(tracker, processes, seconds)
                requests = standin.requests()
                print(f"{processes} processes: {line('cdx', requests, index)};", flush=True)
                print(f"             {line('replay', requests, replay)}", flush=True)


def windows(folder: Path) -> None:
    """Print what 300 captures cost through an archive that shuts every now and then."""
    site = BUSY[0]
    warc = folder / "windows.warc.gz"
    write_archive(warc, [site], 300, hours=30)
    (served := folder / "windows").mkdir()
    with (
        wayback(served, warc) as standin,
        FaultProxy(standin.url, folder / "proxy.jsonl") as proxy,
    ):
        proxy.plan = Plan(window_after=40, window_seconds=2.0, pause=2.0)
        tracker = command(folder / "windowed", proxy.url, pause=2.0)
        tracker("add", site, "--url", policy_url(site))
        crawl(tracker, (site,), "all")
        (found,) = tracker("history", site, "--format", "json").document["versions"]
        print(
            f"{found['captures']} of 300 captures through {proxy.injected.total()} windows,"
            f" {proxy.into_pauses} requests into pauses"
        )


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        windows(Path(name))
        budgets(Path(name), seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 180.0)
