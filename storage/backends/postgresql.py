"""PostgreSQL, through psycopg 3: many writers at once.

Reads run in REPEATABLE READ, READ ONLY: one state of the database throughout, and no lock. Writes
run in READ COMMITTED: every statement that decides by what it reads (an upsert, a lock on a site's
row) reads what others have committed, so that none fails for having come second. See
https://www.postgresql.org/docs/current/transaction-iso.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import DBAPIError, StatementError

from storage.backends import base
from storage.errors import PassingError, StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError

OLDEST = 14
"""The oldest major version that is supported by its makers, and so by us."""

SCHEMA_LOCK = 0x7261636B
"""Key of the advisory lock under which the schema is changed; a number of no other meaning."""

CONNECT_SECONDS = 10

PASSING = frozenset({"40001", "40P01", "53300", "57P01", "57P02", "57P03"})
"""SQLSTATEs after which the same transaction may succeed: conflicts with others, a restart.
https://www.postgresql.org/docs/current/errcodes-appendix.html"""

NO_ANSWER = "does not answer: check that the server runs, and the URL's host and port"
WRONG_USER = "refuses this user or password: check the URL (or PGPASSWORD, ~/.pgpass)"

BY_STATE = {
    "25006": "is read-only here: this is a read-only transaction, or a standby server",
    "28000": WRONG_USER,
    "28P01": WRONG_USER,
    "3D000": "does not exist on that server: make it with createdb",
    "40001": "was changed by another process at the same time: try again",
    "40P01": "was changed by another process at the same time: try again",
    "42501": "does not let this user do that: grant it CREATE on the database's schema",
    "53100": "cannot grow, the server's disk is full: free some space, then try again",
    "53300": "has no connection left: raise the server's max_connections or run fewer processes",
    "55P03": "is locked by another process: wait until that has ended, then try again",
}

BY_TEXT = (
    ("password", WRONG_USER),
    ('role "', WRONG_USER),
    ("pg_hba.conf", WRONG_USER),
    ("does not exist", BY_STATE["3D000"]),
    ("too many", BY_STATE["53300"]),
    ("remaining connection slots", BY_STATE["53300"]),
    ("starting up", "is still starting: try again in a moment"),
    ("connection failed", NO_ANSWER),
    ("connection is bad", NO_ANSWER),
    ("failed to resolve", NO_ANSWER),
    ("timeout", NO_ANSWER),
)
"""What libpq says when a connection cannot be made: it hands on no SQLSTATE then."""

LOST = "broke the connection off (a restart?): what was committed is kept, try again"


class PostgreSQL:
    """A database of a PostgreSQL server, or the schema in it that ``search_path`` names."""

    migrates_on_open = False
    patience = 60.0
    read_options: ClassVar[dict[str, Any]] = {
        "isolation_level": "REPEATABLE READ",
        "postgresql_readonly": True,
    }
    write_options: ClassVar[dict[str, Any]] = {"isolation_level": "READ COMMITTED"}

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self.name = URL.create(
            "postgresql",
            username=url.username,
            host=url.host,
            port=url.port,
            database=url.database,
        ).render_as_string()

    def make_room(self, *, create: bool) -> None:
        """The database itself is the administrator's to make."""

    def engine(self) -> Engine:
        """A pool of connections.

        Raises:
            StorageError: the driver is not installed.
        """
        given = self._url.normalized_query.get("options", ())
        connect = {
            "options": " ".join((f"-c lock_timeout={base.BUSY_SECONDS}s", *given)),
            "connect_timeout": self._url.query.get("connect_timeout", CONNECT_SECONDS),
            "fallback_application_name": "policy-tracker",
        }
        try:
            return create_engine(
                self._url,
                connect_args=connect,
                json_serializer=base.to_json,
                # A connection that a restart of the server has cut is noticed before it is used.
                pool_pre_ping=True,
                use_native_hstore=False,
            )
        except ImportError as error:
            raise StorageError(
                "PostgreSQL needs its driver: pip install 'psycopg[binary]'"
            ) from error

    def check(self, conn: Connection) -> None:
        """Refuse a server that is too old.

        Raises:
            StorageError: it is.
        """
        number = int(conn.execute(text("SHOW server_version_num")).scalar_one())
        if number < OLDEST * 10_000:
            raise StorageError(
                f"{self.name} is on PostgreSQL {number // 10_000}: {OLDEST} or later is needed"
            )

    def prepare(self) -> None:
        """An empty database needs nothing before its first tables."""

    def lock_schema(self, conn: Connection) -> None:
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})

    def back_up(self, revision: str) -> None:  # noqa: ARG002 - the protocol's signature
        """Backups are the administrator's, by pg_dump."""
        return

    def receipt(self, conn: Connection) -> str:
        return str(conn.execute(text("SELECT pg_current_xact_id()::text")).scalar_one())

    def is_committed(self, conn: Connection, receipt: str) -> bool:
        """Ask the server about a transaction whose commit was not answered.

        Raises:
            PassingError: it is still under way.
        """
        status = conn.execute(
            text("SELECT pg_xact_status(CAST(:receipt AS xid8))"), {"receipt": receipt}
        ).scalar_one_or_none()
        if status == "in progress":
            raise PassingError(f"the database {self.name} {LOST}")
        return bool(status == "committed")

    def is_passing(self, error: SQLAlchemyError) -> bool:
        return isinstance(error, DBAPIError) and (
            error.connection_invalidated or _state(error) in PASSING
        )

    def meaning(self, error: SQLAlchemyError) -> str:
        cause = error.orig if isinstance(error, StatementError) else error
        said = " ".join(str(cause).split())
        known = BY_STATE.get(_state(error) or "")
        if known is not None:
            return known
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            return LOST
        if _state(error) is None:
            known = next((meaning for sign, meaning in BY_TEXT if sign in said), None)
        return known or f"refused: {said}"

    def shrink(self, engine: Engine) -> None:
        """Let the server use the room again; other programs go on meanwhile."""
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM blobs"))

    def describe(self, conn: Connection) -> str:
        version, size, used, most = conn.execute(
            text(
                "SELECT current_setting('server_version'), pg_database_size(current_database()),"
                " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
                " current_setting('max_connections')"
            )
        ).one()
        return f"PostgreSQL {version}, {size / 1e6:.1f} MB, {used} of {most} connections in use"


def _state(error: SQLAlchemyError) -> str | None:
    """The SQLSTATE of an error of the server's."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)
