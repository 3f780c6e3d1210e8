"""Rows of a synthetic corpus brought into a new database, as fast as each kind takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text

from storage import bulk, schema
from storage.database import open_database
from tests.benchmarks.synthetic_corpus import COLUMNS, Corpus, read_pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storage.database import Connection, Database


def build(
    url: str, source: Path, *, sites: int, versions: int, watch: Callable[[int], None]
) -> None:
    """Fill a new database; ``watch`` is told of every batch of sites."""
    with open_database(url) as db:
        _hasten(db)
        with db.write() as conn:
            pool = read_pool(conn, source)
            restore = _without_indexes(conn)
        corpus = Corpus(pool, sites=sites, versions=versions)
        done = 0
        for rows in corpus.batches():
            with db.write() as conn:
                for name, columns in COLUMNS.items():
                    table = schema.metadata.tables[name]
                    bulk.load(conn, [table.c[column] for column in columns], [rows[name]])
            done += len(rows["sites"])
            watch(done)
        with db.write() as conn:
            dated = text("UPDATE segment_texts SET first_seen = :seen WHERE id = :id")
            shared = corpus.shared_texts().items()
            conn.execute(dated, [{"id": key, "seen": seen} for key, seen in shared])
        for statement in restore:
            with db.write() as conn:
                conn.execute(text(statement))
        with db.write() as conn:
            bulk.settle(conn, schema.metadata.sorted_tables)


def _hasten(db: Database) -> None:
    """Check no reference, wait for no disk: what is half done is thrown away."""

    def on_connect(connection: Any, _record: object) -> None:
        if db._engine.dialect.name == "sqlite":
            for pragma in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -2000000"):
                connection.execute(f"PRAGMA {pragma}")
        else:
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET maintenance_work_mem = '1GB'")
            connection.commit()

    db._engine.dispose()
    event.listen(db._engine, "connect", on_connect)


def _without_indexes(conn: Connection) -> list[str]:
    """Take away what is faster made at the end; answers the statements that make it."""
    if conn.dialect.name == "sqlite":
        kept = conn.execute(
            text(
                "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND "
                "(type = 'trigger' OR type = 'index')"
            )
        ).all()
        for kind, name, _ in kept:
            conn.execute(text(f"DROP {kind} {name}"))
        rebuild = "INSERT INTO segment_search(segment_search) VALUES ('rebuild')"
        return [rebuild, *(sql for _, _, sql in kept)]
    query = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() "
        "AND indexdef NOT LIKE 'CREATE UNIQUE%'"
    )
    found = conn.execute(text(query)).all()
    for name, _ in found:
        conn.execute(text(f"DROP INDEX {name}"))
    return [definition for _, definition in found]
