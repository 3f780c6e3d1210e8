"""The page that documents the exports says what they hold; Git's history of either database."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from storage import sites
from tests.unit.test_search import keep
from tracker.exports.history import write_git
from tracker.exports.tables import TABLES

if TYPE_CHECKING:
    from storage.database import Database

PAGE = Path(__file__).resolve().parents[2] / "docs" / "exports.md"


def test_the_documented_schema_is_the_true_one() -> None:
    sections = PAGE.read_text(encoding="utf-8").split("\n### ")[1:]
    documented = {
        section.split("\n", 1)[0]: dict(
            re.findall(r"^\| `(\w+)` \| ([a-z ]+) \|$", section, re.MULTILINE)
        )
        for section in sections
    }
    assert documented == {table.name: dict(table.columns) for table in TABLES}
    assert list(documented) == [table.name for table in TABLES]


def commits(folder: Path) -> list[str]:
    command = ["git", "-C", str(folder), "log", "--all", "--reverse", "--format=%s"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()


def test_git_tells_the_versions_of_all_sites_in_time_order(db: Database, tmp_path: Path) -> None:
    with db.write() as conn:
        keep(conn, "one.example", [("We collect it.",), ("We sell it.",)])
        keep(conn, "two.example", [("We keep it.",)])
    with db.read() as conn:
        write_git(tmp_path / "git", conn, sites.every(conn))
    told = [title.split(":")[0] for title in commits(tmp_path / "git")]
    assert told == ["one.example", "two.example", "one.example"]
    assert (tmp_path / "git" / "one.example" / "policy.md").read_text() == "We sell it."


def test_a_corpus_without_versions_is_an_empty_repository(db: Database, tmp_path: Path) -> None:
    with db.write() as conn:
        sites.add(conn, "one.example")
    with db.read() as conn:
        write_git(tmp_path / "git", conn, sites.every(conn))
    assert commits(tmp_path / "git") == []
