"""Injects faults into crawls until there were enough; the versions must be those without any.

``python -m tests.benchmarks.bench_faults [FAULTS] [SEED]``: each crawl begins with an empty
database and goes through a proxy that spoils answers by a seed (`tests.standins.proxy`).
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.archive import (
    SAMPLE,
    SHARED_ARCHIVE,
    command,
    crawl,
    histories,
    sites_of,
    story,
    wayback,
)
from tests.standins.proxy import FaultProxy, Plan

STRATEGIES = ("all", "adaptive")


def main(wanted: int, seed: int) -> None:
    warc = SHARED_ARCHIVE if SHARED_ARCHIVE.exists() else SAMPLE
    sites = sites_of(warc)
    with (
        tempfile.TemporaryDirectory() as name,
        wayback(folder := Path(name), warc) as standin,
        FaultProxy(standin.url, folder / "proxy.jsonl") as proxy,
    ):
        truth = {}
        for strategy in STRATEGIES:
            tracker = command(folder / f"truth-{strategy}", proxy.url, timeout=2.0)
            crawl(tracker, sites, strategy)
            truth[strategy] = histories(tracker, sites)
        for number in itertools.count():
            if proxy.injected.total() >= wanted:
                break
            strategy = STRATEGIES[number % 2]
            before, asked, began = proxy.injected.total(), len(proxy.log.read()), time.monotonic()
            proxy.plan = Plan(seed=seed + number, index=0.5, replay=0.35)
            tracker = command(folder / f"crawl-{number}", proxy.url, timeout=2.0)
            runs = crawl(tracker, sites, strategy)
            found = histories(tracker, sites)
            other = [site for site in sites if story(found[site]) != story(truth[strategy][site])]
            print(
                f"{strategy:8} {proxy.injected.total() - before:4} faults in"
                f" {len(proxy.log.read()) - asked:4} requests, {runs} runs,"
                f" {time.monotonic() - began:.0f} s:"
                f" {f'OTHER VERSIONS of {other}' if other else 'the same versions'}",
                flush=True,
            )
        for trouble, count in proxy.injected.most_common():
            print(f"{count:6} {trouble}")
        print(f"{proxy.injected.total():6} faults; {proxy.in_windows} more refusals in pauses")
        print(f"{proxy.into_pauses} requests into pauses; {proxy.bad_rows} malformed rows")


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    main(*(arguments + [2000, 1][len(arguments) :]))
