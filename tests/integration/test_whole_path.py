"""The whole path, from an archive to a history, on the sample archive whose truth we wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from storage.records import format_time
from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE
from tracker.demo.timeline import load_sites

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.services import Pywb
    from tests.standins.wayback import WaybackStandIn
    from tracker.demo.timeline import DemoSite

SITES = {site.domain: site for site in load_sites()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A folder in which ``tracker demo`` has run."""
    run = CommandLine(folder=tmp_path_factory.mktemp("demo"))
    done = run("demo")
    assert done.status == 0, done.err
    for domain in SITES:
        assert domain in done.out
    return run


def history(run: CommandLine, domain: str, *options: str) -> dict[str, Any]:
    """A site's history as JSON."""
    done = run("history", domain, "--format", "json", *options)
    assert done.status == 0, done.err
    document: dict[str, Any] = done.document
    return document


def check(document: dict[str, Any], site: DemoSite) -> None:
    """Every true version and no other, with its captures, window, stated date and silence."""
    observed = site.observed()
    versions = document["versions"]
    assert [(v["first_seen"], v["last_seen"], v["captures"]) for v in versions] == [
        (format_time(captures[0].moment), format_time(captures[-1].moment), len(captures))
        for _, captures in observed
    ]
    assert [v["stated_date"] for v in versions] == [v.stated.isoformat() for v, _ in observed]
    for change, (old, new) in zip(document["changes"], pairwise(observed), strict=True):
        assert change["after"] == format_time(old[1][-1].moment)
        assert change["before"] == format_time(new[1][0].moment)
        assert change["silent"] == (old[0].stated == new[0].stated)


@pytest.mark.parametrize("domain", sorted(SITES))
def test_the_demo_tells_the_truth(demo: CommandLine, domain: str) -> None:
    check(history(demo, domain, "--db", "tracker-demo/tracker.db"), SITES[domain])


def test_the_demo_leaves_a_report(demo: CommandLine) -> None:
    html = (demo.folder / "tracker-demo" / "report.html").read_text(encoding="utf-8")
    for domain in SITES:
        assert domain in html
    assert "<script" not in html


def test_the_demo_runs_again_and_fetches_nothing(demo: CommandLine) -> None:
    db = "tracker-demo/tracker.db"
    before = [history(demo, domain, "--db", db) for domain in SITES]
    assert demo("demo").status == 0
    assert [history(demo, domain, "--db", db) for domain in SITES] == before


def test_a_policy_that_moved_is_one_history(demo: CommandLine) -> None:
    document = history(demo, "lumenpost.example", "--db", "tracker-demo/tracker.db")
    assert [policy["url"] for policy in document["policies"]] == [
        "http://www.lumenpost.example/privacy.html",
        "https://lumenpost.example/legal/privacy",
    ]


def test_what_changed_carries_its_practice(demo: CommandLine) -> None:
    document = history(demo, "lumenpost.example", "--db", "tracker-demo/tracker.db")
    kept_longer = document["changes"][1]
    assert "Data Retention" in {practice["category"] for practice in kept_longer["practices"]}


def test_a_german_policy_has_versions_but_no_categories(demo: CommandLine) -> None:
    document = history(demo, "nordlicht-karten.example", "--db", "tracker-demo/tracker.db")
    assert {version["language"] for version in document["versions"]} == {"de"}
    assert all(version["practices"] == {} for version in document["versions"])


def archives(pywb: Pywb, wayback: WaybackStandIn) -> dict[str, str]:
    """The sample archive, three ways."""
    return {
        "warc": f"warc:{SAMPLE}",
        "pywb": f"pywb:{pywb.collection('sample')}",
        "wayback": f"wayback:{wayback.url}",
    }


