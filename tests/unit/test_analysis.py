"""Two that derive one site at once: what the later saw is what stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage import decisions, sites, versions
from tests.unit.test_storage_derived import snapshot
from tracker.analysis import analyse
from tracker.segment import segment

if TYPE_CHECKING:
    import pytest

    from storage.database import Connection, Database
    from storage.records import Site
    from tracker.segment import Segment

START = datetime(2015, 1, 1, tzinfo=UTC)
POLICY = "# Privacy policy\n\n" + "\n\n".join(
    f"We collect your data for purpose {n} and keep it safe in our systems." for n in range(9)
)


def fetched(conn: Connection, site: Site, count: int) -> None:
    """The next capture, whose policy has a paragraph more."""
    moment = START + timedelta(days=90 * count)
    more = "\n\nWe share your data with one partner more." * count
    snapshot(conn, site.id, moment, POLICY + more)


def test_an_analysis_that_another_overtook_begins_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.write() as conn:
        site = sites.add(conn, "example.com")
        fetched(conn, site, 0)
    overtaken = []

    def slow(text: str) -> tuple[Segment, ...]:
        monkeypatch.undo()
        with db.write() as conn:
            fetched(conn, site, 1)
        analyse(db, site, normalizer="1")
        with db.read() as conn:
            overtaken.append(versions.edition(conn, site.id))
        return segment(text)

    monkeypatch.setattr("tracker.analysis.segment", slow)
    done = analyse(db, site, normalizer="1")
    assert (done.versions, done.new) == (2, ())
    with db.read() as conn:
        assert [versions.edition(conn, site.id)] == overtaken
        assert [decision.number for decision in decisions.of_site(conn, site.id)] == [1, 2]
