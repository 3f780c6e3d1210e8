"""What only PostgreSQL can do to us: refuse, restart, lose an answer, let two write at once."""

from __future__ import annotations

import multiprocessing
import shutil
import socket
import sys
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect, text

from storage import blobs, budgets, crawls, schema, sites, upgrade, views
from storage.backends import base, postgresql
from storage.database import open_database, upgrade_database
from storage.errors import PassingError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Connection
    from tests.postgresql import PostgresServer


def refusal(url: str, *, create: bool = True) -> str:
    """The one line in which a database is refused."""
    with pytest.raises(StorageError) as caught:
        open_database(url, create=create)
    said = str(caught.value)
    assert "\n" not in said
    assert "secret" not in said
    return said


def test_every_spelling_of_its_url_opens_it(postgres: PostgresServer, postgres_url: str) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    tcp = postgres.tcp_url(name)
    for scheme in ("postgres://", "postgresql+psycopg://"):
        with open_database(tcp.replace("postgresql://", scheme)) as db, db.write() as conn:
            sites.add(conn, "example.com")
            assert db.name == f"postgresql://postgres@127.0.0.1:{postgres.port}/{name}"
            assert db.backend.describe(conn).startswith("PostgreSQL ")


def test_a_server_that_cannot_be_used_is_refused_in_one_line(postgres: PostgresServer) -> None:
    assert "refuses this user or password" in refusal(postgres.tcp_url("postgres", secret="no"))  # noqa: S106 - a wrong one
    nobody = postgres.url("postgres").replace("postgres@", "nobody@")
    assert "refuses this user or password" in refusal(nobody)
    assert "does not exist on that server" in refusal(postgres.url("nowhere"))
    down = "postgresql://postgres:secret@127.0.0.1:9/tracker"
    assert "does not answer: check that the server runs" in refusal(down)
    assert "does not answer" in refusal("postgresql://postgres:secret@no.invalid/tracker")


def test_the_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'psycopg[binary]'" in refusal("postgresql://u:secret@h/d")


def test_a_server_that_is_too_old_is_refused(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "OLDEST", 99)
    assert "99 or later is needed" in refusal(postgres_url)


def test_who_may_only_read_is_told_so(postgres: PostgresServer) -> None:
    empty = postgres.create_database()
    postgres.execute("CREATE ROLE reader LOGIN")
    reader = postgres.url(empty).replace("postgres@", "reader@")
    assert "does not let this user" in refusal(reader)
    assert "is empty: add or crawl a site first" in refusal(postgres.url(empty), create=False)


def test_an_older_schema_is_upgraded_only_when_asked(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.url(postgres.create_database())
    newest = schema.REVISION
    monkeypatch.setattr(schema, "REVISION", "0001")
    # Today's views name columns that were not there.
    monkeypatch.setattr(views, "create", lambda _: None)
    assert upgrade_database(url).now == "0001"
    monkeypatch.undo()
    assert "run `tracker db upgrade`" in refusal(url)
    done = upgrade_database(url)
    assert (done.found, done.now, done.backup) == ("0001", newest, None)
    assert upgrade_database(url).found == newest
    open_database(url).close()


def test_every_text_sorts_as_on_sqlite(postgres_url: str) -> None:
    with open_database(postgres_url) as db, db.read() as conn:
        other = conn.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND data_type = 'text'"
                " AND collation_name IS DISTINCT FROM 'C'"
            )
        )
        assert other.all() == []


