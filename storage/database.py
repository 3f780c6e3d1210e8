"""Opening the database, its transactions, and what its errors mean in words.

Reads see one consistent state and never wait for a writer (SQLite's write-ahead log); writes queue
up, at most ``BUSY_SECONDS``. The pragmas are those of https://www.sqlite.org/wal.html.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection as Connection
from sqlalchemy import create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError, StatementError

from storage import upgrade
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection as SQLiteConnection
    from types import TracebackType
    from typing import Self

    from sqlalchemy import Engine, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SQLiteInsert

BUSY_SECONDS = 30
"""How long a write waits for another process's write before it gives up."""


class Database:
    """An open database of the current schema; made by `open_database`."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._reader = engine.execution_options(writes=False)
        self._writer = engine.execution_options(writes=True)
        self._engine = engine
        self.name = name
        """Where it is, as messages to a person say it."""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout and changes nothing.

        Raises:
            StorageError: the database fails, or something was written.
        """
        with translated_errors(self.name), self._reader.connect() as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits as a whole at its end, or not at all if an error leaves it.

        Keep it short: SQLite has one writer at a time, and others wait meanwhile.

        Raises:
            StorageError: locked too long, disk full, read-only, damaged.
        """
        with translated_errors(self.name), self._writer.begin() as conn:
            yield conn

    def close(self) -> None:
        """Close every connection; the object is of no use afterwards."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def open_database(url: str, *, create: bool = True) -> Database:
    """Open a database, bringing an older schema up to date.

    Args:
        url: a path, or a ``sqlite:///`` URL.
        create: make the file, and the folder it lies in, where it does not exist.

    Raises:
        StorageError: it is missing and ``create`` is false, it is of a newer schema, it is no
            database of this program, or the place cannot be written.
    """
    parsed = _parse(url)
    path = Path(parsed.database or "")
    name = str(path)
    if not path.exists():
        if not create:
            raise StorageError(f"no database at {name}: add or crawl a site first, or check --db")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"cannot make the folder of {name}: {error.strerror}") from error
    engine = create_engine(
        parsed, connect_args={"timeout": BUSY_SECONDS}, json_serializer=upgrade.to_json
    )
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    database = Database(engine, name)
    try:
        upgrade.upgrade(database, path)
    except BaseException:
        database.close()
        raise
    return database


def _parse(url: str) -> URL:
    if "://" not in url:
        if url in {"", ":memory:"}:
            raise StorageError("the database must be a file: give its path with --db")
        return URL.create("sqlite", database=str(Path(url).expanduser()))
    try:
        parsed = make_url(url)
        dialect = parsed.get_dialect().name
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise StorageError(f"not a database URL: {url} (a path or sqlite:///path)") from error
    if dialect != "sqlite" or parsed.database in {None, "", ":memory:"}:
        shown = parsed.render_as_string(hide_password=True)
        raise StorageError(f"cannot open {shown}: give a path or sqlite:///path")
    return parsed


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


def insert(conn: Connection, table: Table) -> SQLiteInsert | PostgresInsert:
    """An INSERT that knows ON CONFLICT, in the connection's dialect."""
    if conn.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


MEANINGS = (
    ("locked", "is locked by another process: wait until that has ended, then try again"),
    ("disk is full", "cannot grow, the disk is full: free some space, then try again"),
    ("disk i/o error", "cannot be read or written (disk I/O error): check the disk"),
    ("readonly", "is read-only here: check its permissions and those of its folder"),
    ("unable to open", "cannot be opened: check that its folder exists and may be written"),
    ("not a database", "is not a database: give another path with --db"),
    ("malformed", "is damaged: put a backup in its place"),
)


@contextmanager
def translated_errors(name: str) -> Iterator[None]:
    """Turn what SQLAlchemy raises into a StorageError of one line that names the database."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StorageError(f"the database {name} {_meaning(error)}") from error


def _meaning(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, StatementError) else error
    text = " ".join(str(cause).split())
    return next((meaning for sign, meaning in MEANINGS if sign in text.lower()), f"refused: {text}")
