"""Commands that are to be disturbed, each with a database as it finds it, on either kind of server.

What a database tells after all disturbances must be what it tells without any.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage import blobs, sites, snapshots
from storage.database import open_database
from tests.benchmarks.archive import SAMPLE, sites_of
from tests.integration.command_line import CommandLine
from tests.older_databases import make_older
from tracker.history import history_document
from tracker.kept import history_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgresql import PostgresServer

ARCHIVE = ("--archive", f"warc:{SAMPLE}")
OLD_REVISION = "0006"

RULES = '[[override]]\nsite = "example"\nremove = "h2, li:last-child"\n'
"""Rules by hand under which every capture of the sample is judged anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A command, and of which kind the database is that it begins with."""

    name: str
    arguments: tuple[str, ...]
    begins: str


TRIALS = (
    Trial(
        name="crawl",
        arguments=("crawl", *sites_of(SAMPLE), "--strategy", "all", *ARCHIVE),
        begins="empty",
    ),
    Trial(name="reprocess", arguments=("reprocess", "--config", "rules.toml"), begins="crawled"),
    Trial(
        name="reprocess, 2 processes",
        arguments=("reprocess", "--config", "rules.toml", "--jobs", "2"),
        begins="crawled",
    ),
    Trial(name="compact", arguments=("db", "compact"), begins="crawled"),
    Trial(name="upgrade", arguments=("db", "upgrade"), begins="old"),
)


@dataclass(slots=True, kw_only=True)
class Arena:
    """Databases to begin with, in files of SQLite's or, with a server, of PostgreSQL's."""

    run: CommandLine
    server: PostgresServer | None = None
    templates: dict[str, str] = field(default_factory=dict)
    _truths: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "SQLite" if self.server is None else "PostgreSQL"

    def prepare(self) -> None:
        """Make the databases that trials begin with: one that is crawled, and an old one."""
        (self.run.folder / "rules.toml").write_text(RULES, encoding="utf-8")
        self.templates = {name: self._empty(f"{name}-begin") for name in ("crawled", "old")}
        crawl = TRIALS[0].arguments
        done = self.run(*crawl, "--db", self.templates["crawled"])
        assert done.status == 0, done.err
        with open_database(self.templates["crawled"]) as today:
            make_older(today, self.templates["old"], OLD_REVISION)

    @contextmanager
    def database(self, trial: Trial) -> Iterator[str]:
        """A fresh database as the trial begins with; answers its URL."""
        if self.server is None:
            yield self._copy_of_file(trial)
            return
        name = self.server.create_database()
        if trial.begins != "empty":
            self.server.execute(f"DROP DATABASE {name}")
            template = self._name_of(self.templates[trial.begins])
            self.server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.server.url(name)
        self.server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def truth(self, trial: Trial) -> dict[str, Any]:
        """What a database tells after an undisturbed run, by however many processes."""
        what = " ".join(trial.arguments[:2])
        if what not in self._truths:
            with self.database(trial) as url:
                done = self.run(*trial.arguments, "--db", url)
                assert done.status == 0, done.err
                self._truths[what] = told(url)
        return self._truths[what]

    def _copy_of_file(self, trial: Trial) -> str:
        path = self.run.folder / "trial.db"
        for left in self.run.folder.glob("trial.db*"):
            left.unlink()
        if trial.begins != "empty":
            shutil.copyfile(self.templates[trial.begins], path)
        return str(path)

    def _empty(self, name: str) -> str:
        if self.server is None:
            return str(self.run.folder / f"{name}.db")
        return self.server.url(self.server.create_database())

    @staticmethod
    def _name_of(url: str) -> str:
        return url.partition("@/")[2].partition("?")[0]


def arena(folder: Path, server: PostgresServer | None) -> Arena:
    """An arena that is prepared."""
    folder.mkdir(exist_ok=True)
    made = Arena(run=CommandLine(folder=folder), server=server)
    made.prepare()
    return made


def told(url: str) -> dict[str, Any]:
    """All that a database tells of its sites: histories, and what is kept of every capture.

    Raises:
        AssertionError: a kept body is damaged.
    """
    with open_database(url) as db, db.read() as conn:
        assert blobs.verify(db)[1] == []
        return {
            site.domain: (
                history_document(history_of(conn, site)),
                [
                    (one.capture.timestamp, one.capture.original, one.body_sha256, one.verdict)
                    for one in snapshots.of_site(conn, site.id)
                ],
            )
            for site in sites.every(conn)
        }


@contextmanager
def another_writer(path: Path, turns: int) -> Iterator[None]:
    """Another process's transactions, one after the other, on a file of SQLite's."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def hold() -> None:
        for _ in range(turns):
            other.execute("BEGIN IMMEDIATE")
            time.sleep(0.7)
            other.execute("COMMIT")
            time.sleep(0.05)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        yield
    finally:
        holder.join()
        other.close()