def test_a_migration_that_fails_changes_nothing(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.url(postgres.create_database())
    open_database(url).close()
    shutil.copytree(upgrade.SCRIPTS, tmp_path / "scripts")
    monkeypatch.setattr(upgrade, "SCRIPTS", tmp_path / "scripts")
    now, following = schema.REVISION, f"{int(schema.REVISION) + 1:04}"
    script = tmp_path / "scripts" / "versions" / "following.py"
    script.write_text(BROKEN_MIGRATION.format(new=following, old=now))
    monkeypatch.setattr(schema, "REVISION", following)
    with pytest.raises(StorageError, match="nowhere"):
        upgrade_database(url)
    monkeypatch.setattr(schema, "REVISION", now)
    with open_database(url) as db, db.read() as conn:
        assert "remark" not in {column["name"] for column in inspect(conn).get_columns("sites")}


BROKEN_MIGRATION = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{new}", "{old}"
def upgrade() -> None:
    op.add_column("sites", sa.Column("remark", sa.Text()))
    op.execute("INSERT INTO nowhere DEFAULT VALUES")
"""


def open_and_add(url: str, domain: str) -> int:
    with open_database(url) as db, db.write() as conn:
        return sites.add(conn, domain).id


def test_processes_may_all_make_the_first_tables(postgres: PostgresServer) -> None:
    url = postgres.url(postgres.create_database())
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        pool.starmap(open_and_add, [(url, f"site{n}.example") for n in range(6)])
    with open_database(url) as db, db.read() as conn:
        assert len(sites.every(conn)) == 6


def test_a_restart_between_two_transactions_and_within_one_is_survived(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with open_database(postgres_url) as db:
        with db.write() as conn:
            site = sites.add(conn, "example.com")
        postgres.restart()
        with db.read() as conn:
            assert sites.every(conn) == [site]
        tries = []

        def work(conn: Connection) -> int:
            tries.append(crawls.start(conn, site.id))
            if len(tries) == 1:
                postgres.restart("immediate")
            return crawls.start(conn, site.id)

        kept = db.transact(work)
        with db.read() as conn:
            assert [run.id for run in crawls.of_site(conn, site.id)] == [kept, tries[-1]]
        assert len(tries) == 2
        assert db.retrieve(lambda conn: len(crawls.of_site(conn, site.id))) == 2


def test_a_server_that_stays_away_is_waited_for_so_long_and_no_longer(
    postgres: PostgresServer, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql.PostgreSQL, "patience", 0.3)
    with open_database(postgres_url) as db:
        postgres.stop()
        try:
            with pytest.raises(StorageError, match="does not answer"):
                budgets.acquire(db, "wayback", "cdx", 24)
        finally:
            postgres.start()
        assert budgets.paused_for(db, "wayback") == 0


@contextmanager
def losing_answers_to_commits(port: int, *, lost: int) -> Iterator[int]:
    """A way to the server on which the first answers to a COMMIT never arrive; gives its port."""
    over, left = Event(), [lost]

    def carry(client: socket.socket, server: socket.socket) -> None:
        with client, server:
            while request := client.recv(65536):
                server.sendall(request)
                answer = server.recv(65536)
                if b"COMMIT\0" in request and left[0]:
                    left[0] -= 1
                    return
                client.sendall(answer)

    def accept() -> None:
        while not over.is_set():
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            server = socket.create_connection(("127.0.0.1", port))
            Thread(target=carry, args=(client, server), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            thread.join()


def test_a_commit_whose_answer_is_lost_is_not_done_twice(
    postgres: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    with open_database(postgres_url) as direct:
        with direct.write() as conn:
            site_id = sites.add(conn, "example.com").id
        with losing_answers_to_commits(postgres.port, lost=2) as port:
            url = postgres.tcp_url(name).replace(str(postgres.port), str(port))
            with open_database(url) as db:
                kept = db.transact(lambda conn: crawls.start(conn, site_id))
                with pytest.raises(PassingError, match="broke the connection off"), db.write() as c:
                    crawls.start(c, site_id)
        with direct.read() as conn:
            assert [run.id for run in crawls.of_site(conn, site_id)] == [kept + 1, kept]


def test_two_that_wait_for_each_other_both_come_through(postgres_url: str) -> None:
    with open_database(postgres_url) as db:
        met = [Event(), Event()]
        tries = [0, 0]

        def keep(one: int) -> None:
            def work(conn: Connection) -> None:
                tries[one] += 1
                blobs.put(conn, b"first" if one else b"second")
                met[one].set()
                assert met[1 - one].wait(10)
                blobs.put(conn, b"second" if one else b"first")

            db.transact(work)

        threads = [Thread(target=keep, args=(one,)) for one in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(tries) == [1, 2]
        assert blobs.verify(db) == (2, [])


def test_a_lock_that_is_held_too_long_is_told(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "BUSY_SECONDS", 0.1)
    with open_database(postgres_url) as db, db.write() as holder:
        sites.add(holder, "example.com")
        with pytest.raises(StorageError, match="locked by another process"), db.write() as conn:
            sites.add(conn, "example.com")


def test_two_trackers_may_share_a_database_by_schemas(
    postgres: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.partition("@/")[2].partition("?")[0]
    postgres.execute("CREATE SCHEMA IF NOT EXISTS other", database=name)
    with open_database(postgres_url) as db, db.write() as conn:
        sites.add(conn, "example.com")
    with (
        open_database(f"{postgres_url}&options=-csearch_path%3Dother") as db,
        db.read() as conn,
    ):
        assert sites.every(conn) == []
        assert conn.execute(text("SHOW lock_timeout")).scalar_one() == "30s"
