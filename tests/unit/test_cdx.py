"""Reading index answers: a bad row never costs a history, a refusal never reads as an empty one."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archives.base import Answer
from crawler.archives.cdx import FIELDS, check_answer, read_arrays, read_lines
from crawler.errors import ArchiveError, ExcludedError

GOOD = [
    "com,example)/privacy",
    "20150512171210",
    "https://example.com/privacy",
    "text/html",
    "200",
    "RLG3JQF5BGBXYYL2GNM6FXIUKSPHJVC3",
    "2708",
]


def answer(body: str, status: int = 200, **headers: str) -> Answer:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(url="http://a/cdx", status=status, headers=named, body=body.encode())


def arrays(*rows: list[str]) -> bytes:
    return json.dumps([list(FIELDS), *rows]).encode()


def changed(**fields: str) -> list[str]:
    return [fields.get(name, value) for name, value in zip(FIELDS, GOOD, strict=True)]


def test_a_row_becomes_a_capture() -> None:
    (capture,) = read_arrays(arrays(GOOD)).captures
    assert (capture.timestamp, capture.original) == (GOOD[1], GOOD[2])
    assert (capture.statuscode, capture.length, capture.digest) == (200, 2708, GOOD[5])


def test_revisits_and_unknown_lengths_have_no_number() -> None:
    row = changed(mimetype="warc/revisit", statuscode="-", length="-")
    (capture,) = read_arrays(arrays(row)).captures
    assert (capture.mimetype, capture.statuscode, capture.length) == ("warc/revisit", None, None)


@pytest.mark.parametrize(
    "bad",
    [
        GOOD[:6],
        changed(timestamp="2015051217"),
        changed(timestamp="2015x512171210"),
        changed(original="org.archive.wayback: stack trace"),
        changed(original="https://example.com/a b"),
        [],
    ],
)
def test_a_bad_row_is_set_aside_alone(bad: list[str]) -> None:
    later = changed(timestamp="20160512171210")
    page = read_arrays(arrays(GOOD, bad, later))
    assert [capture.timestamp for capture in page.captures] == [GOOD[1], later[1]]
    (row,) = page.bad_rows
    assert row.reason


def test_months_and_days_of_00_are_captures() -> None:
    (capture,) = read_arrays(arrays(changed(timestamp="20150012171210"))).captures
    assert capture.timestamp == "20150012171210"


def test_repeated_rows_count_once_but_another_url_of_the_key_counts() -> None:
    http = changed(original="http://example.com/privacy")
    assert len(read_arrays(arrays(GOOD, GOOD, http)).captures) == 2


def test_the_resume_key_is_no_row() -> None:
    page = read_arrays(arrays(GOOD, [], ["com%2Cexample%29%2F+20150512171210"]))
    assert page.resume == "com%2Cexample%29%2F+20150512171210"
    assert len(page.captures) == 1
    assert not page.bad_rows


@pytest.mark.parametrize("body", [b"[]", b"[]\n"])
def test_an_empty_answer_is_empty(body: bytes) -> None:
    page = read_arrays(body)
    assert page.captures == ()
    assert page.resume is None


@pytest.mark.parametrize(
    "body", [b'[["urlkey","timest', b"Too many requests", b'{"message": "no"}', b"[1]", b"[[]]"]
)
def test_what_is_no_answer_is_no_empty_history(body: bytes) -> None:
    with pytest.raises(ArchiveError) as caught:
        read_arrays(body)
    assert caught.value.transient


@pytest.mark.parametrize(
    ("status", "transient"), [(429, True), (403, True), (503, True), (400, False), (404, False)]
)
def test_an_error_status_is_an_error_whatever_the_body(status: int, transient: bool) -> None:
    with pytest.raises(ArchiveError) as caught:
        check_answer(answer("[]", status, retry_after="7"))
    assert caught.value.transient is transient
    assert caught.value.retry_after == 7.0


def test_a_web_page_is_no_index() -> None:
    with pytest.raises(ArchiveError, match="web page"):
        check_answer(answer("<!DOCTYPE html><title>Sorry</title>"))


@pytest.mark.parametrize(
    "said",
    [
        "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error",
        "org.archive.wayback.exception.RobotAccessControlException",
        "This URL has been excluded from the Wayback Machine.",
    ],
)
def test_exclusions_are_for_good(said: str) -> None:
    with pytest.raises(ExcludedError) as caught:
        check_answer(answer(said, 403))
    assert not caught.value.transient


def test_pywb_lines_have_names_of_their_own() -> None:
    line = {"urlkey": GOOD[0], "timestamp": GOOD[1], "url": GOOD[2], "mime": "warc/revisit"}
    page = read_lines(f"{json.dumps(line | {'digest': GOOD[5]})}\nnot json\n[1]\n".encode())
    (capture,) = page.captures
    assert (capture.original, capture.statuscode) == (GOOD[2], None)
    assert len(page.bad_rows) == 2


@given(st.binary(max_size=400))
def test_no_bytes_break_the_readers(body: bytes) -> None:
    assert len(read_lines(body).captures) <= body.count(b"\n") + 1
    with suppress(ArchiveError):
        assert read_arrays(body).resume is None or b"," in body


@given(st.lists(st.lists(st.one_of(st.text(max_size=20), st.integers(), st.none())), max_size=5))
def test_no_rows_break_the_reader(rows: list[list[object]]) -> None:
    page = read_arrays(json.dumps([list(FIELDS), GOOD, *rows]).encode())
    assert page.captures[0].timestamp == GOOD[1]
