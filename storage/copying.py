"""Moving everything from one database to another, of whichever kinds.

Rows travel as the drivers give them, in one transaction of each side: what the target shows is the
whole of one state of the source, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import JSON, LargeBinary, cast, func, select, type_coerce
from sqlalchemy.types import NullType
from sqlalchemy.types import Text as AnyText

from storage import blobs, bulk
from storage.errors import StorageError
from storage.schema import blobs as blobs_table
from storage.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from sqlalchemy import Column, ColumnElement, Table

    from storage.database import Connection, Database

BATCH, BATCH_OF_BODIES = 5_000, 50
"""Rows in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How far a copy is: ``done`` of ``total`` rows of a table, sent or (``verify``) read back."""

    table: str
    done: int
    total: int
    verify: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied: rows by table, bodies read back, and those that the source has damaged."""

    rows: dict[str, int]
    bodies: int
    damaged: tuple[str, ...]


def copy(source: Database, target: Database, watch: Callable[[Step], None]) -> Copied:
    """Copy every table into an empty database of the same schema, then read it back.

    Raises:
        StorageError: the target holds something, or did not take what it was sent; it is as empty
            as before.
    """
    rows: dict[str, int] = {}
    with source.read() as reading, target.write() as writing:
        _refuse_unless_empty(writing, target.name)
        for table in metadata.sorted_tables:
            total = _count(reading, table)
            sent = _watched(_batches(reading, table), table.name, total, watch)
            bulk.load(writing, columns_of(table), sent)
            rows[table.name] = _count(writing, table)
            if rows[table.name] != total:
                raise StorageError(
                    f"{rows[table.name]} of {total} rows of {table.name} came to {target.name}: "
                    "nothing was kept there"
                )
        damaged = _verify(reading, writing, target.name, rows[blobs_table.name], watch)
        bulk.settle(writing, metadata.sorted_tables)
    return Copied(rows=rows, bodies=rows[blobs_table.name], damaged=tuple(damaged))


def columns_of(table: Table) -> list[Column[Any]]:
    """The columns that hold what cannot be computed."""
    return [column for column in table.columns if column.computed is None]


def _refuse_unless_empty(conn: Connection, name: str) -> None:
    for table in metadata.sorted_tables:
        if conn.execute(select(table).limit(1)).first() is not None:
            raise StorageError(f"{name} is not empty: copy into a new database")


def _count(conn: Connection, table: Table) -> int:
    return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def _batches(conn: Connection, table: Table) -> Iterator[Sequence[Any]]:
    columns = columns_of(table)
    large = any(isinstance(column.type, LargeBinary) for column in columns)
    streaming = conn.execution_options(yield_per=BATCH_OF_BODIES if large else BATCH)
    query = select(*(_as_it_is(conn, column) for column in columns))
    yield from streaming.execute(query).partitions()


def _as_it_is(conn: Connection, column: Column[Any]) -> ColumnElement[Any]:
    if isinstance(column.type, JSON) and conn.dialect.name == "postgresql":
        # The driver would read it, and the order or spelling of what it holds be lost.
        return cast(column, AnyText)
    return type_coerce(column, NullType())


def _watched(
    batches: Iterator[Sequence[Any]], table: str, total: int, watch: Callable[[Step], None]
) -> Iterator[Sequence[Any]]:
    done = 0
    watch(Step(table=table, done=0, total=total))
    for batch in batches:
        yield batch
        done += len(batch)
        watch(Step(table=table, done=done, total=total))


def _verify(
    reading: Connection, writing: Connection, name: str, total: int, watch: Callable[[Step], None]
) -> list[str]:
    """Read every body back; answers those that are damaged in the source as well."""
    damaged = []
    keys = writing.execute(select(blobs_table.c.sha256).order_by(blobs_table.c.sha256)).scalars()
    for done, key in enumerate(keys.all(), start=1):
        if not _is_whole(writing, key):
            if _is_whole(reading, key):
                raise StorageError(
                    f"the body {key} came damaged to {name}: nothing was kept there, try again"
                )
            damaged.append(key)
        if done % BATCH_OF_BODIES == 0 or done == total:
            watch(Step(table=blobs_table.name, done=done, total=total, verify=True))
    return damaged


def _is_whole(conn: Connection, key: str) -> bool:
    try:
        blobs.get(conn, key)
    except StorageError:
        return False
    return True
