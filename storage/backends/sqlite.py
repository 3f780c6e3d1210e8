"""SQLite: one file, one writer at a time, readers that never wait.

Reads see one consistent state (the write-ahead log), writes queue up, at most ``BUSY_SECONDS``. The
pragmas are those of https://www.sqlite.org/wal.html.
"""

from __future__ import annotations

import contextlib
import glob
import os
import sqlite3
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import StatementError

from storage.backends import base
from storage.errors import MissingError, StorageError

if TYPE_CHECKING:
    from pathlib import Path
    from sqlite3 import Connection as SQLiteConnection

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError

MEANINGS = (
    ("locked", "is locked by another process: wait until that has ended, then try again"),
    ("disk is full", "cannot grow, the disk is full: free some space, then try again"),
    ("disk i/o error", "cannot be read or written (disk I/O error): check the disk"),
    ("readonly", "is read-only here: check its permissions and those of its folder"),
    ("unable to open", "cannot be opened: check that its folder exists and may be written"),
    ("not a database", "is not a database: give another path with --db"),
    ("malformed", "is damaged: put a backup in its place"),
)

ABANDONED_SECONDS = 3600
"""Age at which a copy that was never finished is nobody's any more."""


class SQLite:
    """A file of SQLite's."""

    migrates_on_open = True
    patience = 0.0
    read_options: ClassVar[dict[str, Any]] = {"writes": False}
    write_options: ClassVar[dict[str, Any]] = {"writes": True}

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)

    def make_room(self, *, create: bool) -> None:
        """Make the folder of a file that does not exist yet.

        Raises:
            StorageError: that fails, or the file is missing and must not be made.
        """
        if self._path.exists():
            return
        if not create:
            raise MissingError(
                f"no database at {self.name}: add or crawl a site first, or check --db"
            )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"cannot make the folder of {self.name}: {error.strerror}"
            ) from error

    def engine(self) -> Engine:
        engine = create_engine(
            URL.create("sqlite", database=str(self._path)),
            connect_args={"timeout": base.BUSY_SECONDS},
            json_serializer=base.to_json,
        )
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine

    def check(self, conn: Connection) -> None:
        """Every SQLite that Python comes with will do."""

    def prepare(self) -> None:
        """Turn on WAL; it stays with the file."""
        # SQLite refuses at once while another process does the same.
        deadline = monotonic() + base.BUSY_SECONDS
        while True:
            connection = sqlite3.connect(self._path, timeout=base.BUSY_SECONDS)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or monotonic() > deadline:
                    raise StorageError(f"cannot write the database {self.name}: {error}") from error
            else:
                return
            finally:
                connection.close()
            sleep(0.05)

    def lock_schema(self, conn: Connection) -> None:
        """The one writer that there can be holds the schema too."""

    def back_up(self, revision: str) -> str:
        """Copy the file beside itself (``tracker.db.0001.bak``).

        Raises:
            StorageError: that fails; nothing was changed.
        """
        path = self._path
        target = path.with_name(f"{path.name}.{revision}.bak")
        partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
        _remove_abandoned(target)
        try:
            source, copy = sqlite3.connect(path, timeout=30), sqlite3.connect(partial)
            try:
                source.backup(copy)
            finally:
                copy.close()
                source.close()
            partial.replace(target)
        except (sqlite3.Error, OSError) as error:
            partial.unlink(missing_ok=True)
            raise StorageError(
                f"cannot back up {path} to {target} before its upgrade: {error}; "
                "nothing was changed"
            ) from error
        return str(target)

    def receipt(self, conn: Connection) -> None:  # noqa: ARG002 - the protocol's signature
        """A commit in one's own process is never in doubt."""
        return

    def is_committed(self, conn: Connection, receipt: str) -> bool:
        raise NotImplementedError("SQLite gives no receipts")

    def is_passing(self, error: SQLAlchemyError) -> bool:  # noqa: ARG002 - the protocol's signature
        """Who waited as long as SQLite waits for a lock has waited long enough."""
        return False

    def meaning(self, error: SQLAlchemyError) -> str:
        cause = error.orig if isinstance(error, StatementError) else error
        text = " ".join(str(cause).split())
        found = (meaning for sign, meaning in MEANINGS if sign in text.lower())
        return next(found, f"refused: {text}")

    def shrink(self, engine: Engine) -> None:  # noqa: ARG002 - the protocol's signature
        """Write the file anew; needs as much room again meanwhile.

        Raises:
            StorageError: another process is writing, or the disk is too full; nothing is lost.
        """
        connection = sqlite3.connect(self._path, timeout=base.BUSY_SECONDS)
        try:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise StorageError(f"{self.name} was not made smaller: {error}") from error
        finally:
            connection.close()

    def describe(self, conn: Connection) -> str:
        version = conn.exec_driver_sql("SELECT sqlite_version()").scalar_one()
        return f"SQLite {version}, {self._path.stat().st_size / 1e6:.1f} MB"


def _remove_abandoned(target: Path) -> None:
    """Remove what killed upgrades left of their copies."""
    for left in target.parent.glob(f"{glob.escape(target.name)}.*.partial"):
        with contextlib.suppress(OSError):
            if time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()


def _on_connect(connection: SQLiteConnection, _record: object) -> None:
    # The driver's own transactions begin too late and never IMMEDIATE: _on_begin does it.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _on_begin(conn: Connection) -> None:
    writes = conn.get_execution_options().get("writes", False)
    conn.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    # A write that begins as a read can find itself behind another's and fail at once, unwaited.
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
