"""Commands on a corpus of any size, as whole processes, beside the same with ten sites.

``python -m tests.benchmarks.bench_corpus ../shared/longitudinal/versions.jsonl.gz`` makes 20,000
versions of 2,600 sites on both databases; ``--sites 130000 --versions 1000000`` takes half an hour
each, and 20 GB in all. ``--only sqlite --keep FILE`` keeps the corpus, and uses it the next time.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage.database import open_database
from tests.benchmarks.corpus_loading import build
from tests.benchmarks.synthetic_corpus import RARE
from tests.postgresql import running_postgres

if TYPE_CHECKING:
    from collections.abc import Sequence

REPEATED = 3
TEN = (10, 77)
"""Sites and versions of the small corpus that a large one is compared with."""

COMMANDS = {
    "history": ("history", "SITE"),
    "show": ("show", "SITE#2"),
    "diff": ("diff", "SITE#1", "SITE#2"),
    "report": ("report", "SITE", "--format", "json"),
    "rare word": ("search", RARE),
    "rare word, first": ("search", RARE, "--first"),
    "common phrase": ("search", '"personal information"'),
    "common phrase, first": ("search", '"personal information"', "--first"),
    "longer phrase": ("search", '"we collect information about you"'),
    "words that meet by chance": ("search", "cookies security children"),
    "phrase that nobody says": ("search", '"information personal we"'),
    "prefix": ("search", "advertis*"),
    "in a site": ("search", '"personal information"', "--site", "SITE"),
    "in a category": ("search", '"personal information"', "--category", "Data Security"),
    "from 2024": ("search", '"personal information"', "--from", "2024-01-01"),
    "first, from 2024": ("search", '"personal information"', "--first", "--from", "2024-01-01"),
    "to 2001": ("search", '"personal information"', "--to", "2001-01-01"),
}
"""What is timed; SITE stands for a site in the middle of the corpus."""


def main() -> None:
    """Print a table for each database."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if options.only != "postgresql":
            _measure(
                "SQLite", options.keep or str(folder / "many.db"), str(folder / "ten.db"), options
            )
        if options.only != "sqlite":
            server = stack.enter_context(running_postgres())
            many, ten = (server.url(server.create_database()) for _ in range(2))
            _measure("PostgreSQL", many, ten, options, server.folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="versions of real policies, JSONL, packed")
    parser.add_argument("--sites", type=int, default=2_600)
    parser.add_argument("--versions", type=int, default=20_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--keep", help="a file of SQLite's, made if it does not exist")
    return parser.parse_args()


def _measure(
    name: str, many: str, ten: str, options: argparse.Namespace, server: Path | None = None
) -> None:
    for url, sites, versions in ((ten, *TEN), (many, options.sites, options.versions)):
        if not Path(url).exists():
            began = time.perf_counter()
            build(url, options.source, sites=sites, versions=versions, watch=lambda _: None)
            print(f"{name}: {versions:,} versions made in {time.perf_counter() - began:.0f} s")
        print(f"{name}: {_described(url)}", flush=True)
    compare(many, ten, options.sites, server)


def compare(many: str, ten: str, sites: int, server: Path | None = None) -> None:
    """Print what every command takes on a large corpus and on the one of ten sites.

    ``server`` is the folder of the server that has them, as of `tests.postgresql`.
    """
    print(f"{'':26}  seconds: ten sites / {sites:,}, ratio; of them busy")
    for what, arguments in COMMANDS.items():
        small, small_busy = _seconds(_command(arguments, ten, TEN[0] // 2), server)
        large, large_busy = _seconds(_command(arguments, many, sites // 2), server)
        print(
            f"{what:26} {small:6.2f} / {large:6.2f} {large / small:6.2f}; "
            f"{small_busy:6.2f} / {large_busy:6.2f} {large_busy / small_busy:6.2f}",
            flush=True,
        )


def _described(url: str) -> str:
    with open_database(url) as db, db.read() as conn:
        counted = {
            name: conn.execute(text(query)).scalar_one()
            for name, query in (
                ("versions", "SELECT count(*) FROM versions"),
                (
                    "segments in them",
                    "SELECT sum(last_number - first_number + 1) FROM segment_spans",
                ),
                ("spans", "SELECT count(*) FROM segment_spans"),
                ("texts", "SELECT count(*) FROM segment_texts"),
            )
        }
        size = db.backend.describe(conn)
    return ", ".join(f"{count:,} {name}" for name, count in counted.items()) + f"; {size}"


def _command(arguments: Sequence[str], url: str, number: int) -> list[str]:
    site = f"site{number:06}.example"
    given = [argument.replace("SITE", site) for argument in arguments]
    return [sys.executable, "-m", "tracker", *given, "--db", url]


def _seconds(command: list[str], server: Path | None) -> tuple[float, float]:
    """Medians of some runs, after one that brings what they read into memory: clock, and busy.

    The second is the processor's time of the process and of what the server did for it, whatever
    else the machine is busy with.
    """
    took, busy = [], []
    for _ in range(1 + REPEATED):
        began, before = time.perf_counter(), _busy(server)
        subprocess.run(command, check=True, capture_output=True)
        took.append(time.perf_counter() - began)
        busy.append(_busy(server) - before)
    return statistics.median(took[1:]), statistics.median(busy[1:])


def _busy(server: Path | None) -> float:
    """Seconds for which ended children, and a server's ended connections, kept processors busy."""
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = own.ru_utime + own.ru_stime
    if server is not None:
        postmaster = (server / "data" / "postmaster.pid").read_text().split()[0]
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: cutime and cstime.
        fields = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return seconds


if __name__ == "__main__":
    main()
