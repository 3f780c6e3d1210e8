"""Many rows at once, as the drivers take them: no type of ours converts a value on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, literal, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import psycopg
    from sqlalchemy import Column, Connection, Table


def load(
    conn: Connection,
    columns: Sequence[Column[Any]],
    batches: Iterable[Sequence[Sequence[Any]]],
) -> None:
    """Insert rows that hold these columns of one table: by COPY on PostgreSQL, 8 times as fast."""
    quote = conn.dialect.identifier_preparer.quote
    into, names = quote(columns[0].table.name), ", ".join(quote(c.name) for c in columns)
    if conn.dialect.name == "postgresql":
        _copy(conn, f"COPY {into} ({names}) FROM STDIN", batches)
        return
    places = ", ".join("?" for _ in columns)
    # Both names are the schema's own.
    statement = f"INSERT INTO {into} ({names}) VALUES ({places})"  # noqa: S608
    for batch in batches:
        if batch:
            conn.exec_driver_sql(statement, [tuple(row) for row in batch])


def insert_unknown(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], known: Sequence[str]
) -> int:
    """Insert those rows that are not there by the columns ``known``; answers how many.

    All have the same keys. PostgreSQL takes them as one array a column, 7 times as fast as row by
    row.
    """
    if conn.dialect.name != "postgresql":
        statement = sqlite.insert(table).on_conflict_do_nothing(index_elements=known)
        # The driver counts no rows where many are sent at once.
        return len(conn.execute(statement.returning(*table.primary_key), rows).all())
    from sqlalchemy.dialects import postgresql  # SQLite does not pay for it

    arrays = {
        name: literal([row[name] for row in rows], postgresql.ARRAY(table.c[name].type))
        for name in rows[0]
    }
    listed = select(*(func.unnest(array) for array in arrays.values()))
    new = postgresql.insert(table).from_select(list(arrays), listed)
    counted = {"preserve_rowcount": True}
    inserted = conn.execute(
        new.on_conflict_do_nothing(index_elements=known), execution_options=counted
    )
    return inserted.rowcount


def settle(conn: Connection, tables: Iterable[Table]) -> None:
    """After ids were loaded: let new ones follow them, and the planner know what there is."""
    if conn.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is not None:
            last = select(func.max(column)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            conn.execute(select(func.setval(sequence, last)).where(last.is_not(None)))
    conn.execute(text("ANALYZE"))


def _copy(conn: Connection, statement: str, batches: Iterable[Sequence[Sequence[Any]]]) -> None:
    import psycopg

    driver = cast("psycopg.Connection[Any]", conn.connection.driver_connection)
    try:
        with driver.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            for batch in batches:
                for row in batch:
                    copy.write_row([_without_nul(value) for value in row])
    except psycopg.Error as error:
        lost = driver.closed
        raise DBAPIError(statement, None, error, connection_invalidated=lost) from error


def _without_nul(value: Any) -> Any:
    """As `storage.schema.Text` writes it: an older program's SQLite file may hold NUL in a text."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value
