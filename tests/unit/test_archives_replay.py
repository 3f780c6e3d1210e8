"""Reading replayed captures: what is the archived page's own, and what is the archive's."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime

import pytest

from crawler.archives.base import Answer, Redirected
from crawler.archives.decoding import TooLargeError, decoded
from crawler.archives.replay import is_whole, sha1_base32
from crawler.archives.wayback import WaybackArchive
from crawler.errors import ArchiveError, CrawlError, ExcludedError, MementoError
from storage.records import Capture, Memento

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAID = ("Memento-Datetime", "Tue, 12 May 2015 17:12:10 GMT")
ARCHIVE = WaybackArchive()


def capture(**changes: object) -> Capture:
    fields: dict[str, object] = {
        "urlkey": "com,example)/privacy",
        "timestamp": "20150512171210",
        "original": "https://example.com/privacy",
        "mimetype": "text/html",
        "statuscode": 200,
        "digest": "-",
    }
    return Capture(**fields | changes)  # type: ignore[arg-type]


def read(
    status: int, *headers: tuple[str, str], body: bytes = b"text", of: Capture | None = None
) -> Memento | Redirected:
    asked = of or capture()
    url = ARCHIVE.replay_ask(asked).url
    return ARCHIVE.read_replay(
        asked, Answer(url=url, status=status, headers=headers, body=body), NOW
    )


@pytest.mark.parametrize("status", [200, 404, 429, 503])
def test_an_archived_answer_is_data_whatever_its_status(status: int) -> None:
    memento = read(status, SAID)
    assert isinstance(memento, Memento)
    assert (memento.status, memento.body) == (status, b"text")
    assert memento.archive_url == (
        "https://web.archive.org/web/20150512171210/https://example.com/privacy"
    )


@pytest.mark.parametrize(("status", "transient"), [(503, True), (504, True), (404, False)])
def test_without_a_datetime_it_is_the_archives_own_error(status: int, transient: bool) -> None:
    with pytest.raises(ArchiveError) as caught:
        read(status)
    assert caught.value.transient is transient


def test_a_page_of_the_archive_itself_is_no_capture() -> None:
    with pytest.raises(ArchiveError, match="page of its own"):
        read(200, body=b"<html>The Wayback Machine is having a rest")


def test_exclusion_is_for_good() -> None:
    with pytest.raises(ExcludedError):
        read(403, body=b"This URL has been excluded from the Wayback Machine.")


def test_the_nearest_capture_is_another_capture() -> None:
    location = "/web/20150912171210id_/https://example.com/privacy"
    with pytest.raises(MementoError, match="20150912171210"):
        read(302, ("Location", location))
    with pytest.raises(MementoError, match="20150912171210"):
        read(200, ("Memento-Datetime", "Sat, 12 Sep 2015 17:12:10 GMT"))


def test_the_same_capture_under_another_spelling_is_followed() -> None:
    found = read(302, ("Location", "/web/20150512171210id_/http://www.example.com/privacy"))
    assert isinstance(found, Redirected)
    assert found.ask.url.startswith("https://web.archive.org/web/20150512171210id_/")


@pytest.mark.parametrize(
    "location",
    ["https://example.com/privacy", "//evil.example/web/20150512171210id_/x", "http://["],
)
def test_no_redirect_leaves_the_archive(location: str) -> None:
    with pytest.raises(CrawlError):
        read(302, ("Location", location))


def test_a_redirect_to_a_login_says_nothing_of_the_capture() -> None:
    with pytest.raises(ArchiveError) as raised:
        read(302, ("Location", "https://archive.example/login"))
    assert raised.value.transient


def test_an_archived_redirect_is_kept_with_its_true_target() -> None:
    location = "/web/20150512171210id_/https://example.com/legal/privacy"
    memento = read(301, SAID, ("Location", location), body=b"")
    assert isinstance(memento, Memento)
    assert dict(memento.headers)["Location"] == "https://example.com/legal/privacy"


def test_the_pages_own_content_type_counts() -> None:
    memento = read(
        200,
        SAID,
        ("Content-Type", "text/html; charset=utf-8"),
        ("X-Archive-Orig-Content-Type", "text/html"),
    )
    assert isinstance(memento, Memento)
    assert dict(memento.headers)["Content-Type"] == "text/html"


def test_an_impossible_date_may_be_replayed_as_a_near_one() -> None:
    memento = read(
        200,
        ("Memento-Datetime", "Mon, 12 Jan 2015 17:12:10 GMT"),
        of=capture(timestamp="20150012171210"),
    )
    assert isinstance(memento, Memento)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"text"), "gzip"),
        (gzip.compress(gzip.compress(b"text")), "gzip"),
        (gzip.compress(b"text"), ""),
        (gzip.compress(gzip.compress(b"text")), "gzip, gzip"),
        (b"text", "gzip"),
        (b"text", "br"),
        (b"text", "zstd"),
        (b"text", "nonsense"),
        (zlib.compress(b"text"), "deflate"),
        (zlib.compress(b"text")[2:-4], "deflate"),
    ],
)
def test_encodings_go_whatever_the_headers_say(body: bytes, encoding: str) -> None:
    memento = read(200, SAID, ("Content-Encoding", encoding), body=body)
    assert isinstance(memento, Memento)
    assert memento.body == b"text"


def test_a_bomb_is_cut() -> None:
    bomb = gzip.compress(gzip.compress(bytes(40_000_000)))
    with pytest.raises(TooLargeError):
        decoded(bomb, "gzip", "text/html", limit=1_000_000)


def test_an_archive_file_stays_packed() -> None:
    packed = gzip.compress(b"text")
    assert decoded(packed, "", "application/gzip") == packed


def test_a_body_is_checked_by_the_digest_of_what_was_stored() -> None:
    stored = gzip.compress(b"text")
    for digest in (sha1_base32(stored), sha1_base32(b"text")):
        reply = Answer(url="http://a", status=200, headers=(), body=stored)
        assert is_whole(capture(digest=digest), reply, b"text")
    assert not is_whole(capture(digest=sha1_base32(b"other")), reply, b"text")
    assert is_whole(capture(digest="-"), reply, b"text")
