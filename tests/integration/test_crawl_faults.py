"""Crawls through an archive that says no: nothing is lost, nothing is asked for too often."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from crawler.job import Failure, Paused
from crawler.listing import ENOUGH
from crawler.middlewares import MAX_BROKEN, MAX_OUTAGES
from crawler.run import run_crawl
from crawler.session import check_job
from storage import budgets, index_queries, sites
from storage.database import open_database
from tests.integration.conftest import SAMPLE
from tests.integration.crawling import Crawler
from tests.standins.faults import Faults

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.job import Job
    from tests.integration.conftest import StartWayback

SITE = "lumenpost.example"

TRANSIENT = {
    "429": Faults(too_many_every=3, retry_after=None),
    "503": Faults(unavailable_every=4),
    "cold": Faults(cold=True),
    "reset": Faults(reset_every=4),
    "truncated": Faults(truncate_every=4, services=frozenset({"replay"})),
    "wrong-length": Faults(wrong_length_every=4),
    "doubled-gzip": Faults(double_gzip=True),
}


@pytest.fixture
def crawler(tmp_path: Path) -> Crawler:
    return Crawler(tmp_path / "tracker.db")


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[int, str, str]]:
    """What the files themselves hold."""
    crawler = Crawler(tmp_path_factory.mktemp("truth") / "tracker.db")
    assert crawler(f"warc:{SAMPLE}", SITE).outcome == "done"
    found = crawler.snapshots()
    assert len(found) > 10
    return found


@pytest.mark.parametrize("fault", TRANSIENT)
def test_a_passing_fault_costs_nothing(
    fault: str,
    crawler: Crawler,
    start_wayback: StartWayback,
    truth: dict[tuple[str, str], tuple[int, str, str]],
) -> None:
    standin = start_wayback(faults=TRANSIENT[fault])
    done = crawler(f"wayback:{standin.url}", SITE)
    assert (done.outcome, done.reason) == ("done", None)
    assert crawler.snapshots() == truth


def test_no_request_goes_into_a_pause(
    crawler: Crawler,
    start_wayback: StartWayback,
    truth: dict[tuple[str, str], tuple[int, str, str]],
) -> None:
    standin = start_wayback(faults=Faults(window_after=12, window_seconds=1.0, retry_after=1))
    assert crawler(f"wayback:{standin.url}", SITE).outcome == "done"
    assert crawler.snapshots() == truth
    requests = standin.requests()
    refused = [r for r in requests if r.status == 429]
    pauses = crawler.all(Paused)
    assert pauses
    assert all(pause.seconds >= 1.0 for pause in pauses)
    # What was under way when a pause began may be refused too, and nothing beyond that.
    assert len(refused) <= len(pauses) * 8


def test_a_pause_that_another_run_met_holds_and_is_said(
    crawler: Crawler, start_wayback: StartWayback
) -> None:
    standin = start_wayback()
    job = crawler.job(f"wayback:{standin.url}", SITE)
    with open_database(job.database) as db:
        budgets.pause(db, check_job(job).name, 600.0)
    with closing(run_crawl(job)) as events:
        pause = next(event for event in events if isinstance(event, Paused))
    assert "another run" in pause.why
    assert pause.seconds > 300
    assert standin.requests() == []


def test_an_archive_that_only_refuses_is_left_alone(
    crawler: Crawler, start_wayback: StartWayback
) -> None:
    standin = start_wayback(faults=Faults(too_many_every=1, retry_after=None))
    done = crawler(f"wayback:{standin.url}", SITE)
    assert done.outcome == "failed"
    assert "again and again" in (done.reason or "")
    assert len(standin.requests()) < 60
    standin.faults = Faults()
    assert crawler(f"wayback:{standin.url}", SITE).outcome == "done"


def test_an_archive_that_only_fails_is_left_alone(
    crawler: Crawler, start_wayback: StartWayback
) -> None:
    standin = start_wayback()
    where = f"wayback:{standin.url}"
    assert crawler(where, SITE, mode="discover").outcome == "done"
    standin.faults = Faults(dead=".")
    before = len(standin.requests())
    done = crawler(where, SITE, strategy="all")
    assert done.outcome in ("failed", "stopped")
    assert "with its own failures, again and again" in (done.reason or "")
    # What it takes to notice, and for each pause what was under way when it began.
    assert len(standin.requests()) - before <= MAX_BROKEN + 8 * MAX_OUTAGES
    standin.faults = Faults()
    assert crawler(where, SITE, strategy="all").outcome == "done"


def test_captures_that_are_all_dead_are_no_archive_that_is_down(
    crawler: Crawler, start_wayback: StartWayback
) -> None:
    standin = start_wayback(faults=Faults(dead="id_/.*privacy"))
    done = crawler(f"wayback:{standin.url}", SITE, strategy="all", max_requests=50)
    assert "as asked" in (done.reason or "")
    assert any("own failures" in pause.why for pause in crawler.all(Paused))
    dead = {r.path for r in standin.requests("replay") if r.fault}
    assert len(dead) > MAX_BROKEN + MAX_OUTAGES


def test_a_home_page_that_never_comes_is_not_waited_for_in_every_crawl(
    crawler: Crawler,
    start_wayback: StartWayback,
    truth: dict[tuple[str, str], tuple[int, str, str]],
) -> None:
    # The site's home pages since it has https; the older ones lead to its policies as well.
    standin = start_wayback(faults=Faults(dead=r"id_/https://lumenpost\.example/$"))
    where, home = f"wayback:{standin.url}", f"https://{SITE}/"
    for transient in (True, False):
        assert crawler(where, SITE).outcome == "partial"
        failures = crawler.all(Failure)
        assert {(failure.url, failure.transient) for failure in failures} == {(home, transient)}
        note_unfinished(crawler.job(where, SITE), ENOUGH - 2)
    assert all("which go on without" in failure.reason for failure in failures)
    assert crawler.snapshots() == truth
    before = len(standin.requests("cdx"))
    done = crawler(where, SITE)
    assert (done.outcome, crawler.all(Failure)) == ("done", [])
    assert len(standin.requests("cdx")) - before <= 1


def note_unfinished(job: Job, times: int) -> None:
    """As if so many more crawls had met the same."""
    with open_database(job.database) as db, db.write() as conn:
        (site,) = job.sites
        for policy in sites.policy_urls(conn, site.id):
            for _ in range(times):
                index_queries.record(
                    conn,
                    site.id,
                    check_job(job).name,
                    policy.url,
                    rows=0,
                    newest=None,
                    complete=False,
                )


def test_an_archive_that_is_down_ends_in_one_line(crawler: Crawler) -> None:
    done = crawler("wayback:http://127.0.0.1:9", SITE)
    assert done.outcome == "failed"
    assert "refuses connections" in (done.reason or "")


@pytest.mark.parametrize(
    "faults",
    [Faults(excluded=frozenset({SITE})), Faults(robots=frozenset({SITE}))],
    ids=["excluded", "robots"],
)
def test_an_exclusion_is_said_and_not_knocked_on(
    faults: Faults, crawler: Crawler, start_wayback: StartWayback
) -> None:
    standin = start_wayback(faults=faults)
    done = crawler(f"wayback:{standin.url}", SITE)
    assert done.outcome == "failed"
    assert "excludes this site" in (done.reason or "")
    assert len(standin.requests()) <= 6


def test_a_web_page_in_the_place_of_the_index_is_no_empty_history(
    crawler: Crawler, start_wayback: StartWayback
) -> None:
    standin = start_wayback(faults=Faults(html_cdx=True))
    assert crawler(f"wayback:{standin.url}", SITE).outcome == "partial"
    # Replay is open, and its Link headers lead on; the index is asked again next time.
    assert len(crawler.snapshots()) > 10
    assert all("web page" in failure.reason for failure in crawler.all(Failure))


def test_archived_redirects_never_lead_out_of_the_archive(
    crawler: Crawler,
    start_wayback: StartWayback,
    truth: dict[tuple[str, str], tuple[int, str, str]],
) -> None:
    standin = start_wayback(faults=Faults(leave_archive=True))
    assert crawler(f"wayback:{standin.url}", SITE).outcome == "done"
    assert crawler.snapshots() == truth


def test_malformed_rows_cost_themselves_alone(
    crawler: Crawler,
    start_wayback: StartWayback,
    truth: dict[tuple[str, str], tuple[int, str, str]],
) -> None:
    standin = start_wayback(faults=Faults(malformed_rows_every=7))
    done = crawler(f"wayback:{standin.url}", SITE)
    assert done.outcome in ("done", "partial")
    found = crawler.snapshots()
    assert set(found) < set(truth)
    assert len(found) >= len(truth) * 0.7
    assert {failure.timestamp for failure in crawler.all(Failure)} <= {None}