@pytest.mark.parametrize("kind", ["warc", "pywb", "wayback"])
def test_every_archive_gives_the_same_history(
    kind: str, pywb: Pywb, wayback: WaybackStandIn, tmp_path: Path
) -> None:
    run = CommandLine(folder=tmp_path)
    where = archives(pywb, wayback)[kind]
    domains = ("lumenpost.example", "tidewell-health.example")
    limits = ("--cdx-per-minute", "0", "--replay-per-minute", "0")
    done = run(
        "crawl", *domains, "--archive", where, *limits, "--strategy", "all", "--format", "json"
    )
    assert done.status == 0, done.err
    for site, domain in zip(done.document["sites"], domains, strict=True):
        assert site["site"] == domain
        assert site["captures_fetched"] == site["captures_listed"] > 0
        assert site["versions_new"] == len(SITES[domain].versions)
        assert site["failures"] == []
        check(history(run, domain), SITES[domain])


def test_a_second_crawl_fetches_nothing_again(wayback: WaybackStandIn, tmp_path: Path) -> None:
    run = CommandLine(folder=tmp_path)
    crawl = ("crawl", "harborcart.example", "--archive", f"wayback:{wayback.url}")
    limits = ("--cdx-per-minute", "0", "--replay-per-minute", "0", "--format", "json")
    assert run(*crawl, *limits).status == 0
    replays = len(wayback.requests("replay"))
    again = run(*crawl, *limits)
    assert again.status == 0
    assert again.document["sites"][0]["captures_fetched"] == 0
    assert again.document["sites"][0]["versions_new"] == 0
    assert len(wayback.requests("replay")) == replays


def test_bounds_and_request_limits_hold(wayback: WaybackStandIn, tmp_path: Path) -> None:
    run = CommandLine(folder=tmp_path)
    limits = ("--cdx-per-minute", "0", "--replay-per-minute", "0")
    archive = ("--archive", f"wayback:{wayback.url}")
    options = (*archive, *limits, "--strategy", "all", "--format", "json")
    done = run("crawl", "lumenpost.example", "--from", "2019", "--to", "2020-06", *options)
    assert done.status == 0, done.err
    document = history(run, "lumenpost.example")
    first = datetime.fromisoformat(document["versions"][0]["first_seen"])
    assert first >= datetime(2019, 1, 1, tzinfo=UTC)
    few = run("crawl", "harborcart.example", "--max-requests", "5", *options)
    assert few.status == 3
    requests = few.document["sites"][0]["requests"]
    assert requests["cdx"] + requests["replay"] <= 5
    rest = run("crawl", "harborcart.example", *options)
    assert rest.status == 0
    check(history(run, "harborcart.example"), SITES["harborcart.example"])


def test_adaptive_finds_the_same_changes_with_fewer_requests(
    wayback: WaybackStandIn, tmp_path: Path
) -> None:
    limits = ("--cdx-per-minute", "0", "--replay-per-minute", "0")
    options = ("--archive", f"wayback:{wayback.url}", *limits, "--format", "json")
    changes, replays = {}, {}
    for strategy in ("all", "adaptive"):
        run = CommandLine(folder=tmp_path / strategy)
        run.folder.mkdir()
        before = len(wayback.requests("replay"))
        assert run("crawl", "lumenpost.example", "--strategy", strategy, *options).status == 0
        replays[strategy] = len(wayback.requests("replay")) - before
        changes[strategy] = history(run, "lumenpost.example")["changes"]
    assert changes["adaptive"] == changes["all"]
    assert replays["adaptive"] < replays["all"]


def test_a_policy_that_moves_later_is_followed_by_the_next_crawl(tmp_path: Path) -> None:
    run = CommandLine(folder=tmp_path)
    archive = tmp_path / "archive.warc.gz"
    crawl = ("crawl", "lumenpost.example", "--archive", f"warc:{archive}", "--strategy", "all")
    write_until("2018", archive)
    assert run(*crawl).status == 0
    assert len(history(run, "lumenpost.example")["versions"]) == 3
    archive.write_bytes(SAMPLE.read_bytes())
    assert run(*crawl).status == 0
    check(history(run, "lumenpost.example"), SITES["lumenpost.example"])


def write_until(moment: str, target: Path) -> None:
    """The part of the sample archive that was captured before a moment."""
    with SAMPLE.open("rb") as source, target.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for record in ArchiveIterator(source):
            if (record.rec_headers.get_header("WARC-Date") or "") < moment:
                writer.write_record(record)
