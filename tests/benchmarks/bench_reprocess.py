"""How fast sites are derived anew, by one process and by two.

``python -m tests.benchmarks.bench_reprocess [COPIES]``: the captures of ``../shared/archive`` (the
sample's where it is absent), each site as many times under other names, are crawled once. Then
everything is judged and derived as after an upgrade of the normalizer ("upgrade"), and derived
alone, as where nothing but the classifier has changed ("derive"). Where others use the cores, CPU
seconds tell more than those on the wall.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from storage import captures, schema, sites, snapshots
from storage.database import open_database
from storage.records import Memento, Role
from tests.benchmarks.archive import SAMPLE, SHARED_ARCHIVE, sites_of
from tests.integration.command_line import CommandLine

if TYPE_CHECKING:
    from storage.database import Connection, Database

PROCESSES = (1, 2)

OLDER = "0"
"""A normalizer of before: what it judged is judged anew."""


def multiply(db: Database, copies: int) -> None:
    """Keep the captures of every site under other names, too."""
    with db.read() as conn:
        known = sites.every(conn)
    for copy in range(1, copies):
        for site in known:
            with db.write() as conn:
                _copy_site(conn, site.id, f"{copy}.{site.domain}")


def _copy_site(conn: Connection, site_id: int, domain: str) -> None:
    new = sites.add(conn, domain)
    for one in snapshots.of_site(conn, site_id, role=Role.POLICY):
        captures.record(conn, new.id, "copy", Role.POLICY, [one.capture])
        listed = captures.find(conn, new.id, "copy", Role.POLICY, one.capture)
        assert listed is not None
        memento = Memento(
            capture=one.capture,
            archive_url=one.archive_url,
            status=one.status,
            headers=one.headers,
            body=snapshots.body(conn, one.id),
            fetched_at=one.fetched_at,
        )
        snapshots.keep(conn, listed.id, memento)


def counted(path: Path) -> tuple[int, int]:
    """Judged captures of policies, and versions."""
    with open_database(str(path)) as db, db.read() as conn:
        judged = select(func.count()).select_from(schema.decisions)
        versions = select(func.count()).select_from(schema.versions)
        return conn.execute(judged).scalar_one(), conn.execute(versions).scalar_one()


def timed(run: CommandLine, *arguments: str) -> tuple[float, float]:
    """Seconds that a command takes on the wall, and of CPU with all that it starts."""
    began, used = time.monotonic(), _used()
    done = run(*arguments)
    assert done.status == 0, done.err
    return time.monotonic() - began, _used() - used


def _used() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main(copies: int) -> None:
    """Print a line for each kind of work."""
    warc = SHARED_ARCHIVE if SHARED_ARCHIVE.exists() else SAMPLE
    with tempfile.TemporaryDirectory() as name:
        run = CommandLine(folder=Path(name), timeout=3600)
        archive = ("--strategy", "all", "--archive", f"warc:{warc}")
        timed(run, "crawl", *sites_of(warc), *archive)
        begin, path = run.folder / "tracker.db", run.folder / "trial.db"
        with open_database(str(begin)) as db:
            multiply(db, copies)
        timed(run, "reprocess")
        observed, versions = counted(begin)
        print(f"{versions} versions in {observed} captures")
        for what in ("upgrade", "derive"):
            told = []
            for processes in PROCESSES:
                shutil.copyfile(begin, path)
                if what == "upgrade":
                    forget(path)
                arguments = ("--all", f"--jobs={processes}", f"--db={path}")
                wall, cpu = timed(run, "reprocess", *arguments)
                told.append(
                    f"{processes} process{'es' if processes > 1 else ''}: {wall:.1f} s, "
                    f"{versions / wall:.1f} versions/s ({cpu:.1f} s of CPU: {versions / cpu:.1f} "
                    f"versions and {observed / cpu:.0f} captures a second)"
                )
            print(f"{what}: {'; '.join(told)}", flush=True)


def forget(path: Path) -> None:
    """Have every capture judged by an older program."""
    with open_database(str(path)) as db, db.write() as conn:
        conn.execute(update(schema.snapshots).values(normalizer=OLDER))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
