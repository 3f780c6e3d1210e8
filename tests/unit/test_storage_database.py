"""Opening databases: both kinds where they are alike, and what only a file of SQLite's can be."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage import blobs, crawls, schema, sites, upgrade
from storage.backends import base
from storage.database import open_database
from storage.errors import StorageError

if TYPE_CHECKING:
    from pathlib import Path

    from storage.database import Database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "data" / "tracker.db"
    open_database(str(file)).close()
    return file


def test_a_new_database_makes_its_folder_and_keeps_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "with % and spaces" / "sub" / "tracker.db"
    with open_database(f"sqlite:///{path}") as db, db.write() as conn:
        site = sites.add(conn, "example.com")
    with open_database(str(path), create=False) as db, db.read() as conn:
        assert sites.every(conn) == [site]
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert conn.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_the_migrations_give_exactly_the_schema(db: Database) -> None:
    with db.read() as conn:
        # The search index is each database's own, and so no part of the common schema.
        common = {
            "compare_type": True,
            "include_name": lambda name, *_: "search" not in (name or ""),
        }
        context = MigrationContext.configure(conn, opts=common)
        assert compare_metadata(context, schema.metadata) == []
    assert ScriptDirectory(str(upgrade.SCRIPTS)).get_heads() == [schema.REVISION]


def test_the_migrations_give_what_only_sqlite_has(path: Path) -> None:
    with open_database(str(path)) as db, db.read() as conn:
        kept = {
            name: " ".join(sql.split())
            for name, sql in conn.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            )
        }
    assert "WITHOUT ROWID" in kept["segment_spans"]
    assert "CHECK (state IN" in kept["captures"]


def test_an_ordinary_start_imports_no_alembic(path: Path) -> None:
    script = (
        "import sys; from storage.database import open_database; "
        f"open_database({str(path)!r}).close(); print('alembic' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def open_and_add(path: str, domain: str) -> int:
    with open_database(path) as db, db.write() as conn:
        return sites.add(conn, domain).id


def test_processes_may_all_create_the_same_database(tmp_path: Path) -> None:
    path = str(tmp_path / "tracker.db")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        ids = pool.starmap(open_and_add, [(path, f"site{n}.example") for n in range(8)])
    assert sorted(ids) == list(range(1, 9))


KEEP_UNTIL_KILLED = """
import itertools, sys
from storage import blobs
from storage.database import open_database
with open_database(sys.argv[1]) as db:
    for n in itertools.count():
        with db.write() as conn:
            key = blobs.put(conn, str(n).encode() * 5000)
        print(key, flush=True)
