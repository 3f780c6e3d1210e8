"""Views with plain names, and the page that explains every table, view and column."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, select, table, text

from storage import changes, decisions, schema, sites, versions, views
from storage.records import Decision
from tests.unit.test_storage_derived import CHANGE, MADE_BY, two_versions

if TYPE_CHECKING:
    from typing import Any

    from storage.database import Connection, Database

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"


def rows(conn: Connection, view: str) -> list[dict[str, Any]]:
    found = conn.execute(select(text("*")).select_from(table(view)))
    return [dict(row) for row in found.mappings()]


def test_every_view_tells_what_is_kept(db: Database) -> None:
    with db.write() as conn:
        site_id = sites.add(conn, "example.com").id
        both = two_versions(conn, site_id)
        versions.replace(conn, site_id, both, made_by=MADE_BY)
        changes.replace(conn, site_id, [CHANGE])
        shown = [Decision(snapshot_id=both[0].snapshot_id, number=1, reason="the first text")]
        decisions.replace(conn, site_id, shown)
    with db.read() as conn:
        told = {name: rows(conn, name) for name in views.VIEWS}
    assert {row["site"] for found in told.values() for row in found} == {"example.com"}
    assert {row["version"]: row["words_added"] for row in told["history"]} == {1: None, 2: 1}
    practices = told["practices_of_versions"]
    assert [(one["category"], one["segments"]) for one in practices] == [("Data Security", 1)] * 2
    [change] = told["changes_of_sites"]
    assert (change["from_version"], change["to_version"]) == (1, 2)
    [silent] = told["silent_changes"]
    assert (silent["before"], silent["stated_date"]) == (change["before"], "2015-05-01")
    [by_category] = told["changes_by_category"]
    assert (by_category["category"], by_category["modified"]) == ("Data Security", 1)
    assert {row["version"] for row in told["captures_of_sites"]} == {1, None}
    texts = {row["version"]: row["text"] for row in told["policy_texts"]}
    assert texts[2] == "Security\n\nWe encrypt all.\n\nContact us.\n\nContact us."
    segments = told["segments_of_versions"]
    second = {row["position"]: str(row["text"]) for row in segments if row["version"] == 2}
    assert "\n\n".join(second[place] for place in sorted(second)) == texts[2]
    spans = {(row["text"], row["first_version"], row["last_version"]) for row in told["passages"]}
    assert ("We encrypt.", 1, 1) in spans
    assert ("Security", 1, 2) in spans


def test_the_page_explains_every_table_view_and_column(db: Database) -> None:
    explained = {}
    for part in PAGE.read_text().split("\n### ")[1:]:
        cells = re.findall(r"^\| (`.+?) \|", part, re.MULTILINE)
        explained[part.split("`")[1]] = [
            name for cell in cells for name in re.findall(r"`(\w+)`", cell)
        ]
    kept = {
        table.name: [column.name for column in table.columns]
        for table in schema.metadata.sorted_tables
    }
    with db.read() as conn:
        inspector = inspect(conn)
        kept |= {
            name: [column["name"] for column in inspector.get_columns(name)]
            for name in inspector.get_view_names()
        }
    assert {name: sorted(columns) for name, columns in explained.items()} == {
        name: sorted(columns) for name, columns in kept.items()
    }
