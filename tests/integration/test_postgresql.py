"""The whole path on PostgreSQL: the story that SQLite tells, beside others, through restarts."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from storage import budgets
from storage.database import open_database
from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE
from tracker.demo.timeline import load_sites

if TYPE_CHECKING:
    from tests.integration.command_line import Finished
    from tests.postgresql import PostgresServer
    from tests.standins.wayback import WaybackStandIn

DOMAINS = sorted(site.domain for site in load_sites())

Histories = dict[str, Any]


@pytest.fixture
def run(tmp_path: Any) -> CommandLine:
    return CommandLine(folder=tmp_path)


def crawl(
    run: CommandLine, url: str, where: str, domains: list[str], *, per_minute: float = 0
) -> Finished:
    """A crawl of everything that the archive has of some sites."""
    limits = ("--cdx-per-minute", "0", "--replay-per-minute", str(per_minute))
    options = ("--db", url, "--archive", where, "--strategy", "all")
    return run("crawl", *domains, *options, *limits)


def histories(run: CommandLine, url: str) -> Histories:
    """What is told of each site, without addresses, which each kind of archive has its own of."""
    told = {}
    for domain in DOMAINS:
        done = run("history", domain, "--db", url, "--format", "json")
        assert done.status == 0, done.err
        told[domain] = done.document
        for version in told[domain]["versions"]:
            del version["archive_url"]
    return told


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Histories:
    """The histories that a crawl into SQLite gives, read from the files themselves."""
    run = CommandLine(folder=tmp_path_factory.mktemp("truth"))
    done = crawl(run, "tracker.db", f"warc:{SAMPLE}", DOMAINS)
    assert done.status == 0, done.err
    return histories(run, "tracker.db")


def test_many_at_once_tell_the_same_and_share_one_budget(
    run: CommandLine, wayback: WaybackStandIn, postgres_url: str, truth: Histories
) -> None:
    where, per_second = f"wayback:{wayback.url}", 20.0
    over = False

    def again(*arguments: str) -> list[Finished]:
        done = []
        while not over:
            done.append(run(*arguments, "--db", postgres_url))
        return done

    with ThreadPoolExecutor(4) as pool:
        crawls = [
            pool.submit(crawl, run, postgres_url, where, domains, per_minute=per_second * 60)
            for domains in (DOMAINS[:-1], DOMAINS[1:])
        ]
        others: list[Future[list[Finished]]] = [
            pool.submit(again, "reprocess"),
            pool.submit(again, "history", DOMAINS[1], "--format", "json"),
        ]
        try:
            ended = [crawl.result() for crawl in crawls]
        finally:
            over = True
    assert [done.status for done in ended] == [0, 0], [done.err for done in ended]
    reprocessed, read = (other.result() for other in others)
    assert {done.status for done in reprocessed} == {0}, [done.err for done in reprocessed]
    # A reader sees a whole history, or none as yet.
    told = [done.document for done in read if done.status == 0]
    assert all(len(one["changes"]) == max(len(one["versions"]) - 1, 0) for one in told)
    assert histories(run, postgres_url) == truth
    moments = [request.time for request in wayback.requests() if request.service == "replay"]
    assert max(moments) - min(moments) > (len(moments) - 1) / per_second - budgets.SLACK


def test_a_crawl_outlives_restarts_of_the_database(
    run: CommandLine,
    wayback: WaybackStandIn,
    postgres: PostgresServer,
    postgres_url: str,
    truth: Histories,
) -> None:
    with ThreadPoolExecutor(1) as pool:
        crawling = pool.submit(
            crawl, run, postgres_url, f"wayback:{wayback.url}", DOMAINS, per_minute=600
        )
        for kept, how in ((3, "fast"), (20, "immediate"), (40, "fast")):
            wait_for_snapshots(postgres_url, kept, crawling)
            assert not crawling.done()
            postgres.restart(how)
        done = crawling.result()
    assert done.status == 0, done.err
    assert histories(run, postgres_url) == truth


def wait_for_snapshots(url: str, wanted: int, crawling: Future[Finished]) -> None:
    """Wait until so many are kept, or the crawl is over."""
    with open_database(url) as db:
        while not crawling.done():
            with db.read() as conn:
                if conn.execute(text("SELECT count(*) FROM snapshots")).scalar_one() >= wanted:
                    return
            time.sleep(0.05)