"""


def test_what_was_committed_outlives_kill_9(database_url: str) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", KEEP_UNTIL_KILLED, database_url], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline().strip() for _ in range(50)]
    writer.kill()
    told += writer.stdout.read().split()
    writer.stdout.close()
    assert writer.wait() == -9
    with open_database(database_url) as db, db.read() as conn:
        for key in told:
            assert blobs.get(conn, key)
        if conn.dialect.name == "sqlite":
            assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_missing_database_is_refused_unless_it_may_be_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no database at"):
        open_database(str(tmp_path / "none.db"), create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")
    plain.close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"newer version of this program \(schema 9999"):
        open_database(str(path))
    assert path.read_bytes() == before


def test_what_is_no_database_of_ours_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "notes.db"
    text.write_text("these are my notes, and no database at all\n" * 50)
    with pytest.raises(StorageError, match="is not a database"):
        open_database(str(text))
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as plain:
        plain.execute("CREATE TABLE recipes (name TEXT)")
    plain.close()
    with pytest.raises(StorageError, match="not a database of this program"):
        open_database(str(other))
    with pytest.raises(StorageError, match="cannot make the folder"):
        open_database(str(text / "sub" / "tracker.db"))
    with pytest.raises(StorageError, match="cannot be opened"):
        open_database(str(tmp_path))


@pytest.mark.parametrize(
    "url", ["", ":memory:", "sqlite://", "nosuch://x", "postgresql://u:pw@h/d"]
)
def test_a_url_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(StorageError) as caught:
        open_database(url)
    assert "\n" not in str(caught.value)
    assert "pw" not in str(caught.value)


def test_a_torn_file_is_refused_in_one_line(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"is damaged: .*$"):
        open_database(str(path))


def test_a_lock_that_is_held_too_long_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with open_database(str(path)) as db:
        with db.read() as conn:
            assert sites.every(conn) == []
        with pytest.raises(StorageError, match="locked by another process"), db.write():
            pass
        holder.execute("ROLLBACK")
        holder.close()
        with db.write() as conn:
            sites.add(conn, "example.com")


def test_a_full_disk_is_told_and_loses_nothing_kept(path: Path) -> None:
    with open_database(str(path)) as db:
        with db.write() as conn:
            sites.add(conn, "example.com")
            conn.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(StorageError, match="disk is full"), db.write() as conn:
            sites.add(conn, "x" * 5_000_000)
        with db.read() as conn:
            assert [site.domain for site in sites.every(conn)] == ["example.com"]


def test_a_write_is_whole_or_nothing_and_a_read_never_writes(db: Database) -> None:
    with pytest.raises(StorageError, match="no body"), db.write() as conn:
        blobs.get(conn, sites.add(conn, "example.com").domain)
    with pytest.raises(StorageError, match="read-only"), db.read() as conn:
        sites.add(conn, "example.com")
    with db.write() as conn:
        assert sites.every(conn) == []


def test_what_one_database_cannot_keep_is_kept_alike_by_both(db: Database) -> None:
    with db.write() as conn:
        for domain in ("b.example", "B.example", "ä.example", "a-b.example", "ab.example"):
            sites.add(conn, domain)
        sites.add_url(conn, 1, "http://b.example/\0\ud800", how="a link")
        assert [site.domain for site in sites.every(conn)] == [
            "a-b.example",
            "ab.example",
            "b.example",
            "ä.example",
        ]
        assert [url.url for url in sites.policy_urls(conn, 1)] == ["http://b.example/\ufffd?"]


def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    with db.write() as conn:
        site = sites.add(conn, "example.com")
        moment = datetime(2015, 5, 12, 17, 12, 10, 999, tzinfo=UTC)
        crawls.start(conn, site.id, at=moment)
        assert crawls.of_site(conn, site.id)[0].started == moment.replace(microsecond=0)
    with pytest.raises(StorageError, match="without a zone"), db.write() as conn:
        crawls.start(conn, site.id, at=moment.replace(tzinfo=None))


NOW = schema.REVISION
NEXT = f"{int(NOW) + 1:04}"
NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{new}", "{old}"
def upgrade() -> None:
    op.add_column("sites", sa.Column("remark", sa.Text()))
    {more}
"""


@pytest.fixture
def next_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This program with one more migration; answers where its script lies."""
    scripts = tmp_path / "scripts"
    shutil.copytree(upgrade.SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(upgrade, "SCRIPTS", scripts)
    monkeypatch.setattr(schema, "REVISION", NEXT)
    return scripts / "versions" / "next_remark.py"


def test_an_older_schema_is_backed_up_then_migrated(path: Path, next_program: Path) -> None:
    open_and_add_rows(path)
    next_program.write_text(NEXT_MIGRATION.format(old=NOW, new=NEXT, more=""))
    with open_database(str(path)) as db, db.read() as conn:
        assert conn.exec_driver_sql("SELECT domain, remark FROM sites").all() == [("a.com", None)]
    backup = path.with_name(f"tracker.db.{NOW}.bak")
    with sqlite3.connect(backup) as plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchall() == [(NOW,)]
        assert plain.execute("SELECT domain FROM sites").fetchall() == [("a.com",)]
    plain.close()


def test_copies_that_killed_upgrades_left_are_removed(path: Path, next_program: Path) -> None:
    abandoned, begun = (path.with_name(f"tracker.db.{NOW}.bak.{n}.partial") for n in (1, 2))
    for left in (abandoned, begun):
        left.write_bytes(b"SQLite")
    os.utime(abandoned, (0, 0))
    next_program.write_text(NEXT_MIGRATION.format(old=NOW, new=NEXT, more=""))
    open_database(str(path)).close()
    assert (abandoned.exists(), begun.exists()) == (False, True)


def test_a_migration_that_fails_changes_nothing(path: Path, next_program: Path) -> None:
    open_and_add_rows(path)
    next_program.write_text(
        NEXT_MIGRATION.format(old=NOW, new=NEXT, more='op.execute("INSERT INTO nowhere")')
    )
    with pytest.raises(StorageError):
        open_database(str(path))
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchall() == [(NOW,)]
        assert "remark" not in [row[1] for row in plain.execute("PRAGMA table_info(sites)")]
    plain.close()


def open_and_add_rows(path: Path) -> None:
    with sqlite3.connect(path) as plain:
        row = "(id, domain, added_at) VALUES (1, 'a.com', '2026-01-01T00:00:00Z')"
        plain.execute(f"INSERT INTO sites {row}")
    plain.close()
