"""A database of today as an older program would have left it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest import mock

from sqlalchemy import MetaData, Table, select

from storage import schema, spans, versions, views
from storage.database import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from storage.database import Connection, Database


def make_older(today: Database, url: str, revision: str) -> None:
    """Make the tables of an older revision at ``url``, and fill them with what they can hold."""
    with (
        mock.patch.object(schema, "REVISION", revision),
        # Today's views name columns that were not there.
        mock.patch.object(views, "create"),
        open_database(url) as older,
        today.read() as reading,
        older.write() as writing,
    ):
        had, have = MetaData(), MetaData()
        had.reflect(writing)
        have.reflect(reading)
        for table in had.sorted_tables:
            if table.name == "version_segments":
                _insert(writing, table, _places(reading))
            elif table.name in schema.metadata.tables:
                _insert(writing, table, _rows(reading, have.tables[table.name], table))


def _rows(conn: Connection, today: Table, older: Table) -> Iterator[dict[str, Any]]:
    shared = [today.c[column.name] for column in older.columns if column.name in today.c]
    for row in conn.execute(select(*shared)):
        yield row._asdict()


def _places(conn: Connection) -> Iterator[dict[str, Any]]:
    """A row for each segment of each version, as there was before schema 8."""
    numbers: dict[int, list[int]] = {}
    for site_id, version in versions.by_first_seen(conn):
        numbers.setdefault(site_id, []).append(version.number)
    for site_id, known in numbers.items():
        query = select(schema.segment_spans).where(schema.segment_spans.c.site_id == site_id)
        rows = conn.execute(query.order_by(schema.segment_spans.c.position)).all()
        found = [(row.segment_id, row.first_number, row.last_number) for row in rows]
        for number, order in spans.unweave(found, known).items():
            for position, segment_id in enumerate(order):
                yield {
                    "site_id": site_id,
                    "number": number,
                    "position": position,
                    "segment_id": segment_id,
                }


def _insert(conn: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    found = list(rows)
    if found:
        conn.execute(table.insert(), found)
