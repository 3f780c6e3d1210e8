"""Kills crawls at random moments; the run that follows must finish as if nothing had been.

``python -m tests.benchmarks.bench_kills [KILLS] [SEED]``: kill -9 of the command, of the crawler
that it started, or of both. When a crawl has come to its end the next begins, on an empty database.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.archive import (
    SAMPLE,
    SHARED_ARCHIVE,
    command,
    crawl,
    histories,
    sites_of,
    wayback,
)
from tests.killing import WHOM, killed

if TYPE_CHECKING:
    from tests.standins.wayback import WaybackStandIn

STRATEGY = "all"
LONGEST = 12.0
"""Seconds within which the kill comes."""


def asked_again(standin: WaybackStandIn) -> int:
    """How many requests to replay were for what had been answered already."""
    paths = Counter(request.path for request in standin.requests("replay"))
    return paths.total() - len(paths)


def main(wanted: int, seed: int) -> None:
    warc = SHARED_ARCHIVE if SHARED_ARCHIVE.exists() else SAMPLE
    sites, chance, done, number = sites_of(warc), random.Random(seed), 0, 0
    with (
        tempfile.TemporaryDirectory() as name,
        wayback(folder := Path(name), warc) as standin,
    ):
        tracker = command(folder / "truth", standin.url)
        crawl(tracker, sites, STRATEGY)
        truth, fewest = histories(tracker, sites), len(standin.requests("replay"))
        while done < wanted:
            number += 1
            standin.log.path.unlink()
            tracker, kills = command(folder / f"crawl-{number}", standin.url), Counter[str]()
            while done + kills.total() < wanted:
                whom = chance.choice(WHOM)
                arguments = ("crawl", *sites, "--strategy", STRATEGY)
                if not killed(tracker, arguments, whom, chance.uniform(0.2, LONGEST)):
                    break
                kills[whom] += 1
            done += kills.total()
            began = time.monotonic()
            runs = crawl(tracker, sites, STRATEGY)
            again = asked_again(standin)
            healthy = tracker("doctor", "--deep").status == 0
            print(
                f"{kills.total()} kills {dict(kills)}, then {runs} run(s) in"
                f" {time.monotonic() - began:.0f} s:"
                f" {'the same' if histories(tracker, sites) == truth else 'OTHER'} versions,"
                f" doctor {'finds nothing' if healthy else 'COMPLAINS'}, {again} of {fewest}"
                f" asked for again, {again / max(1, kills.total()):.1f} a kill",
                flush=True,
            )


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    main(*(arguments + [50, 1][len(arguments) :]))
