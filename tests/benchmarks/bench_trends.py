"""Times ``trends``: python -m tests.benchmarks.bench_trends DATABASE

For a database of any size (`tests.benchmarks.bench_corpus` makes one of a million versions), prints
what working the figures out takes, what asking again takes, and the peak of memory.
"""

from __future__ import annotations

import resource
import sys
import time
from typing import TYPE_CHECKING

from sqlalchemy import delete

from storage.database import open_database
from storage.work_schema import trend_cache
from tracker.categories import CATEGORIES
from tracker.trends.asked import Asked
from tracker.trends.asking import trends_of

if TYPE_CHECKING:
    from tracker.trends.spans import By

PERIODS: tuple[By, ...] = ("year", "quarter", "month")


def main(url: str) -> None:
    """Print a line for every length of the period."""
    with open_database(url, create=False) as db:
        with db.write() as conn:
            conn.execute(delete(trend_cache))
        for by in PERIODS:
            for what in ("worked out", "asked again"):
                began, used = time.perf_counter(), time.process_time()
                found = trends_of(db, Asked(categories=CATEGORIES, by=by))
                print(
                    f"{by:8} {what:12} {time.perf_counter() - began:7.3f} s, "
                    f"{time.process_time() - used:7.3f} s of CPU, {found['versions']:,} versions "
                    f"of {found['sites']:,} sites, {len(found['periods'])} periods"
                )
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1])
