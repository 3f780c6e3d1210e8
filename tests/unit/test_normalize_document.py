"""What the normalizer promises of any body: never a crash, one text for one policy."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.errors import NormalizeError
from crawler.normalize.document import normalize
from tests.benchmarks.fuzz_normalize import check
from tests.fuzzed_bodies import any_body

if TYPE_CHECKING:
    from random import Random

PROSE = (
    "Wir erheben Ihren Namen und Ihre Anschrift – “nur” für die Lieferung, "
    "über die Öffnung hinaus nie."
)


PIECES = [
    *("<p>", "</p>", "<li>", "<ul>", "<ol start=3>", "</ul>", "<h2>", "</h2>", "<table>", "<tr>"),
    *("<td>", "</table>", "<br>", "<a href='/x'>", "</a>", "a-b", "-", "1.", "#", "|", "*", "**"),
    *("\\", "[x]", "](", ">", "`", "&amp;", "&lt;", "==", "--", "data", "•"),
]


def page(text: str = PROSE) -> str:
    return f"<html><body><h1>Datenschutz</h1><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    "body",
    [
        page().encode(),
        b"\xef\xbb\xbf" + page().encode(),
        page().encode("cp1252"),
        page().encode("utf-16"),
        page().encode("utf-16-le"),
        gzip.compress(page().encode()),
        zlib.compress(page().encode()),
        page().replace("<body>", '<meta charset="iso-8859-1"><body>').encode(),
        page().replace("<body>", '<meta charset="utf-8"><body>').encode("cp1252"),
    ],
    ids=["utf8", "bom", "cp1252", "utf16", "unmarked", "gzip", "zlib", "lying", "lying-utf8"],
)
def test_the_same_text_in_any_encoding(body: bytes) -> None:
    assert normalize(body).markdown == f"# Datenschutz\n\n{PROSE}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(b"a" * 20_000_000), "more than"),
        (b"<div>" * 100_000, "nested"),
        (b"<br>" * 500_000, "tags"),
        (b"<p " + b"a=1 " * 50_000 + b">", "attributes"),
        (b"\x1f\x8b\x08broken", "broken"),
        (b"%PDF-1.7 broken", "cannot be opened"),
    ],
)
def test_bombs_and_wrecks_are_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(NormalizeError, match=reason):
        normalize(body)


def test_what_surrounds_a_policy_does_not_change_it() -> None:
    plain = normalize(page().encode())
    noisy = normalize(
        page()
        .replace("<body>", "<body data-nonce=8fa7><nav><a href=/>Home</a></nav>")
        .replace("<h1>", '<h1 class="x1" id="a">')
        .replace("Namen", "<b>Na</b>men")
        .encode()
    )
    assert noisy.markdown == plain.markdown
    assert noisy.surroundings == ("[Home](/)",)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=40,
    )
)
def test_its_own_markdown_stays_as_it_is(pieces: list[str]) -> None:
    once = normalize(f"<html>{' '.join(pieces)}".encode()).markdown
    assert normalize(once.encode(), content_type="text/markdown").markdown == once


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_it(body: bytes) -> None:
    with contextlib.suppress(NormalizeError):
        assert "\x00" not in normalize(body).markdown


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_any_body_has_a_text_that_stays_or_a_reason(random: Random) -> None:
    assert check(any_body(random)) in ("text", "empty", "refused")


def test_short_policy_keeps_all_its_tabs() -> None:
    readers = "We collect your name, your address and what you order, so that the books reach you. "
    authors = "We hold the contract, your bank account and the sales of your books, for each year. "
    page = (
        "<div><a href=/>Shop</a> <a href=/cart>Cart</a></div><div><h1>Privacy</h1><div>"
        f"<div role=tabpanel><h2>Readers</h2><p>{readers}{readers}</p></div>"
        f"<div role=tabpanel style=display:none><h2>Authors</h2><p>{authors}</p></div></div></div>"
    )
    assert authors.strip() in normalize(page.encode()).markdown
