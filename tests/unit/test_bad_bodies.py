"""Bodies that no honest server sends: each ends soon, with a text or with a reason."""

from __future__ import annotations

import gzip
import time
import zlib
from datetime import UTC, datetime

import brotli
import pytest
import zstandard

from crawler.archives.decoding import MAX_BODY, TooLargeError, decoded
from crawler.judging import judge
from crawler.normalize.charset import MAX_BODY_BYTES
from crawler.normalize.document import normalize
from crawler.normalize.source import MAX_DEPTH, MAX_TAG_SPACES, MAX_TAGS
from crawler.overrides import NO_OVERRIDES
from storage.records import Capture, Memento, Screening, Verdict
from tests.fuzzed_bodies import tiny_pdf
from tracker.segment import segment

SECONDS = 10.0
"""CPU time in which the largest body must be done with, on a slow machine."""

PROSE = "Мы собираем ваши данные – “nur” für die Lieferung, y nada más."


def judged(body: bytes, content_type: str = "text/html", status: int = 200) -> Screening:
    """A body's verdict, as a crawl keeps it."""
    capture = Capture(
        urlkey="com,example)/privacy",
        timestamp="20200101000000",
        original="https://example.com/privacy",
        mimetype=content_type,
        statuscode=status,
        digest="-",
    )
    memento = Memento(
        capture=capture,
        archive_url="https://archive.example/1",
        status=status,
        headers=(("Content-Type", content_type),),
        body=body,
        fetched_at=datetime.now(UTC),
    )
    return judge(memento, NO_OVERRIDES)[1]


GIGABYTES = b"\0" * (MAX_BODY * 4)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(GIGABYTES)),
        ("", gzip.compress(GIGABYTES)),
        ("gzip, gzip", gzip.compress(gzip.compress(GIGABYTES))),
        ("deflate", zlib.compress(GIGABYTES)),
        ("zstd", zstandard.ZstdCompressor().compress(GIGABYTES)),
        ("br", brotli.compress(GIGABYTES, quality=1)),
    ],
    ids=["gzip", "unnamed", "twice", "deflate", "zstd", "br"],
)
def test_what_unpacks_to_more_than_the_limit_is_cut_off(encoding: str, packed: bytes) -> None:
    with pytest.raises(TooLargeError, match="unpacks to more"):
        decoded(packed, encoding, "text/html")


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(GIGABYTES),
        gzip.compress(gzip.compress(GIGABYTES)),
        zlib.compress(GIGABYTES),
        zstandard.ZstdCompressor().compress(GIGABYTES),
    ],
    ids=["gzip", "twice", "zlib", "zstd"],
)
def test_a_bomb_that_was_kept_is_unsupported_and_the_limit_is_named(packed: bytes) -> None:
    screening = judged(packed)
    assert screening.verdict is Verdict.UNSUPPORTED
    assert str(MAX_BODY_BYTES) in screening.reason


def wide(text: str, charset: str) -> bytes:
    return f"<html><body><h1>Privacy</h1><p>{text}</p></body></html>".encode(charset)


@pytest.mark.parametrize("charset", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", [PROSE, "個人情報の取り扱いについて。" * 40, "Мы собираем ваши данные. " * 40]
)
def test_utf16_without_a_mark_in_any_script(text: str, charset: str) -> None:
    assert normalize(wide(text, charset)).markdown == f"# Privacy\n\n{text.strip()}"


def test_broken_utf8_loses_only_what_is_broken() -> None:
    body = f"<h1>Privacy</h1><p>{PROSE} {PROSE}".encode()
    spoilt = body.replace("für".encode(), b"f\xc3r", 1)[:-1] + b"\xe2\x80"
    text = normalize(spoilt, content_type="text/html; charset=utf-8").markdown
    assert text.startswith(f"# Privacy\n\n{PROSE.split('für')[0]}f\ufffdr die Lieferung")
    assert PROSE[:-1] in text


