"""What is kept can be packed tightly, damage is found, named, and fetched again."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

SITE = "lumenpost.example"
FROM_FILES = ("--archive", f"warc:{SAMPLE}")


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    """A folder with one crawled site."""
    command = CommandLine(folder=tmp_path)
    done = command("crawl", SITE, *FROM_FILES)
    assert done.status == 0, done.err
    return command


def test_compacting_changes_no_answer_and_is_done_once(run: CommandLine) -> None:
    raw = run("show", f"{SITE}#2", "--format", "raw").out
    before = run("history", SITE, "--format", "json").document
    packed = run("db", "compact", "--format", "json").document
    assert packed["bytes_after"] < packed["bytes_before"] < packed["plain_bytes"]
    assert run("db", "compact", "--format", "json").document["packed_now"] == 0
    assert run("show", f"{SITE}#2", "--format", "raw").out == raw
    assert run("history", SITE, "--format", "json").document == before
    assert run("doctor", "--deep", *FROM_FILES).status == 0


@pytest.mark.parametrize("role", ["policy", "home"])
def test_a_damaged_body_is_named_given_up_and_fetched_again(run: CommandLine, role: str) -> None:
    before = run("history", SITE, "--format", "json").document
    with sqlite3.connect(run.folder / "tracker.db") as damaged:
        damaged.execute(
            "UPDATE blobs SET data = x'00' WHERE sha256 = (SELECT body_sha256 FROM snapshots "
            "JOIN captures ON captures.id = capture_id WHERE role = ? LIMIT 1)",
            (role,),
        )
    damaged.close()
    found = run("doctor", "--deep", *FROM_FILES)
    assert found.status == 1
    assert "--repair" in found.out
    assert run("doctor", "--repair", *FROM_FILES).status == 1
    assert run("crawl", SITE, *FROM_FILES).status == 0
    assert run("doctor", "--deep", *FROM_FILES).status == 0
    assert run("history", SITE, "--format", "json").document == before
