"""What a crawl holds in memory of very many captures, and that it finds the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from crawler import frontier as frontier_module
from crawler.frontier import Frontier
from storage import captures, sites
from storage.database import open_database
from storage.records import Capture, Role, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database

COUNT, A_DAY = 3_000, 30
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(str(tmp_path / "tracker.db")) as db:
        yield db


def listed(db: Database) -> int:
    moments = (BEGIN + timedelta(days=number / A_DAY) for number in range(COUNT))
    rows = (
        Capture(
            urlkey="com,example)/privacy",
            timestamp=format_timestamp(moment),
            original="https://example.com/privacy",
            mimetype="text/html",
            statuscode=200,
            digest="-",
        )
        for moment in moments
    )
    with db.write() as conn:
        site = sites.add(conn, "example.com")
        captures.record(conn, site.id, "a", Role.POLICY, rows)
    return site.id


def crawled(db: Database, site_id: int, strategy: str = "adaptive") -> Frontier:
    """The frontier at the end of a crawl of three texts."""
    known = Frontier(site_id=site_id, archive="a", strategy_name=strategy, normalizer="1")
    with db.read() as conn:
        known.load(conn)
    while choice := known.choose(db):
        for capture_id in choice.fetch:
            item = known.item(capture_id)
            place = (item.capture.moment - BEGIN) / timedelta(days=1) * A_DAY
            key = "a" if place < 1011 else "b" if place < 2222 else "c"
            known.kept(item, capture_id, key)
    return known


def test_of_very_many_captures_few_are_read_and_the_same_are_chosen(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_id = listed(db)
    whole = crawled(db, site_id)
    monkeypatch.setattr(frontier_module, "LARGE", 1_000)
    thin = crawled(db, site_id)
    assert whole.listed == thin.listed == COUNT == len(whole.items)
    assert len(thin.items) < COUNT / 8
    for known in (whole, thin):
        shown = sorted((known.items[i].capture.timestamp, key) for i, key in known.keys.items())
        changes = [(a[0], b[0]) for a, b in pairwise(shown) if a[1] != b[1]]
        assert len(changes) == 2
        assert [
            format_timestamp(BEGIN + timedelta(days=place / A_DAY))
            for place in (1010, 1011, 2221, 2222)
        ] == [timestamp for change in changes for timestamp in change]


def test_every_capture_is_wanted_of_very_many_too(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_id = listed(db)
    monkeypatch.setattr(frontier_module, "LARGE", 1_000)
    assert len(crawled(db, site_id, "all").keys) == COUNT


def test_bounds_are_those_of_the_job(db: Database) -> None:
    site_id = listed(db)
    bounded = Frontier(
        site_id=site_id,
        archive="a",
        strategy_name="all",
        normalizer="1",
        first=BEGIN + timedelta(days=10),
        last=BEGIN + timedelta(days=11) - timedelta(microseconds=1),
    )
    with db.read() as conn:
        bounded.load(conn)
    assert bounded.listed == A_DAY
