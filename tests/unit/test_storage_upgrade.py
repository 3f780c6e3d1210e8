"""Older databases with something in them, brought up to date."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage import overviews, schema, search, segments, views
from storage.database import open_database, upgrade_database
from storage.search import Term, Where

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEXTS = {1: "", 2: "Cookies", 3: "We use cookies.", 4: "We encrypt.", 5: "Nobody says this."}
ORDERS = {(1, 1): [2, 3, 2], (1, 2): [2, 4, 3, 2], (1, 3): [4, 3, 2], (450, 1): [4, 3]}
"""The segments of each version (site and number); a segment has its text's id."""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind in turn, without a table."""
    if request.param == "sqlite":
        return str(tmp_path / "tracker.db")
    postgres = request.getfixturevalue("postgres")
    url: str = postgres.url(postgres.create_database())
    return url


def test_a_row_for_each_segment_of_a_version_becomes_a_span(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(schema, "REVISION", "0007")
        before.setattr(views, "create", lambda _: None)
        with open_database(empty_url) as db, db.write() as conn:
            # What else these rows need nobody asks for.
            on_sqlite = conn.dialect.name == "sqlite"
            deferred = "PRAGMA defer_foreign_keys = ON"
            conn.execute(text(deferred if on_sqlite else "SET session_replication_role = replica"))
            for statement, rows in old_rows():
                conn.execute(text(statement), rows)
            if on_sqlite:
                conn.execute(text("PRAGMA defer_foreign_keys = OFF"))
    upgrade_database(empty_url)
    with open_database(empty_url) as db, db.read() as conn:
        for (site_id, number), order in ORDERS.items():
            kept = [one.text for one in segments.of_version(conn, site_id, number)]
            assert kept == [TEXTS[key] for key in order]
        [early, late] = search.spans(conn, [Term(words=("encrypt",))], Where(), limit=5)
        assert (early.site, early.first, early.last) == ("site450.example", 1, 1)
        assert (late.site, late.first, late.last) == ("site1.example", 2, 3)
        dated = conn.execute(text("SELECT id, first_seen FROM segment_texts ORDER BY id")).all()
    assert [day and day[:4] for _, day in dated] == [None, "2011", "2010", "2010", None]


PRACTICES = {2: ["Data Retention", "Sécurité"], 3: ["Data Retention"], 4: []}
"""The categories of the changes into a site's versions."""


@pytest.mark.parametrize("revision", ["0007", "0008"])
def test_the_categories_of_changes_become_rows(
    empty_url: str, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    with monkeypatch.context() as before:
        before.setattr(schema, "REVISION", revision)
        before.setattr(views, "create", lambda _: None)
        with open_database(empty_url) as db, db.write() as conn:
            on_sqlite = conn.dialect.name == "sqlite"
            deferred = "PRAGMA defer_foreign_keys = ON"
            conn.execute(text(deferred if on_sqlite else "SET session_replication_role = replica"))
            sites_and_versions = [
                pair
                for pair in old_rows({(1, number): [] for number in range(1, 5)})
                if "INTO sites" in pair[0] or "INTO versions" in pair[0]
            ]
            for statement, rows in [*sites_and_versions, (OLD_CHANGE, old_changes())]:
                conn.execute(text(statement), rows)
            if on_sqlite:
                conn.execute(text("PRAGMA defer_foreign_keys = OFF"))
    assert upgrade_database(empty_url).found == revision
    with open_database(empty_url) as db, db.read() as conn:
        for category in ("Data Retention", "Sécurité", "Nothing"):
            found = overviews.recent_changes(conn, category=category, limit=9)
            wanted = [number for number, names in PRACTICES.items() if category in names]
            assert [one.change.new_number for one in found] == wanted[::-1]


OLD_CHANGE = (
    "INSERT INTO changes (site_id, new_number, old_number, after, before, silent, words_added, "
    "words_removed, kind, practices) VALUES (1, :number, :number - 1, :seen, :seen, FALSE, 1, 1, "
    "'changed', :practices)"
)


def old_changes() -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "seen": f"{2010 + number}-05-01T00:00:00Z",
            "practices": json.dumps([[name, 1, 0, 0, 0, 0] for name in names]),
        }
        for number, names in PRACTICES.items()
    ]


def old_rows(
    orders: Mapping[tuple[int, int], list[int]] = ORDERS,
) -> list[tuple[str, list[dict[str, object]]]]:
    """Statements that fill the tables as schema 7 had them."""
    found = []
    for site in (1, 450):
        row: dict[str, object] = {"id": site, "domain": f"site{site}.example"}
        row["at"] = "2026-01-01T00:00:00Z"
        found.append(row)
    kept = [{"id": key, "sha": str(key), "text": value} for key, value in TEXTS.items()]
    versions: list[dict[str, object]] = [
        {
            "id": f"{site}-{number}",
            "site": site,
            "number": number,
            "seen": f"{2010 + number - (site == 450)}-05-01T00:00:00Z",
        }
        for site, number in orders
    ]
    places: list[dict[str, object]] = [
        {"site": site, "number": number, "position": position, "segment": segment}
        for (site, number), order in orders.items()
        for position, segment in enumerate(order)
    ]
    return [
        ("INSERT INTO sites (id, domain, added_at) VALUES (:id, :domain, :at)", found),
        ("INSERT INTO segment_texts (id, sha256, text) VALUES (:id, :sha, :text)", list(kept)),
        (
            (
                "INSERT INTO segments (id, sha256, text_id, heading_id, kind, level, categories) "
                "VALUES (:id, :sha, :id, 1, 'paragraph', 0, '[]')"
            ),
            list(kept),
        ),
        (
            (
                "INSERT INTO versions (id, site_id, number, url, first_seen, last_seen, captures, "
                "archive_url, snapshot_id, document_id, words, text_sha256, practices, reason, "
                "made_by) VALUES (:id, :site, :number, '', :seen, :seen, 1, '', 1, 1, 1, '', '{}', "
                "'', '{}')"
            ),
            versions,
        ),
        (
            (
                "INSERT INTO version_segments (site_id, number, position, segment_id) "
                "VALUES (:site, :number, :position, :segment)"
            ),
            places,
        ),
    ]
