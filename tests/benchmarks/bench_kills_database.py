"""Kills all that writes to a database at random moments; what follows must lose nothing.

``python -m tests.benchmarks.bench_kills_database [KILLS] [SEED]``: kill -9 of crawls, reprocessing
(by one process and by two), compaction and migration, on SQLite and PostgreSQL in turn; of the
command, of what it started, or of both. After each kill every body must be whole; the run that
comes to its end must leave what an undisturbed one leaves, and ``doctor --deep`` find nothing.
Crawls of real captures are those of `bench_kills`.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from storage import blobs
from storage.database import open_database
from storage.errors import StorageError
from tests.killing import WHOM, killed
from tests.postgresql import running_postgres
from tests.trials import ARCHIVE, TRIALS, arena, told

if TYPE_CHECKING:
    from tests.trials import Arena, Trial

FIRST = 0.3
"""Seconds until a command has started."""

LONGEST, SHORTER = 12.0, 0.7
"""Seconds within which a kill comes, and what is left of them when a command was quicker."""

IN_A_ROW = 4
"""Kills of one command on one database, before it may come to its end."""


def disturb(arena: Arena, trial: Trial, longest: float, most: int, chance: random.Random) -> int:
    """Kill runs of a command until one comes to its end; answers how many were killed.

    Raises:
        AssertionError: a body is damaged, ``doctor --deep`` complains, or something is not as
            without the kills.
    """
    kills = 0
    with arena.database(trial) as url:
        arguments = (*trial.arguments, "--db", url)
        while kills < most and killed(
            arena.run, arguments, chance.choice(WHOM), chance.uniform(FIRST, longest)
        ):
            kills += 1
            if trial.begins != "old" or arena.server is None or is_of_today(url):
                with open_database(url) as db:
                    assert blobs.verify(db)[1] == []
        done = arena.run(*arguments)
        assert done.status == 0, done.err
        found = arena.run("doctor", "--deep", "--db", url, *ARCHIVE)
        assert found.status == 0, found.out
        assert told(url) == arena.truth(trial), f"{trial.name} on {arena.kind} tells something else"
    return kills


def is_of_today(url: str) -> bool:
    """Whether a database has been migrated; nothing of that is there until all of it is."""
    try:
        open_database(url, create=False).close()
    except StorageError as error:
        if "has the older schema" not in str(error):
            raise
        return False
    return True


def main(wanted: int, seed: int) -> None:
    """Print a line for each round."""
    chance, kills = random.Random(seed), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as name, running_postgres() as server:
        arenas = [arena(Path(name, "sqlite"), None), arena(Path(name, "postgresql"), server)]
        rounds = cycle([(one, trial) for trial in TRIALS for one in arenas])
        longest = dict.fromkeys(
            [(one.kind, trial.name) for one in arenas for trial in TRIALS], LONGEST
        )
        while kills.total() < wanted:
            one, trial = next(rounds)
            began = time.monotonic()
            key = (one.kind, trial.name)
            most = min(IN_A_ROW, wanted - kills.total())
            found = disturb(one, trial, longest[key], most, chance)
            longest[key] *= 1.0 if found == most else SHORTER
            kills[key] += found
            print(
                f"{one.kind:10} {trial.name:22} {found:3} kills, {time.monotonic() - began:.0f} s:"
                " the same, doctor finds nothing",
                flush=True,
            )
        for (kind, trial_name), count in sorted(kills.items()):
            print(f"{count:5} {kind}, {trial_name}")


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    main(*(arguments + [100, 1][len(arguments) :]))
