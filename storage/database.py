"""Opening the database and its transactions; its errors become a StorageError of one line.

Reads see one consistent state and never wait for a writer; writes wait for each other, at most
``BUSY_SECONDS``. What differs between SQLite and PostgreSQL lies in `storage.backends`.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection as Connection  # noqa: TC002 - others import it from here
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from storage import upgrade
from storage.errors import PassingError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from sqlalchemy import Engine, Insert, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SQLiteInsert

    from storage.backends.base import Backend
    from storage.upgrade import Upgrade

T = TypeVar("T")

FIRST_WAIT, LONGEST_WAIT = 0.05, 2.0
"""Seconds between two tries at a database that does not answer."""


class Database:
    """An open database of the current schema; made by `open_database`."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self._engine = backend.engine()
        self._reader = self._engine.execution_options(**backend.read_options)
        self._writer = self._engine.execution_options(**backend.write_options)
        self._patience = 0.0
        self.name = backend.name
        """Where it is, as messages to a person say it."""
        self.is_new = False
        """Whether this opening made its tables."""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout and changes nothing.

        Raises:
            StorageError: the database fails, or something was written.
        """
        with self._translated(), self._connected(self._reader) as conn:
            yield conn

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits as a whole at its end, or not at all if an error leaves it.

        Keep it short: SQLite has one writer at a time, and others wait meanwhile.

        Raises:
            PassingError: another process or a restart got in the way; see `transact`.
            StorageError: locked too long, disk full, read-only, damaged.
        """
        with self._translated(), self._connected(self._writer) as conn, conn.begin():
            yield conn

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Do some work in a transaction, anew where a conflict or a restart took it back.

        What it does to the database is done once; the work itself may run several times, so it
        should change nothing else.

        Raises:
            StorageError: as of `write`; or the database stayed away longer than its patience.
        """
        return self._repeated(lambda: self._once(work), PassingError)

    def retrieve(self, work: Callable[[Connection], T]) -> T:
        """Read something in a transaction, anew where a restart broke that off.

        Raises:
            StorageError: as of `read`; or the database stayed away longer than its patience.
        """

        def read() -> T:
            with self.read() as conn:
                return work(conn)

        return self._repeated(read, PassingError)

    def _once(self, work: Callable[[Connection], T]) -> T:
        receipt, done = None, False
        try:
            with self.write() as conn:
                receipt = self.backend.receipt(conn)
                result = work(conn)
                done = True
        except PassingError:
            # The answer to a commit may be lost on its way, and not the commit.
            if not done or receipt is None or not self._is_committed(receipt):
                raise
        return result

    def _is_committed(self, receipt: str) -> bool:
        return self.retrieve(lambda conn: self.backend.is_committed(conn, receipt))

    @contextmanager
    def _connected(self, engine: Engine) -> Iterator[Connection]:
        with self._repeated(engine.connect, OperationalError) as connection:
            yield connection

    def _repeated(self, attempt: Callable[[], T], passing: type[Exception]) -> T:
        """The result of an attempt, made again while it fails so and patience lasts."""
        deadline, wait = monotonic() + self._patience, FIRST_WAIT
        while True:
            try:
                return attempt()
            except passing:
                if monotonic() > deadline:
                    raise
            sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what SQLAlchemy raises into a StorageError of one line that names the database."""
        try:
            yield
        except SQLAlchemyError as error:
            kind = PassingError if self.backend.is_passing(error) else StorageError
            raise kind(f"the database {self.name} {self.backend.meaning(error)}") from error

    def wait_for_it(self) -> None:
        """From now on, wait a while for a database that does not answer: it was there before."""
        self._patience = self.backend.patience

    def shrink(self) -> None:
        """Give the room of what was replaced back to the disk.

        Raises:
            StorageError: it cannot now; nothing is lost.
        """
        with self._translated():
            self.backend.shrink(self._engine)

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
    """Open a database; one of SQLite's is brought up to date if its schema is older.

    Args:
        url: a path to a file of SQLite's, or a ``sqlite:///`` or ``postgresql://`` URL.
        create: make the file and the folder it lies in, or the tables of an empty PostgreSQL
            database, where they do not exist.

    Raises:
        MissingError: it is missing and ``create`` is false.
        StorageError: it is of another schema, it is no database of this program, the place cannot
            be written, the server refuses.
    """
    database, _ = _opened(url, create=create, migrate=False)
    return database


def upgrade_database(url: str) -> Upgrade:
    """Bring a database's schema up to date, or make the first tables of an empty one.

    Raises:
        StorageError: as of `open_database`; or a migration failed, and nothing was changed.
    """
    database, done = _opened(url, create=True, migrate=True)
    database.close()
    return done


def _opened(url: str, *, create: bool, migrate: bool) -> tuple[Database, Upgrade]:
    backend = _backend(url)
    backend.make_room(create=create)
    database = Database(backend)
    try:
        done = upgrade.upgrade(database, create=create, migrate=migrate)
    except BaseException:
        database.close()
        raise
    database.is_new = done.found is None
    database.wait_for_it()
    return database, done


def _backend(url: str) -> Backend:
    # A start on SQLite does not pay for PostgreSQL, nor the other way round.
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        from storage.backends.sqlite import SQLite

        return SQLite(Path(parsed.database or ""))
    from storage.backends.postgresql import PostgreSQL

    return PostgreSQL(parsed)


def _parse(url: str) -> URL:
    if "://" not in url:
        if url in {"", ":memory:"}:
            raise StorageError("the database must be a file: give its path with --db")
        return URL.create("sqlite", database=str(Path(url).expanduser()))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(f"not a database URL: {_shown(url)} ({KINDS})") from error
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed
    shown = parsed.render_as_string(hide_password=True)
    raise StorageError(f"cannot open {shown}: give {KINDS}")


KINDS = "a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE"


def _shown(url: str) -> str:
    """A URL that cannot be read, without what may be a password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def insert(conn: Connection, table: Table) -> SQLiteInsert | PostgresInsert:
    """An INSERT that knows ON CONFLICT, in the connection's dialect."""
    return _insert_into(table, conn.dialect.name)


def _insert_into(table: Table, dialect: str) -> SQLiteInsert | PostgresInsert:
    if dialect == "postgresql":
        # What runs on SQLite does not pay for it.
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(conn: Connection, table: Table, *known: str, returning: str | None = None) -> Insert:
    """An INSERT of a row that leaves the one alone that is there by the columns ``known``.

    With ``returning``, it answers that column of a row that was inserted. It is made once: to put a
    statement together takes as long as to run it.
    """
    return _insert_new(conn.dialect.name, table, known, returning)


@cache
def _insert_new(
    dialect: str, table: Table, known: tuple[str, ...], returning: str | None
) -> Insert:
    made = _insert_into(table, dialect)
    statement = made.on_conflict_do_nothing(index_elements=list(known))
    return statement if returning is None else statement.returning(table.c[returning])
