"""What archives were asked to capture, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage import budgets, captures, saves, sites
from storage.records import Capture, Role
from storage.save_records import SaveState

if TYPE_CHECKING:
    from storage.database import Database

NOW = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
URL = "https://example.com/privacy"


def test_what_was_asked_and_what_came_of_it(db: Database) -> None:
    with db.write() as conn:
        site = sites.add(conn, "example.com").id
        first = saves.begin(conn, site, "wayback", URL, NOW)
        second = saves.begin(conn, site, "wayback", URL, NOW + timedelta(minutes=1))
        saves.settle(conn, first, SaveState.PENDING, at=NOW, job="spn2-1")
        saves.settle(conn, first, SaveState.SAVED, at=NOW, timestamp="20250602120003")
        saves.settle(conn, second, SaveState.REFUSED, at=NOW, reason="the archive answers 429")
    with db.read() as conn:
        kept = saves.by_id(conn, first)
        assert (kept.job, kept.timestamp, kept.state) == ("spn2-1", "20250602120003", "saved")
        assert [one.id for one in saves.of_site(conn, site)] == [second, first]
        assert saves.of_site(conn, site, archive="other") == []
        assert [one.id for one in saves.to_follow_up(conn, site, "wayback")] == [first]
        assert saves.asked_since(conn, "wayback", URL, NOW - timedelta(days=1)) == 1
        assert saves.asked_since(conn, "wayback", URL, NOW) == 0
        assert saves.asked_at(conn, "wayback", 2) == NOW
        assert saves.asked_at(conn, "wayback", 3) is None
        assert budgets.pause_left(conn, "wayback/save") == 0.0


def test_what_the_index_shows(db: Database) -> None:
    with db.write() as conn:
        site = sites.add(conn, "example.com").id
        assert saves.newest_listed(conn, site, "wayback") is None
        listed = Capture(
            urlkey="com,example)/privacy",
            timestamp="20250602120003",
            original=URL,
            mimetype="text/html",
            statuscode=200,
            digest="-",
        )
        captures.record(conn, site, "wayback", Role.POLICY, [listed])
        assert saves.newest_listed(conn, site, "wayback") == "20250602120003"
        for since, shows in (("20250602120003", True), ("20250602120004", False)):
            assert saves.is_listed(conn, site, "wayback", listed.urlkey, since) is shows
        assert not saves.is_listed(conn, site, "wayback", "com,example)/terms", "2025")
