"""A page's captures, kept one after another as a crawl keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage import captures, sites
from storage.records import Capture, ListedCapture, Memento, Role

if TYPE_CHECKING:
    from storage.database import Connection

START = datetime(2015, 1, 1, tzinfo=UTC)


def listed(conn: Connection, day: int) -> ListedCapture:
    """The capture of a day, listed in the frontier of example.com."""
    site = sites.add(conn, "example.com")
    one = Capture(
        urlkey="com,example)/privacy",
        timestamp=f"{START + timedelta(days=day):%Y%m%d%H%M%S}",
        original="http://example.com/privacy",
        mimetype="text/html",
        statuscode=200,
        digest=str(day),
    )
    captures.record(conn, site.id, "wayback", Role.POLICY, [one])
    [this] = [row for row in captures.of_site(conn, site.id) if row.capture == one]
    return this


def memento(this: ListedCapture, body: bytes) -> Memento:
    """The archive's answer for it."""
    return Memento(
        capture=this.capture,
        archive_url="",
        status=200,
        headers=(),
        body=body,
        fetched_at=this.capture.moment,
    )
