"""What is left of a page's source: all that is read, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import NormalizeError
from crawler.normalize import document, reduction
from crawler.normalize.document import normalize
from crawler.normalize.elements import KEPT
from crawler.normalize.html import Source, source_of
from crawler.normalize.memory import Latest
from crawler.normalize.reduction import reduce
from crawler.normalize.source import prepare
from crawler.normalize.walk import HANDLED
from tests.fuzzed_bodies import html_page, mutated

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from storage.records import Document

PAGE = (
    "<!DOCTYPE html><html lang=en><head><title>Privacy</title>"
    "<script>var a='</div>'</script></head>"
    '<body class="x9 cookie-banner-open"><nav class="css-1a menu-top"><a href="/">Home</a></nav>'
    '<main id=m1><h1>Privacy Policy</h1><p data-n="1">We collect <b>your</b> data, and <a '
    'href="/cookies" onclick="f(1)">cookies</a>.</p></main><!-- built 17:04 --></body></html>'
)


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ('<p class=a data-x="1>2">a <b>b</b></p>', "<p>a b</p>"),
        ("<div class='css-7 main-nav' id=r:1>x</div>", '<div class="nav">x</div>'),
        ('<div role="presentation">x</div>', "<div>x</div>"),
        ("<script>if (a<b) '</div>'</script>\n  <!-- <p> -->  <p>x", " <p>x"),
        ("<svg viewBox=1><path d='M0 0'/></svg>text", "text"),
        ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
        ('<a href="javascript:x" class=b>y</a>', "<a>y</a>"),
        ('<a href="/a  b">y</a>', '<a href="/a &#32;b">y</a>'),
        ("<button data-n=1 aria-expanded=false>y</button>", "<button aria-expanded>y</button>"),
        ("&#x6d;ail <i>&am</i>p;", "mail &am<!---->p;"),
        ("1 < 2 <b>< </b>p>", "1 &lt; 2 &lt; p>"),
        ('<a class=c data-cfemail="422302206c21">x</a>', "a@b.c"),
    ],
)
def test_what_is_left(source: str, left: str) -> None:
    assert reduce(source.encode(), anchored=False) == left.encode()


@pytest.mark.parametrize("source", ['<p title="<b>">x', "<p", "<title>a <b></title>", "<svg>x"])
def test_a_tag_in_doubt_leaves_the_page_to_the_parser(source: str) -> None:
    assert reduce(source.encode(), anchored=False) is None


def test_a_name_is_left_where_a_url_may_ask_for_it() -> None:
    assert b'id="terms"' in (reduce(b'<section id="terms">x', anchored=True) or b"")


def test_all_that_the_walk_handles_is_left() -> None:
    assert HANDLED <= KEPT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x9 ", "y7 "),
        ("css-1a ", ""),
        ("m1", "m2"),
        ('data-n="1"', 'data-n="2" nonce=4'),
        ("f(1)", "f(2)"),
        ("17:04", "17:05"),
        ("var a='</div>'", "var b=1<2"),
        ("<b>your</b>", "<em>your</em>"),
        ("We collect", "We \n\n collect"),
    ],
)
def test_noise_leaves_the_same(old: str, new: str) -> None:
    assert old in PAGE
    noisy = PAGE.replace(old, new).encode()
    assert source_of(noisy, "https://example.com/") == source_of(PAGE.encode(), None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("data,", "data"),
        ("/cookies", "/cookies2"),
        ("menu-top", "top"),
        ("h1>", "h2>"),
        ("<title>", "<title>The "),
        ("lang=en", "lang=de"),
    ],
)
def test_what_is_read_makes_a_difference(old: str, new: str) -> None:
    assert old in PAGE
    other = PAGE.replace(old, new).encode()
    assert source_of(other, None) != source_of(PAGE.encode(), None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<!-- built", "<!-- <p>built"),
        ("built 17:04 -->", "built --> <p>17:04"),
        ("<script>var", "<style>var"),
        ("='</div>'", "='</script>'"),
        ("x9 cookie", "x9 </script>cookie"),
        ("</p></main>", " </p></main>"),
        ("<nav", "<!-- a --> <!-- b --><nav"),
        ("Home</a>", "<span class=c data-cfemail='422302206c21'>x</span></a>"),
        ("Home", "Home &am"),
        ('<p data-n="1">We', "<pre>We   "),
    ],
)
def test_a_page_beside_its_last_capture_leaves_what_it_leaves_alone(old: str, new: str) -> None:
    """Either of the two may be the last capture of the other."""
    first, second = PAGE.encode(), PAGE.replace(old, new).encode()
    assert first != second
    for captures in ((first, second, first), (second, first, second)):
        for body in captures:
            together = reduce(body, anchored=False, page="together")
            assert together == reduce(body, anchored=False, page=f"alone {body!r}")


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_remembered_is_what_a_first_reading_gives(rng: random.Random) -> None:
    page = html_page(rng) if rng.random() < 0.5 else PAGE
    for _ in range(3):
        page = mutated(rng, page)
        body = page.replace("\0", "").encode("utf-8", "replace")
        url = rng.choice((None, "https://example.com/privacy", "https://example.com/#a"))
        assert _outcome(body, url) == _first_outcome(body, url)


def _outcome(body: bytes, url: str | None) -> Document | str:
    try:
        return normalize(body, content_type="text/html", url=url)
    except NormalizeError as error:
        return str(error)


def _first_outcome(body: bytes, url: str | None) -> Document | str:
    """The same with nothing remembered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "_memory", Latest(0))
        patch.setattr(reduction, "_traces", Latest(0))
        fresh = {
            (anchored, spaced): reduction._Pieces(anchored, spaced=spaced)
            for anchored in (False, True)
            for spaced in (False, True)
        }
        patch.setattr(reduction, "_pieces", lambda anchored, *, spaced: fresh[anchored, spaced])
        return _outcome(body, url)


@pytest.mark.quality
def test_real_pages_say_the_same_reduced_and_whole(captured_pages: list[tuple[str, bytes]]) -> None:
    """On the pages of the shared archive, every one of several captures."""
    for url, body in captured_pages:
        source = source_of(body, url)
        whole = Source(prepare(body.decode()).encode(), strict=False)
        assert source.strict
        assert document._read(source, url) == document._read(whole, url)


@pytest.fixture(scope="module")
def captured_pages(shared: Path) -> list[tuple[str, bytes]]:
    from warcio.archiveiterator import ArchiveIterator

    found = []
    with (shared / "archive" / "policies.warc.gz").open("rb") as stream:
        for number, record in enumerate(ArchiveIterator(stream)):
            body = record.content_stream().read() if number % 40 == 0 else b""
            if record.rec_type == "response" and b"<" in body[:200] and b"\0" not in body:
                found.append((record.rec_headers.get_header("WARC-Target-URI"), body))
    return found


def test_memory_is_bounded() -> None:
    memory: Latest[int, str] = Latest(1000)
    for number in range(20):
        memory.put(number, "x", 90)
    assert [number for number in range(20) if memory.get(number)] == list(range(9, 20))
    memory.put(20, "too large", 126)
    assert memory.get(20) is None
    memory.put(9, "y", 125)
    assert memory.get(9) == "y"
    assert memory.get(10) is None
