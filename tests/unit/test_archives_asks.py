"""The requests that archives are asked with, and which words name an archive."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.archives.base import Answer, Budget, Question
from crawler.archives.pywb import PywbArchive
from crawler.archives.registry import open_archive
from crawler.archives.warc import WarcArchive, asked_of, files_of
from crawler.archives.warc_index import WarcIndex
from crawler.archives.wayback import WaybackArchive
from crawler.errors import ArchiveError, CrawlError
from crawler.handlers import _index_response
from storage.records import Capture

SAMPLE = Path(__file__).resolve().parents[2] / "tracker" / "demo" / "archive.warc.gz"

CAPTURE = Capture(
    urlkey="com,example)/a",
    timestamp="20150512171210",
    original="http://example.com/a?b=c&d=%20e",
    mimetype="text/html",
    statuscode=200,
    digest="-",
)


def params(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_the_wayback_is_asked_for_everything_with_a_resume_key() -> None:
    ask = WaybackArchive().index_ask(Question(url="https://example.com/*", first="2015"))
    assert ask.budget is Budget.CDX
    assert ask.url.startswith("https://web.archive.org/cdx/search/cdx?")
    asked = params(ask.url)
    assert asked["url"] == ["https://example.com/%2A"]
    assert asked["from"] == ["2015"]
    assert (asked["output"], asked["showResumeKey"]) == (["json"], ["true"])
    assert "fl" not in asked


def test_a_limit_asks_for_no_resume_key() -> None:
    question = Question(
        url="example.com", match="domain", limit=5, pattern=".*privacy.*", collapse="timestamp:6"
    )
    asked = params(WaybackArchive("http://127.0.0.1:8099/").index_ask(question).url)
    assert (asked["limit"], asked["matchType"]) == (["5"], ["domain"])
    assert asked["filter"] == ["original:.*privacy.*"]
    assert asked["collapse"] == ["timestamp:6"]
    assert "showResumeKey" not in asked


def test_hints_make_the_wayback_s_answer_small() -> None:
    question = Question(url="example.com", statuscode="200", collapse="timestamp:6", pattern="x.*")
    asked = params(WaybackArchive().index_ask(question).url)
    assert asked["collapse"] == ["timestamp:6"]
    assert asked["filter"] == ["original:x.*", "statuscode:200"]


def test_a_resume_key_goes_back_as_it_came() -> None:
    question = Question(url="example.com", resume="com%2Cexample%29%2F+20150512171210")
    asked = params(WaybackArchive().index_ask(question).url)
    assert asked["resumeKey"] == ["com%2Cexample%29%2F+20150512171210"]


def test_pywb_is_asked_without_fuzzy_matching_and_for_a_regular_expression() -> None:
    question = Question(url="example.com", match="domain", pattern="(?i).*privacy|.*terms")
    asked = params(PywbArchive("http://127.0.0.1:8090/dev").index_ask(question).url)
    assert asked["allowFuzzy"] == ["0"]
    assert asked["filter"] == ["~original:(?i)(?:.*privacy|.*terms)$"]


def test_replay_is_asked_for_the_raw_capture() -> None:
    for archive in (WaybackArchive(), PywbArchive("http://127.0.0.1:8090/dev")):
        ask = archive.replay_ask(CAPTURE)
        assert ask.budget is Budget.REPLAY
        assert ask.url.endswith("/20150512171210id_/http://example.com/a?b=c&d=%20e")
        assert archive.page_url(CAPTURE) == ask.url.replace("id_/", "/")


def test_names_are_what_budgets_are_kept_under() -> None:
    assert open_archive("wayback").name == "web.archive.org"
    assert not open_archive("wayback").loopback
    assert open_archive("wayback:http://127.0.0.1:8099/").name == "http://127.0.0.1:8099"
    assert open_archive("pywb:http://localhost:8090/dev").loopback
    assert open_archive(f"warc:{SAMPLE}").name == f"warc:{SAMPLE}"


@pytest.mark.parametrize(
    "where",
    ["", "nonsense", "warc:", "warc:/no/such", "pywb:", "wayback:ftp://x", "memento:x"],
)
def test_what_is_no_archive_is_said_in_one_line(where: str) -> None:
    with pytest.raises(CrawlError) as caught:
        open_archive(where)
    assert "\n" not in str(caught.value)


def test_warc_addresses_say_what_they_ask_for() -> None:
    path = Path("/a folder/with ?/files.warc.gz")
    archive = WarcArchive(path)
    question = Question(url="example.com", match="domain", pattern="a|b", limit=3)
    address = archive.index_ask(question).url
    assert files_of(address) == path
    assert asked_of(address) == question
    assert asked_of(archive.replay_ask(CAPTURE).url) == (CAPTURE.timestamp, CAPTURE.original)


def test_a_warc_index_answers_like_a_cdx_server(tmp_path: Path) -> None:
    index = WarcIndex(SAMPLE)
    everything = index.find(Question(url="lumenpost.example", match="domain"))
    assert everything == sorted(everything, key=lambda row: (row.urlkey, row.timestamp))
    one = everything[-1]
    exact = index.find(Question(url=one.original))
    assert one in exact
    assert {row.urlkey for row in exact} == {one.urlkey}
    assert index.find(Question(url=one.original, last="1999")) == []
    assert index.find(Question(url="post.example", match="domain")) == []
    status, headers, body = index.read(one.timestamp, one.original)
    assert status == one.statuscode
    assert headers
    assert body
    (tmp_path / "empty.warc.gz").write_bytes(b"")
    with pytest.raises(ArchiveError, match="no captures"):
        WarcIndex(tmp_path)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("https://web.archive.org/web/20150512171210/http://example.com/a", None),
        ("<http://archive.example/AB12>", "http://archive.example/AB12"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://archive.example/with space", ""),
    ],
)
def test_a_record_that_says_where_it_was_taken_from_is_shown_there(
    tmp_path: Path, said: str, shown: str | None
) -> None:
    path, page = tmp_path / "copy.warc", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nPrivacy"
    headers = {
        "WARC-Type": "response",
        "WARC-Record-ID": "<urn:uuid:00000000-0000-4000-8000-000000000000>",
        "WARC-Target-URI": "http://example.com/a",
        "WARC-Date": "2015-05-12T17:12:10Z",
        "WARC-Source-URI": said,
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(page)),
    }
    lines = ["WARC/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", page, "", ""]
    path.write_bytes("\r\n".join(lines).encode())
    archive, question = WarcArchive(path), Question(url="http://example.com/a")
    answered = _index_response("warc://files", WarcIndex(path), question)
    answer = Answer(url="warc://files", status=200, headers=(), body=answered.body)
    [capture] = archive.read_index(question, answer).captures
    here = f"{archive.name}#20150512171210/http://example.com/a"
    assert archive.page_url(capture) == (here if shown == "" else shown or said)
