"""Everything moved from one database to another and back: the same to the letter, or nothing."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from storage import blobs, captures, crawls, sites, snapshots, versions
from storage.copying import Step, copy
from storage.database import open_database
from storage.errors import StorageError
from storage.records import Capture, Document, Memento, Screening, Verdict
from storage.schema import metadata
from tests.unit.test_storage_derived import MADE_BY, derived

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Connection, Database

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with something in most tables."""
    file = tmp_path / "from.db"
    with open_database(str(file)) as db, db.write() as conn:
        fill(conn)
    return file


@pytest.fixture
def target(postgres_url: str) -> Iterator[Database]:
    with open_database(postgres_url) as opened:
        yield opened


def fill(conn: Connection) -> None:
    site = sites.add(conn, "example.com", name="Beispiel ÄÖ")
    sites.add_url(conn, site.id, "http://example.com/privacy")
    crawls.start(conn, site.id)
    listed = [
        Capture(
            urlkey="com,example)/privacy",
            timestamp=f"2015{month:02d}01000000",
            original="http://example.com/privacy",
            mimetype="text/html",
            statuscode=None if month == 1 else 200,
            digest="SHA1",
        )
        for month in range(1, 13)
    ]
    captures.record(conn, site.id, "wayback", "policy", listed)
    for one in captures.of_site(conn, site.id):
        memento = Memento(
            capture=one.capture,
            archive_url="http://archive/1",
            status=200,
            headers=(("X-Odd", "a\x00b ä"),),
            body=one.capture.timestamp.encode() * 100,
            fetched_at=NOW,
        )
        kept = snapshots.keep(conn, one.id, memento)
        screening = Screening(verdict=Verdict.POLICY, reason="", policy_score=0.1 + 0.2)
        document = Document(markdown=f"Text {one.id % 3}", notes=("a note",))
        snapshots.judge(conn, kept, screening, document, normalizer="1")
    versions.replace(conn, site.id, [derived(1, kept, "We encrypt.")], made_by=MADE_BY)


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What a file of SQLite's holds, as it holds it."""
    with sqlite3.connect(path) as plain:
        found = {
            table: sorted(plain.execute(f"SELECT * FROM {table}"), key=repr)  # noqa: S608 - ours
            for table in metadata.tables
        }
    plain.close()
    return found


def test_there_and_back_it_is_the_same_to_the_letter(
    path: Path, target: Database, tmp_path: Path
) -> None:
    steps: list[Step] = []
    back = tmp_path / "back.db"
    with open_database(str(path)) as source:
        copied = copy(source, target, steps.append)
    with open_database(str(back)) as empty:
        assert copy(target, empty, steps.append) == copied
    assert rows(back) == rows(path)
    assert copied.rows["snapshots"] == 12
    assert copied.damaged == ()
    assert Step(table="captures", done=12, total=12) in steps
    assert steps[-1] == Step(table="blobs", done=copied.bodies, total=copied.bodies, verify=True)


def test_ids_go_on_after_those_that_were_copied(path: Path, target: Database) -> None:
    with open_database(str(path)) as source:
        copy(source, target, lambda _: None)
    with target.write() as conn:
        first = sites.get(conn, "example.com")
        assert first is not None
        assert sites.add(conn, "other.example").id == first.id + 1
        assert crawls.start(conn, first.id) == 2


def test_only_an_empty_database_is_copied_into(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with open_database(str(other)) as db, db.write() as conn:
        sites.add(conn, "kept.example")
    before = rows(other)
    with (
        open_database(str(path)) as source,
        open_database(str(other)) as full,
        pytest.raises(StorageError, match="is not empty"),
    ):
        copy(source, full, lambda _: None)
    assert rows(other) == before


def test_a_copy_that_fails_midway_leaves_nothing(path: Path, target: Database) -> None:
    with sqlite3.connect(path) as plain:
        plain.execute("UPDATE snapshots SET capture_id = 999 WHERE id = 7")
    plain.close()
    with open_database(str(path)) as source, pytest.raises(StorageError, match="refused"):
        copy(source, target, lambda _: None)
    with target.read() as conn:
        assert sites.every(conn) == []
        assert conn.execute(text("SELECT count(*) FROM blobs")).scalar() == 0


def test_what_the_source_has_damaged_is_carried_over_and_told(path: Path, target: Database) -> None:
    with open_database(str(path)) as source:
        with source.read() as conn:
            key = snapshots.by_id(conn, 3).body_sha256
        with source.write() as conn:
            torn = metadata.tables["blobs"].c.sha256 == key
            conn.execute(metadata.tables["blobs"].update().where(torn).values(data=b"torn"))
        copied = copy(source, target, lambda _: None)
    assert key in copied.damaged
    with target.read() as conn, pytest.raises(StorageError, match="damaged"):
        blobs.get(conn, key)
