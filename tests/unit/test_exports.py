"""The page that documents the exports says what they hold."""

from __future__ import annotations

import re
from pathlib import Path

from tracker.exports.tables import TABLES

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
