"""``tracker db``, as a user types it: out to PostgreSQL, back, and on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgresql import PostgresServer

SITE = "lumenpost.example"


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    return CommandLine(folder=tmp_path)


def test_a_tracker_moves_to_postgresql_and_goes_on_there(
    run: CommandLine, postgres: PostgresServer
) -> None:
    url = postgres.url(postgres.create_database())
    archive = ("--archive", f"warc:{SAMPLE}")
    assert run("crawl", SITE, *archive).status == 0
    before = run("history", SITE, "--format", "json").document
    done = run("db", "copy", "tracker.db", url, "--format", "json")
    assert done.status == 0, done.err
    assert done.document["rows"]["versions"] == len(before["versions"])
    assert done.document["damaged"] == []
    assert run("history", SITE, "--format", "json", "--db", url).document == before
    crawled = run("crawl", SITE, *archive, "--format", "json", TRACKER_DB=url)
    assert crawled.document["sites"][0]["captures_fetched"] == 0
    looked = run("doctor", "--deep", "--db", url, *archive)
    assert looked.status == 0, looked.out
    assert f"{postgres.folder}" not in looked.out
    assert "PostgreSQL" in looked.out
    again = run("db", "copy", "tracker.db", url)
    assert (again.status, again.err.count("\n")) == (1, 1)
    assert "is not empty" in again.err


def test_a_schema_is_upgraded_and_told(run: CommandLine, postgres: PostgresServer) -> None:
    url = postgres.url(postgres.create_database())
    assert "from an empty database to schema" in run("db", "upgrade", "--db", url).err
    assert "nothing to do" in run("db", "upgrade", "--db", url).err
    told = run("db", "upgrade", "--format", "json").document
    assert (told["from"], told["backup"]) == (None, None)
