"""Bringing a database's schema up to date, forward only, in one transaction.

Alembic is imported only where a migration has to run: an ordinary start reads one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from storage import schema, views
from storage.errors import MissingError, StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.database import Database

SCRIPTS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """What was done to a schema; ``found`` is None for an empty database."""

    found: str | None
    now: str
    backup: str | None = None


def upgrade(database: Database, *, create: bool, migrate: bool) -> Upgrade:
    """Run the migrations that the database lacks.

    Args:
        database: any that can be reached.
        create: make the tables of an empty one.
        migrate: bring an older one up to date even where that is not done without being asked.

    Raises:
        StorageError: it is of another schema, empty, or holds another program's tables.
    """
    backend = database.backend
    with database.read() as conn:
        backend.check(conn)
        found = _revision(conn, database.name)
    if found == schema.REVISION:
        return Upgrade(found=found, now=found)
    backup = None
    if found is None:
        if not create:
            raise MissingError(
                f"the database {database.name} is empty: add or crawl a site first, or check --db"
            )
        backend.prepare()
    elif migrate or backend.migrates_on_open:
        backup = backend.back_up(found)
    else:
        raise StorageError(
            f"{database.name} has the older schema {found}, this program needs {schema.REVISION}: "
            "stop what uses it, back it up, then run `tracker db upgrade`"
        )
    with database.write() as conn:
        backend.lock_schema(conn)
        # Another process may have migrated since.
        if _revision(conn, database.name) != schema.REVISION:
            _migrate(conn)
    return Upgrade(found=found, now=schema.REVISION, backup=backup)


def _revision(conn: Connection, name: str) -> str | None:
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
        raise StorageError(f"{name} is not a database of this program: give another one with --db")
    found = str(rows[0])
    if not found.isdigit() or found > schema.REVISION:
        raise StorageError(
            f"{name} was written by a newer version of this program (schema {found}, "
            f"this one knows {schema.REVISION}): update the program"
        )
    return found


def _migrate(conn: Connection) -> None:
    # Slow to import, and an ordinary start needs none of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = conn
    views.drop(conn)
    command.upgrade(config, schema.REVISION)
    views.create(conn)
