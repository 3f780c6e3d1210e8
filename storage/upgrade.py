"""Bringing a database's schema up to date, forward only, with a backup first.

Alembic is imported only where a migration has to run: an ordinary start reads one row.
"""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from storage import schema
from storage.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.database import Database

SCRIPTS = Path(__file__).parent / "migrations"


def to_json(value: object) -> str:
    """How JSON columns are written: compact, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def upgrade(database: Database, path: Path) -> None:
    """Run the migrations that the database lacks, in one transaction.

    An older schema's file is copied beside itself first (``tracker.db.0001.bak``).

    Raises:
        StorageError: it is of a newer schema, or holds another program's tables.
    """
    with database.read() as conn:
        found = _revision(conn, path)
    if found == schema.REVISION:
        return
    if found is None:
        _use_write_ahead_log(database, path)
    else:
        _back_up(path, found)
    with database.write() as conn:
        # Another process may have migrated since: only one holds the write lock.
        if _revision(conn, path) != schema.REVISION:
            _migrate(conn)


def _revision(conn: Connection, path: Path) -> str | None:
    """The database's revision; None for an empty one."""
    tables = set(inspect(conn).get_table_names())
    if not tables:
        return None
    rows = (
        conn.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        if "alembic_version" in tables
        else []
    )
    if len(rows) != 1 or "policy_urls" not in tables:
        raise StorageError(f"{path} is not a database of this program: give another path with --db")
    found = str(rows[0])
    if not found.isdigit() or found > schema.REVISION:
        raise StorageError(
            f"{path} was written by a newer version of this program (schema {found}, "
            f"this one knows {schema.REVISION}): update the program"
        )
    return found


def _use_write_ahead_log(database: Database, path: Path) -> None:
    """Turn on WAL; it stays with the file. SQLite refuses at once while another process does so."""
    deadline = monotonic() + 30
    while True:
        connection = sqlite3.connect(path, timeout=30)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > deadline:
                raise StorageError(f"cannot write the database {database.name}: {error}") from error
        else:
            return
        finally:
            connection.close()
        sleep(0.05)


def _back_up(path: Path, revision: str) -> None:
    target = path.with_name(f"{path.name}.{revision}.bak")
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
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
            f"cannot back up {path} to {target} before its upgrade: {error}; nothing was changed"
        ) from error


def _migrate(conn: Connection) -> None:
    # Slow to import, and an ordinary start needs none of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
