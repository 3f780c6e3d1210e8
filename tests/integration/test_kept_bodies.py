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


DAMAGED = {
    "policy": "SELECT body_sha256 FROM snapshots JOIN captures ON captures.id = capture_id "
    "WHERE role = 'policy' ORDER BY timestamp LIMIT 1",
    "home": "SELECT body_sha256 FROM snapshots JOIN captures ON captures.id = capture_id "
    "WHERE role = 'home' ORDER BY timestamp LIMIT 1",
    "text": "SELECT markdown_sha256 FROM documents LIMIT 1",
}


@pytest.mark.parametrize("which", DAMAGED)
def test_a_flipped_bit_is_found_given_up_and_fetched_or_made_again(
    run: CommandLine, which: str
) -> None:
    before = run("history", SITE, "--format", "json").document
    flip_a_bit(run.folder / "tracker.db", DAMAGED[which])
    found = run("doctor", "--deep", *FROM_FILES)
    assert found.status == 1
    assert "--repair" in found.out
    assert run("doctor", "--repair", *FROM_FILES).status == 1
    assert run("crawl", SITE, *FROM_FILES).status == 0
    assert run("doctor", "--deep", *FROM_FILES).status == 0
    assert run("history", SITE, "--format", "json").document == before


def flip_a_bit(path: Path, which: str) -> None:
    """Damage the one body whose digest a statement gives."""
    with sqlite3.connect(path) as damaged:
        [key] = damaged.execute(which).fetchone()
        [data] = damaged.execute("SELECT data FROM blobs WHERE sha256 = ?", (key,)).fetchone()
        flipped = bytearray(data)
        flipped[len(data) // 2] ^= 4
        damaged.execute("UPDATE blobs SET data = ? WHERE sha256 = ?", (bytes(flipped), key))
    damaged.close()
