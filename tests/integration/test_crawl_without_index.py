"""Crawls of an archive whose index says no while replay is open: captures tell of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.job import Failure
from crawler.normalize.document import NORMALIZER
from storage import captures, sites
from storage import changes as kept_changes
from storage.database import open_database
from storage.records import How, Role
from tests.integration.conftest import SAMPLE
from tests.integration.crawling import Crawler
from tests.standins.faults import Faults
from tracker.analysis import analyse

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.integration.conftest import StartWayback

SITE = "lumenpost.example"
CLOSED = Faults(unavailable_every=1, services=frozenset({"cdx"}))


@pytest.fixture
def crawler(tmp_path: Path) -> Crawler:
    return Crawler(tmp_path / "tracker.db")


@pytest.mark.parametrize("strategy", ["all", "adaptive"])
def test_captures_are_found_by_their_neighbours(
    strategy: str, crawler: Crawler, start_wayback: StartWayback, tmp_path: Path
) -> None:
    truth = Crawler(tmp_path / "truth.db")
    truth(f"warc:{SAMPLE}", SITE, strategy=strategy)
    standin = start_wayback(faults=CLOSED)
    done = crawler(f"wayback:{standin.url}", SITE, strategy=strategy)
    assert done.outcome == "partial"
    found, wanted = crawler.snapshots(), truth.snapshots()
    assert windows(crawler) == windows(truth)
    if strategy == "all":
        assert set(wanted) <= set(found)
    assert all("Link headers" in failure.reason for failure in crawler.all(Failure))
    with open_database(str(crawler.database)) as db, db.read() as conn:
        (site,) = sites.every(conn)
        listed = captures.of_site(conn, site.id, role=Role.POLICY)
    assert {item.how for item in listed} == {How.LINK}
    assert len(standin.requests("cdx")) <= 4
    # Guesses are answered by way of a redirect; no capture's own address is asked for twice.
    assert len(standin.requests("replay")) <= 3 * len(wanted) + 20


def test_the_next_run_asks_the_index_again_and_fetches_nothing_twice(
    crawler: Crawler, start_wayback: StartWayback
) -> None:
    standin = start_wayback(faults=CLOSED)
    where = f"wayback:{standin.url}"
    crawler(where, SITE, strategy="all")
    before, asked = crawler.snapshots(), len(standin.requests("replay"))
    standin.faults = Faults()
    assert crawler(where, SITE, strategy="all").outcome == "done"
    after = crawler.snapshots()
    assert before.items() <= after.items()
    assert len(standin.requests("replay")) - asked <= len(after) - len(before) + 4


def windows(crawler: Crawler) -> list[tuple[datetime, datetime]]:
    """Between which captures the derived changes lie."""
    with open_database(str(crawler.database)) as db:
        with db.read() as conn:
            (site,) = sites.every(conn)
        analyse(db, site, normalizer=NORMALIZER)
        with db.read() as conn:
            return [(change.after, change.before) for change in kept_changes.of_site(conn, site.id)]