def test_a_piece_of_another_charset_in_a_page_of_utf8() -> None:
    body = f"<h1>Privacy</h1><p>{PROSE * 8}</p><p>".encode() + "Über Grüße".encode("cp1252")
    text = normalize(body).markdown
    assert PROSE * 8 in text
    assert text.endswith("\ufffdber Gr\ufffd\ufffde")


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"<html></html>"])
def test_empty_bodies_are_empty_and_never_a_policy(body: bytes) -> None:
    assert judged(body).verdict is Verdict.EMPTY


def test_html_in_a_pdfs_clothes_and_a_pdf_in_htmls() -> None:
    text = "We collect your data and share it with nobody at all."
    page = f"<html><h1>Privacy</h1><p>{text}</p></html>".encode()
    assert normalize(page, content_type="application/pdf").markdown == f"# Privacy\n\n{text}"
    assert normalize(tiny_pdf(text), content_type="text/html").markdown == text
    assert normalize(b"\r\n\r\n" + tiny_pdf(text), content_type="text/plain").markdown == text


def test_a_pdf_of_images_is_unsupported_and_says_so() -> None:
    screening = judged(tiny_pdf(""), "application/pdf")
    assert screening.verdict is Verdict.UNSUPPORTED
    assert "scanned images" in screening.reason


LONG = 2_000_000


@pytest.mark.parametrize(
    ("body", "limit"),
    [
        pytest.param(b"<ul><li>We collect this. " * 800_000, MAX_BODY_BYTES, id="20 MB of lists"),
        pytest.param(b"<ul><li>We collect it. " * 500_000, MAX_TAGS, id="11 MB of lists"),
        pytest.param(b"<ul><li>We collect it. " * 10_000, MAX_DEPTH, id="deep lists"),
        pytest.param(b"<div>" * 100_000, MAX_DEPTH, id="deep"),
        pytest.param(b"<br>" * 500_000, MAX_TAGS, id="tags"),
        pytest.param(b"<p " + b"a=1 " * 1_000_000 + b">", MAX_TAG_SPACES, id="attributes"),
    ],
)
def test_what_is_above_a_limit_is_refused_and_the_limit_is_named(body: bytes, limit: int) -> None:
    start = time.process_time()
    screening = judged(body)
    assert screening.verdict is Verdict.UNSUPPORTED
    assert str(limit) in screening.reason
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<ul><li>We collect it. " * 900 + b"</ul>" * 900, id="nested"),
        pytest.param(b"<p a=1 b=2 c=3>x" * 100_000, id="attributes"),
        pytest.param(b"<p " + b"a=''" * 500_000 + b">text", id="quotes"),
        pytest.param(b"<p " + b"b/" * 500_000 + b">text", id="slashes"),
        pytest.param(b"<template>" * 1_900, id="templates"),
        pytest.param(b"<b><p>x " * 50_000, id="formatting"),
        pytest.param(b"<p>" + b"\\" * LONG, id="backslashes"),
        pytest.param(b"<p>" + b"- " * LONG, id="bullets"),
        pytest.param(b"<p>" + b"1. " * LONG, id="numbers"),
        pytest.param(b"<p>" + b"[](" * LONG, id="brackets"),
        pytest.param(b"<p>" + "e\u0301\u0323".encode() * LONG, id="accents"),
        pytest.param(b"# a" + b" #" * LONG + b"x", id="closing signs"),
        pytest.param(b"# a" + b" " * LONG + b"x", id="spaces"),
        pytest.param(
            (b"<h1>Privacy policy</h1><p>" + b"we collect it all " * 4) * 8_000, id="documents"
        ),
        pytest.param(b"| a |\n|" + b"-" * LONG + b"x", id="dashes"),
        pytest.param(b"- " * LONG + b"x", id="rule"),
    ],
)
def test_nothing_costs_the_square_of_its_length(body: bytes) -> None:
    start = time.process_time()
    segment(normalize(body).markdown)
    assert time.process_time() - start < SECONDS


def test_deep_lists_below_the_limits_take_room_in_proportion() -> None:
    text = normalize(b"<ul><li>We collect it. " * 5_000).markdown
    assert text.count("We collect it.") == 5_000
    assert len(text) < 5_000 * 100
    assert normalize(text.encode(), content_type="text/markdown").markdown == text
