"""A walk beside an earlier one gives what a walk alone gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import NormalizeError
from crawler.normalize import html, rewalk
from crawler.normalize.alignment import runs_in_common
from crawler.normalize.html import source_of
from crawler.normalize.memory import Latest
from crawler.normalize.walk import Walk
from tests.fuzzed_bodies import html_page, mutated

if TYPE_CHECKING:
    import random
    from pathlib import Path

URL = "https://example.com/privacy"
SECTION = (
    "<div class=cookie-banner><div><h2>Part {n}</h2><p>We keep the data of case {n}.</p>"
    "<ol start={n}><li>one {n}<ul><li><div>deep</div></li></ul></li><li value=9>two</li></ol>"
    "<button>Agree {n}</button></div></div>"
)
TABLE = (
    "<table><tr><td><div>a</div></td><td>b</td></tr><tr><td>c</td><td>d<button>x</button></td></tr>"
    "</table>"
)
LOOSE = ("</div>", "<div>", "<h3>", "<li>", "<table><tr><td>", "text", "<pre>", "</ol>", "<button>")


def _as_walked(walk: Walk) -> tuple[object, ...]:
    return walk.blocks, walk.containers(), walk.controls, walk.anchors


def _alone(markup: str) -> Walk:
    walk = Walk(URL, URL)
    walk.over(markup)
    walk.finish()
    return walk


def _agrees(page: str) -> bool:
    """Whether the walk beside the last page walked here gives what a walk alone gives."""
    try:
        parsed = html._parse(source_of(page.replace("\0", "").encode("utf-8", "replace"), URL), URL)
    except NormalizeError:
        return True
    together = rewalk.walk_page(parsed.markup, URL, URL)
    return _as_walked(together) == _as_walked(_alone(parsed.markup))


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False))
def test_edited_pages(rng: random.Random) -> None:
    parts = [SECTION.format(n=n) for n in range(12)]
    for _ in range(6):
        assert _agrees(f"<body><div>{''.join(parts)}</div></body>")
        at = rng.randrange(len(parts))
        match rng.randrange(5):
            case 0:
                parts[at] = SECTION.format(n=rng.randrange(40))
            case 1:
                parts.insert(at, rng.choice((TABLE, *LOOSE)))
            case 2 if len(parts) > 2:
                del parts[at]
            case 3:
                parts = ["<div>", *parts, "</div>"]
            case _:
                rng.shuffle(parts)


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_broken_pages(rng: random.Random) -> None:
    page = html_page(rng)
    for _ in range(4):
        assert _agrees(page)
        page = mutated(rng, page)


def test_most_of_a_page_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where an element more stands around it all."""
    monkeypatch.setattr(rewalk, "_walked", Latest(rewalk.MEMORY))
    walked: list[str] = []
    over = Walk.over

    def watched(walk: Walk, part: str) -> None:
        walked.append(part)
        over(walk, part)

    monkeypatch.setattr(Walk, "over", watched)
    page = "".join(SECTION.format(n=n) for n in range(30))
    rewalk.walk_page(f"<body><div>{page}</div></body>", URL, URL)
    first = sum(map(len, walked))
    walked.clear()
    rewalk.walk_page(f"<body><div><div>{page}</div></div></body>", URL, URL)
    assert sum(map(len, walked)) * 10 < first


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_runs_in_common(old: list[int], new: list[int]) -> None:
    at_old = at_new = 0
    for run in runs_in_common(old, new):
        assert run.old >= at_old
        assert run.new >= at_new
        assert run.length > 0
        at_old, at_new = run.old + run.length, run.new + run.length
        assert old[run.old : at_old] == new[run.new : at_new]
    assert at_old <= len(old)
    assert at_new <= len(new)


def test_runs_are_found_at_both_ends_and_between() -> None:
    assert list(runs_in_common("abcdef", "abXdeYf")) == [(0, 0, 2), (3, 3, 2), (5, 6, 1)]


@pytest.mark.quality
def test_real_captures(shared: Path) -> None:
    """Captures of the shared archive, each beside the one before it."""
    from warcio.archiveiterator import ArchiveIterator

    seen = 0
    with (shared / "archive" / "policies.warc.gz").open("rb") as stream:
        for number, record in enumerate(ArchiveIterator(stream)):
            body = record.content_stream().read() if number % 10 < 3 else b""
            if record.rec_type == "response" and b"<" in body[:200] and b"\0" not in body:
                assert _agrees(body.decode("utf-8", "replace"))
                seen += 1
    assert seen > 100
