"""Timemaps of RFC 7089 in the forms that archives give them, and replay by their addresses."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from crawler.archives.base import Answer, Question, Redirected
from crawler.archives.link_format import read_links
from crawler.archives.registry import open_archive
from crawler.errors import ArchiveError, ExcludedError, MementoError, UnsupportedError
from storage.records import Memento

BASE = "http://archive.example/timemap/link/"
PAGE = "https://example.com/privacy?a=1,2"
ARCHIVE = open_archive(f"memento:{BASE}")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIMEMAP = f"""<{PAGE}>; rel="original",
 <{BASE}{PAGE}>; rel="self"; type="application/link-format"; from="Tue, 12 May 2015 17:12:10 GMT",
 <http://archive.example/2/{PAGE}>; rel="timemap"; type="application/link-format",
 <http://elsewhere.example/timemap/{PAGE}>; rel="timemap",
 <http://archive.example/web/20150512171210/https://www.example.com/privacy?a=1,2>
   ; rel="first memento"; datetime="Tue, 12 May 2015 17:12:10 GMT",
 <http://archive.example/AB12-CD34>;rel=memento;datetime="Wed, 13 May 2015 00:00:00 GMT",
 <http://archive.example/without-a-time>; rel="memento",
 <http://web.archive.org/web/20160101000000/https://example.com/privacy>; rel="last memento";
   datetime="Fri, 01 Jan 2016 00:00:00 GMT"
"""


def answer(body: str, status: int = 200, *, url: str = BASE + PAGE, **headers: str) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(url=url, status=status, headers=named, body=body.encode())


def test_links_are_read_with_commas_in_addresses_and_dates() -> None:
    links = list(read_links(TIMEMAP))
    assert len(links) == 8
    assert links[0].url == PAGE
    assert links[4].relations == {"first", "memento"}
    assert links[4].moment == datetime(2015, 5, 12, 17, 12, 10, tzinfo=UTC)
    assert links[6].moment is None


def test_a_timemap_in_link_format() -> None:
    page = ARCHIVE.read_index(Question(url=PAGE), answer(TIMEMAP))
    first, second = page.captures
    assert (first.timestamp, first.original) == (
        "20150512171210",
        "https://www.example.com/privacy?a=1,2",
    )
    assert (second.timestamp, second.original) == ("20150513000000", PAGE)
    assert second.memento_url == "http://archive.example/AB12-CD34"
    assert [row.reason for row in page.bad_rows] == [
        "a memento without a time",
        "the Wayback Machine's: ask it with --archive wayback",
    ]


def test_pages_are_followed_once_each_and_in_the_archive_alone() -> None:
    question = Question(url=PAGE)
    page = ARCHIVE.read_index(question, answer(TIMEMAP))
    second = Question(url=PAGE, resume=page.resume)
    ask = ARCHIVE.index_ask(second)
    assert ask.url == f"http://archive.example/2/{PAGE}"
    body = f'<{BASE}{PAGE}>; rel="prev timemap", <http://archive.example/3>; rel="next timemap"'
    third = ARCHIVE.read_index(second, answer(body, url=ask.url))
    assert ARCHIVE.index_ask(Question(url=PAGE, resume=third.resume)).url.endswith("/3")
    last = ARCHIVE.read_index(
        Question(url=PAGE, resume=third.resume),
        answer(f'<{ask.url}>; rel="timemap"', url="http://archive.example/3"),
    )
    assert last.resume is None


def test_bounds_are_kept() -> None:
    page = ARCHIVE.read_index(Question(url=PAGE, first="20150513"), answer(TIMEMAP))
    assert [capture.timestamp for capture in page.captures] == ["20150513000000"]
    page = ARCHIVE.read_index(Question(url=PAGE, limit=1), answer(TIMEMAP))
    assert len(page.captures) == 1


def test_json_of_the_aggregator() -> None:
    document = {
        "original_uri": PAGE,
        "mementos": {
            "list": [{"datetime": "2015-05-12T17:12:10Z", "uri": "http://archive.example/1"}]
        },
        "pages": {"next": {"uri": "http://archive.example/timemap/json/2/x"}},
    }
    page = ARCHIVE.read_index(Question(url=PAGE), answer(json.dumps(document)))
    assert [capture.timestamp for capture in page.captures] == ["20150512171210"]
    assert page.resume is not None
    with pytest.raises(ArchiveError, match="cannot be read"):
        ARCHIVE.read_index(Question(url=PAGE), answer('{"mementos": {"list": [1]}}'))


def test_json_rows_are_replayed_beside_the_timemap() -> None:
    archive = open_archive("memento:http://archive.example/dev/timemap/json/")
    row = {"urlkey": "k", "timestamp": "20150512171210", "url": "https://example.com/"}
    rows = json.dumps(row | {"status": "200"}) + "\n"
    (capture,) = archive.read_index(Question(url=PAGE), answer(rows)).captures
    assert capture.statuscode == 200
    asked = archive.replay_ask(capture)
    assert asked.url == "http://archive.example/dev/20150512171210id_/https://example.com/"


def test_what_is_no_timemap() -> None:
    assert ARCHIVE.read_index(Question(url=PAGE), answer("", 404)).captures == ()
    assert ARCHIVE.read_index(Question(url=PAGE), answer("")).captures == ()
    with pytest.raises(ArchiveError, match="web page"):
        ARCHIVE.read_index(Question(url=PAGE), answer("<html>", content_type="text/html"))
    with pytest.raises(ExcludedError):
        ARCHIVE.read_index(Question(url=PAGE), answer("URL has been excluded", 403))
    with pytest.raises(UnsupportedError):
        ARCHIVE.index_ask(Question(url="example.com", match="domain"))


def test_replay_is_raw_where_the_address_allows_it_and_the_server_does() -> None:
    wayback, other = ARCHIVE.read_index(Question(url=PAGE), answer(TIMEMAP)).captures
    raw = ARCHIVE.replay_ask(wayback).url
    assert raw.startswith("http://archive.example/web/20150512171210id_/https://www.example.com/")
    again = ARCHIVE.read_replay(wayback, answer("", 404, url=raw), NOW)
    assert isinstance(again, Redirected)
    assert again.ask.url == wayback.memento_url
    assert ARCHIVE.replay_ask(other).url == "http://archive.example/AB12-CD34"
    said = "Wed, 13 May 2015 00:00:00 GMT"
    came = answer("text", url="http://archive.example/AB12-CD34", Memento_Datetime=said)
    memento = ARCHIVE.read_replay(other, came, NOW)
    assert isinstance(memento, Memento)
    assert memento.archive_url == "http://archive.example/AB12-CD34"
    with pytest.raises(MementoError, match="20150513"):
        ARCHIVE.read_replay(wayback, answer("text", url=raw, Memento_Datetime=said), NOW)
    with pytest.raises(MementoError, match="out of itself"):
        ARCHIVE.read_replay(other, answer("", 302, Location="http://example.com/"), NOW)


def test_the_internet_archive_has_one_budget_however_it_is_asked() -> None:
    archive = open_archive("memento:https://web.archive.org/web/timemap/link/")
    assert archive.name == open_archive("wayback").name
