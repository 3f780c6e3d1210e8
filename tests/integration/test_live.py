"""A look at the page itself: politely, never into one's own network, and told from an archive's."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from crawler.config import ArchiveConfig
from crawler.judging import judge_kept
from crawler.live import ARCHIVE, HOPS, check_live
from crawler.normalize.document import NORMALIZER
from crawler.overrides import NO_OVERRIDES
from crawler.plain_http import PrivateAddressError, ask
from crawler.urls import url_key
from storage import captures, sites, snapshots, versions
from storage.database import open_database
from storage.records import Capture, Memento, Role, format_timestamp
from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE
from tests.standins.calendar import POLICY
from tests.standins.website import Website
from tracker.analysis import analyse
from tracker.config import Config
from tracker.notification_config import rule_of
from tracker.notify.announce import preview

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database
    from storage.records import Site, Version

HERE = ArchiveConfig(live_private=True, timeout_seconds=5)
NOW = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)


def page(*more: str) -> bytes:
    parts = "".join(f"<h2>{n}. Your data</h2><p>{POLICY}</p>" for n in range(1, 4))
    new = "".join(f"<p>{one}</p>" for one in more)
    title = "<title>Privacy</title><h1>Privacy Policy</h1>"
    return f"<html lang=en>{title}{parts}{new}</html>".encode()


@pytest.fixture
def website(tmp_path: Path) -> Iterator[Website]:
    with Website(tmp_path / "site.jsonl") as served:
        served.pages["/privacy"] = page()
        yield served


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(str(tmp_path / "live.db")) as opened:
        yield opened


@pytest.fixture
def site(db: Database) -> Site:
    with db.write() as conn:
        return sites.add(conn, "example.com")


def look(db: Database, site: Site, url: str, now: datetime = NOW, **given: Any) -> Any:
    config = replace(HERE, **given)
    return check_live(db, site.id, url, config, NO_OVERRIDES, clock=lambda: now)


def test_one_request_by_a_name_that_can_be_asked(
    db: Database, site: Site, website: Website
) -> None:
    done = look(db, site, f"{website.url}/privacy", contact="me@example.org")
    assert (done.verdict, done.timestamp) == ("policy", "20250602120000")
    robots, asked = website.requests()
    assert (robots.path, asked.path) == ("/robots.txt", "/privacy")
    assert asked.fault is not None
    assert asked.fault.startswith("policy-tracker/")
    assert "me@example.org" in asked.fault
    with db.read() as conn:
        [kept] = snapshots.of_site(conn, site.id, archive=ARCHIVE)
        assert snapshots.body(conn, kept.id) == page()
        assert kept.archive_url == f"{website.url}/privacy"


def test_robots_txt_is_honoured(db: Database, site: Site, website: Website) -> None:
    for rules, allowed in (
        ("User-agent: *\nDisallow: /privacy", False),
        ("User-agent: policy-tracker\nDisallow:\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: other\nDisallow: /", True),
    ):
        website.pages["/robots.txt"] = rules.encode()
        done = look(db, site, f"{website.url}/privacy")
        assert (done.verdict == "policy") is allowed
        if not allowed:
            assert done.reason == "robots.txt of 127.0.0.1 forbids /privacy"
    website.status = 503
    assert look(db, site, f"{website.url}/privacy").reason == "127.0.0.1 answers 503"


def test_redirects_are_followed_within_the_site_and_not_for_ever(
    db: Database, site: Site, website: Website
) -> None:
    website.redirects = {"/old": "/newer", "/newer": "/privacy", "/round": "/round"}
    website.redirects["/away"] = "https://elsewhere.example/privacy"
    assert look(db, site, f"{website.url}/old").url == f"{website.url}/privacy"
    assert look(db, site, f"{website.url}/round").reason == (
        f"127.0.0.1 redirects more than {HOPS} times"
    )
    away = look(db, site, f"{website.url}/away")
    assert (away.verdict, away.reason) == (
        "redirect",
        "redirects to https://elsewhere.example/privacy",
    )


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104 - to be refused
        "100.64.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "[2002:7f00:1::]",
    ],
)
def test_ones_own_network_is_never_asked(
    db: Database, site: Site, website: Website, host: str
) -> None:
    port = website.url.rpartition(":")[2]
    done = look(db, site, f"http://{host}:{port}/privacy", live_private=False)
    assert done.verdict is None
    assert "no address of the public internet" in done.reason
    assert website.requests() == []


def test_the_address_that_was_looked_at_is_the_one_that_is_asked(
    website: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers another address the second time (DNS rebinding) gets nowhere."""
    port = int(website.url.rpartition(":")[2])
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(*_args: Any, **_named: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    connected: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_: Any) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Exception, match="does not answer"):
        ask(f"http://rebind.example:{port}/", public_only=True)
    assert connected == [("93.184.216.34", port)]
    with pytest.raises(PrivateAddressError):
        ask(f"http://rebind.example:{port}/", public_only=True)


