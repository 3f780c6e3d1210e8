"""One spider, three kinds of archive: the same captures from all of them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING

import pytest

from crawler.errors import CrawlError
from crawler.job import Failure, Listed, Policies, RunDone, SiteDone, SnapshotKept, job_to_json
from crawler.run import run_crawl
from storage import captures, sites
from storage.database import open_database
from storage.records import How, Role
from tests.integration.conftest import SAMPLE
from tests.integration.crawling import Crawler

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.services import Pywb
    from tests.standins.wayback import WaybackStandIn

SITE = "lumenpost.example"
AGO = "2020-01-01T00:00:00Z"
SHARED_SITES = ("picroma.com", "uptimerobot.com", "pressera.com")


@pytest.fixture
def crawler(tmp_path: Path) -> Crawler:
    return Crawler(tmp_path / "tracker.db")


def test_all_archives_hold_the_same(tmp_path: Path, pywb: Pywb, wayback: WaybackStandIn) -> None:
    places = {
        "warc": f"warc:{SAMPLE}",
        "pywb": f"pywb:{pywb.collection('sample')}",
        "wayback": f"wayback:{wayback.url}",
    }
    found = {}
    for name, where in places.items():
        crawler = Crawler(tmp_path / f"{name}.db")
        assert crawler(where, SITE).outcome == "done"
        found[name] = crawler.snapshots()
    assert len(found["warc"]) > 10
    assert found["warc"] == found["pywb"] == found["wayback"]


@pytest.mark.parametrize("form", ["link", "json"])
def test_a_timemap_is_as_good_as_an_index(form: str, tmp_path: Path, pywb: Pywb) -> None:
    files = Crawler(tmp_path / "warc.db")
    files(f"warc:{SAMPLE}", SITE)
    crawler = Crawler(tmp_path / "tracker.db")
    where = f"memento:{pywb.collection('sample')}/timemap/{form}/"
    assert crawler(where, SITE, strategy="all").outcome == "done"
    assert files.snapshots().items() <= crawler.snapshots().items()
    with open_database(str(crawler.database)) as db, db.read() as conn:
        (site,) = sites.every(conn)
        listed = captures.of_site(conn, site.id, role=Role.POLICY)
    assert {item.how for item in listed} == {How.TIMEMAP}


def test_shared_sites_are_the_same_from_all_archives(
    tmp_path: Path, shared: Path, pywb: Pywb, shared_wayback: str
) -> None:
    places = {
        "warc": f"warc:{shared / 'archive' / 'policies.warc.gz'}",
        "pywb": f"pywb:{pywb.collection('dev')}",
        "wayback": f"wayback:{shared_wayback}",
    }
    found = {}
    for name, where in places.items():
        crawler = Crawler(tmp_path / f"{name}.db")
        crawler(where, *SHARED_SITES)
        found[name] = crawler.snapshots()
        # pywb never replays a redirect of a page to itself, and says so in no way; the stand-in
        # before it then sends the crawler round and round.
        reasons = {failure.reason for failure in crawler.all(Failure)}
        assert all("redirect to itself" in why or "in circles" in why for why in reasons), reasons
    redirects = {key for key, (status, _, _) in found["warc"].items() if 300 <= status < 400}
    for name in ("pywb", "wayback"):
        assert set(found["warc"]) - set(found[name]) <= redirects
        assert all(found["warc"][key] == found[name][key] for key in found[name])


def test_a_second_run_asks_for_nothing_that_is_kept(
    crawler: Crawler, wayback: WaybackStandIn
) -> None:
    where = f"wayback:{wayback.url}"
    crawler(where, SITE)
    first, asked = crawler.snapshots(), len(wayback.requests())
    assert crawler.site_done().requests.cdx + crawler.site_done().requests.replay == asked
    crawler(where, SITE)
    assert crawler.snapshots() == first
    assert len(wayback.requests("replay")) == len({r.path for r in wayback.requests("replay")})
    assert len(wayback.requests()) - asked <= 2


def test_what_an_index_lists_years_late_is_found_for_one_request_a_url(
    crawler: Crawler, wayback: WaybackStandIn
) -> None:
    where = f"wayback:{wayback.url}"

    def asked_again() -> list[bool]:
        """Of each question to the index in a crawl, whether it is about the last months alone."""
        before = len(wayback.requests("cdx"))
        assert crawler(where, SITE).outcome == "done"
        return ["&from=" in request.path for request in wayback.requests("cdx")[before:]]

    crawler(where, SITE)
    known, first = crawler.snapshots(), min(crawler.snapshots(), key=itemgetter(1))
    with sqlite3.connect(crawler.database) as conn:
        [(late,)] = conn.execute(
            "SELECT id FROM captures WHERE role = 'policy' AND original = ? AND timestamp = ?",
            first,
        )
        conn.execute("DELETE FROM snapshots WHERE capture_id = ?", (late,))
        conn.execute("DELETE FROM captures WHERE id = ?", (late,))
    assert asked_again() == [True], "where the policy is now"
    assert first not in crawler.snapshots()
    conn.execute("UPDATE index_queries SET asked_at = ?", (AGO,))
    conn.commit()
    conn.close()
    assert asked_again() == [False, False], "and where it was, when this was first seen"
    assert crawler.snapshots() == known
    assert asked_again() == [True]


def test_bounds_hold(crawler: Crawler) -> None:
    first, last = datetime(2016, 1, 1, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)
    crawler(f"warc:{SAMPLE}", SITE, first=first, last=last)
    times = {timestamp for _, timestamp in crawler.snapshots()}
    assert times
    assert min(times) >= "20160101"
    assert max(times) <= "20180101"
    (listed,) = crawler.all(Listed)
    assert listed.captures == len(times)


def test_max_requests_is_never_exceeded_and_the_next_run_goes_on(
    crawler: Crawler, wayback: WaybackStandIn
) -> None:
    where = f"wayback:{wayback.url}"
    assert crawler(where, SITE, max_requests=9).outcome == "stopped"
    assert len(wayback.requests()) == 9
    assert crawler(where, SITE).outcome == "done"
    replayed = [request.path for request in wayback.requests("replay")]
    assert len(replayed) == len(set(replayed))


def test_a_run_s_requests_are_shared_out_among_its_sites(
    crawler: Crawler, wayback: WaybackStandIn
) -> None:
    sites = (SITE, "harborcart.example")
    where = f"wayback:{wayback.url}"
    assert crawler(where, *sites, max_requests=20).outcome == "stopped"
    assert len(wayback.requests()) == 20
    spent = {done.site: done.requests.total for done in crawler.all(SiteDone)}
    assert spent == dict.fromkeys(sites, 10)
    crawler(where, *sites, max_requests_per_site=3)
    assert max(done.requests.total for done in crawler.all(SiteDone)) <= 3
    assert crawler(where, *sites).outcome == "done"
    replayed = [request.path for request in wayback.requests("replay")]
    assert len(replayed) == len(set(replayed))


def test_discover_fetches_no_policy(crawler: Crawler) -> None:
    assert crawler(f"warc:{SAMPLE}", SITE, mode="discover").outcome == "done"
    (found,) = crawler.all(Policies)
    assert found.policies
    assert not crawler.snapshots()
    assert crawler(f"warc:{SAMPLE}", SITE).outcome == "done"
    assert crawler.snapshots()


def test_every_strategy_keeps_the_same_bytes(tmp_path: Path) -> None:
    found = {}
    for strategy in ("digest", "all", "every:1y"):
        crawler = Crawler(tmp_path / f"{strategy.replace(':', '-')}.db")
        crawler(f"warc:{SAMPLE}", SITE, strategy=strategy)
        found[strategy] = crawler.snapshots()
    assert found["digest"] == found["all"]
    assert 0 < len(found["every:1y"]) < len(found["all"])
    assert found["every:1y"].items() <= found["all"].items()


def test_an_unknown_site_ends_in_one_line(crawler: Crawler) -> None:
    done = crawler(f"warc:{SAMPLE}", "unknown.example")
    assert done.outcome == "failed"
    assert "unknown.example" in (done.reason or "")
    assert "--url" in (done.reason or "")


def test_a_broken_warc_gives_what_stands_before_the_damage(
    crawler: Crawler, tmp_path: Path
) -> None:
    whole = SAMPLE.read_bytes()
    (tmp_path / "cut.warc.gz").write_bytes(whole[: len(whole) * 3 // 4])
    assert crawler(f"warc:{tmp_path / 'cut.warc.gz'}", SITE).outcome in ("done", "partial")
    assert crawler.snapshots()
    (tmp_path / "none.warc.gz").write_bytes(b"this is no WARC file")
    done = crawler(f"warc:{tmp_path / 'none.warc.gz'}", SITE)
    assert done.outcome == "failed"
    assert "no captures in" in (done.reason or "")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("wayback", "without a limit"),
        ("memento:example.com/timemap/link/", "timemap"),
        ("warc:/no/such/place", "no WARC"),
        ("pywb:nonsense", "address"),
        ("archive.today", "unknown archive"),
    ],
)
def test_a_senseless_archive_is_refused_before_anything_runs(
    where: str, words: str, crawler: Crawler
) -> None:
    with pytest.raises(CrawlError, match=words):
        run_crawl(crawler.job(where, SITE))


def test_a_crawl_that_is_killed_goes_on(crawler: Crawler, wayback: WaybackStandIn) -> None:
    job = crawler.job(f"wayback:{wayback.url}", SITE)
    with subprocess.Popen(
        [sys.executable, "-m", "crawler"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(job_to_json(job))
        child.stdin.close()
        seen = 0
        for line in child.stdout:
            seen += '"SnapshotKept"' in line
            if seen == 5:
                os.kill(child.pid, signal.SIGKILL)
                break
    before = crawler.snapshots()
    assert len(before) >= 5
    assert crawler(f"wayback:{wayback.url}", SITE).outcome == "done"
    after = crawler.snapshots()
    assert all(after[key][:2] == kept[:2] for key, kept in before.items())
    assert all(verdict is not None for _, _, verdict in after.values())
    asked = [request.path for request in wayback.requests("replay")]
    assert len(asked) - len(set(asked)) <= job.archive.concurrency


def test_a_reader_that_leaves_stops_the_crawl_in_order(
    crawler: Crawler, wayback: WaybackStandIn
) -> None:
    events = run_crawl(crawler.job(f"wayback:{wayback.url}", SITE))
    for event in events:
        if isinstance(event, SnapshotKept):
            break
    events.close()
    states = crawler.states()
    assert states["fetched"] >= 1
    assert "failed" not in states
    assert crawler(f"wayback:{wayback.url}", SITE).outcome == "done"
    asked = [request.path for request in wayback.requests("replay")]
    assert len(asked) == len(set(asked))


def test_ctrl_c_keeps_what_was_fetched(crawler: Crawler, wayback: WaybackStandIn) -> None:
    program = (
        "import sys\n"
        "from crawler.job import job_from_json\n"
        "from crawler.run import run_crawl\n"
        "for event in run_crawl(job_from_json(sys.stdin.read())):\n"
        "    print(type(event).__name__, getattr(event, 'outcome', ''), flush=True)\n"
    )
    job = crawler.job(f"wayback:{wayback.url}", SITE)
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write(job_to_json(job))
        parent.stdin.close()
        lines: list[str] = []
        for line in parent.stdout:
            if line.startswith("SnapshotKept") and not any("SnapshotKept" in x for x in lines):
                parent.send_signal(signal.SIGINT)
            lines.append(line.strip())
    assert lines[-1] == f"{RunDone.__name__} stopped"
    assert len(crawler.snapshots()) == sum(line.startswith("SnapshotKept") for line in lines)
    assert "failed" not in crawler.states()
