"""A month of schedules in minutes: kills, a database that goes away, a clock that is set back.

Clocks also go forward in one timezone and back in another. Prints the ledger, in which ``lost``,
``doubled``, ``overlaps``, ``untold`` and ``told_twice`` must be 0.

``python -m tests.benchmarks.bench_schedule [KILLS] [MINUTES] [SEED] [sqlite|postgresql]``
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from storage.database import open_database
from tests.planned_schedule import Plan
from tests.postgresql import running_postgres
from tests.simulated_schedule import Ledger, Simulation

DAYS = 31
GONE_SECONDS = 33.0
"""SQLite lets a writer wait for 30 s."""


def on_sqlite(plan: Plan, folder: Path) -> Ledger:
    file = folder / "tracker.db"

    def gone(seconds: float) -> None:
        with sqlite3.connect(file, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            other.execute("ROLLBACK")

    return Simulation(folder=folder, url=str(file), plan=plan, gone=gone).run()


def on_postgresql(plan: Plan, folder: Path) -> Ledger:
    with running_postgres() as server:

        def gone(seconds: float) -> None:
            server.stop("immediate")
            time.sleep(seconds)
            server.start()

        url = server.url(server.create_database())
        open_database(url).close()
        return Simulation(folder=folder, url=url, plan=plan, gone=gone).run()


def main(kills: int, minutes: float, seed: int, databases: list[str]) -> None:
    plan = Plan(
        days=DAYS,
        speed=DAYS * 86_400 / (minutes * 60),
        kills=kills,
        seed=seed,
        database_gone_seconds=GONE_SECONDS,
    )
    ways = {"sqlite": on_sqlite, "postgresql": on_postgresql}
    for name in databases:
        with tempfile.TemporaryDirectory() as folder:
            ledger = ways[name](plan, Path(folder))
        print(f"{name}: {DAYS} days in {minutes:g} minutes, seed {seed}")
        print("\n".join(ledger.lines()), flush=True)


if __name__ == "__main__":
    given = [text for text in sys.argv[1:] if text[0].isdigit()]
    named = [text for text in sys.argv[1:] if text not in given]
    numbers = [float(text) for text in given] + [50.0, 5.0, 1.0][len(given) :]
    main(int(numbers[0]), numbers[1], int(numbers[2]), named or ["sqlite", "postgresql"])