def archived(db: Database, site: Site, url: str, body: bytes, at: datetime) -> str:
    """A capture of an archive, kept and judged; answers its address."""
    capture = Capture(
        urlkey=url_key(url),
        timestamp=format_timestamp(at),
        original=url,
        mimetype="text/html",
        statuscode=200,
        digest="-",
    )
    memento = Memento(
        capture=capture,
        archive_url=f"https://archive.example/{capture.timestamp}",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=body,
        fetched_at=at,
    )
    with db.write() as conn:
        captures.record(conn, site.id, "archive.example", Role.POLICY, [capture])
        listed = captures.find(conn, site.id, "archive.example", Role.POLICY, capture)
        assert listed is not None
        kept = snapshots.keep(conn, listed.id, memento)
    judge_kept(db, [kept], NO_OVERRIDES)
    return memento.archive_url


def known(db: Database, site: Site) -> list[Version]:
    analyse(db, site, normalizer=NORMALIZER)
    with db.read() as conn:
        return versions.of_site(conn, site.id)


def test_a_change_shows_live_and_a_memento_confirms_it(
    db: Database, site: Site, website: Website
) -> None:
    url = f"{website.url}/privacy"
    look(db, site, url, NOW)
    website.pages["/privacy"] = page("We now sell everything that we know of you to everybody.")
    look(db, site, url, NOW + timedelta(days=1))
    old, new = known(db, site)
    assert (old.only_live, new.only_live, new.live, new.archive_url) == (True, True, 1, url)
    where = archived(db, site, url, website.pages["/privacy"], NOW + timedelta(days=3))
    _, confirmed = known(db, site)
    assert confirmed.id == new.id
    assert confirmed.first_seen == NOW + timedelta(days=1)
    assert (confirmed.only_live, confirmed.live, confirmed.captures) == (False, 1, 2)
    assert confirmed.archive_url == where


def test_a_notice_links_to_archives_and_never_to_the_page_as_it_is_now(
    db: Database, site: Site, website: Website
) -> None:
    url = f"{website.url}/privacy"
    config = Config(notify=(rule_of({"name": "desk", "to": "mailto:desk@example.org"}),))
    archived(db, site, url, website.pages["/privacy"], NOW - timedelta(days=9))
    look(db, site, url)
    known(db, site)
    website.pages["/privacy"] = page("We now sell everything that we know of you to everybody.")
    look(db, site, url, NOW + timedelta(days=1))
    known(db, site)
    with db.read() as conn:
        [notice] = preview(conn, config, site, NOW)
    told = notice.payload
    assert (told["after"], told["before"]) == ("2025-06-02T12:00:00Z", "2025-06-03T12:00:00Z")
    assert told["after_url"] == "https://archive.example/20250524120000"
    assert (told["before_url"], told["live"]) == (url, True)


def test_the_command(website: Website, tmp_path: Path) -> None:
    run = CommandLine(folder=tmp_path)
    crawl = ("crawl", "lumenpost.example", "--archive", f"warc:{SAMPLE}", "--format", "json")
    config = tmp_path / "config.toml"
    config.write_text("[archive]\nlive_private = true\n")
    assert "live" not in run(*crawl).document["sites"][0]
    website.pages["/privacy"] = page("We keep your data for ever.")
    done = run(*crawl, "--live", "--url", f"{website.url}/privacy")
    [crawled] = done.document["sites"]
    assert crawled["live"]["verdict"] == "policy", crawled
    history = run("history", "lumenpost.example", "--format", "json").document
    assert [version["live"] for version in history["versions"]] == [False] * 7 + [True]
    config.write_text("[archive]\nlive = true\n")
    refused = run(*crawl)
    assert "127.0.0.1, no address of the public internet" in refused.err
