"""Floors of the normalizer on real captures; they may only rise.

Words against the gold of ``archive`` (what is known stale left out), and texts of ``longitudinal``
in pages of our own: exactly the same words must come back, whatever stands around them.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from random import Random
from statistics import mean
from typing import TYPE_CHECKING, NamedTuple

import pytest
from markdown_it import MarkdownIt
from warcio.archiveiterator import ArchiveIterator

from crawler.normalize.document import normalize
from tests.quality.page_templates import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.quality

_WORD = re.compile(r"[^\W_]+")
_HEADING = re.compile(r"^\s*#{1,6} +(.*?)(?: +#+)?\s*$|^(.+)\n(?:=+|-{2,})\s*$", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+(.*\S)()", re.MULTILINE)
_TARGET = re.compile(r"\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")


def words(markdown: str) -> list[str]:
    return _WORD.findall(_TARGET.sub("] ", markdown).replace("\\", "").casefold())


def f1(got: list[str], gold: list[str]) -> float:
    shared = sum((Counter(got) & Counter(gold)).values())
    return 2 * shared / (len(got) + len(gold))


class Score(NamedTuple):
    """One capture against its gold: words, and which of its headings and list items are kept."""

    words: float
    headings: tuple[int, int]
    items: tuple[int, int]


def score(markdown: str, gold: str) -> Score:
    got, wanted = Counter(_lines(_HEADING, markdown)), Counter(_lines(_HEADING, gold))
    # An item may go on where the gold breaks its line: its first words are what must be there.
    starts = Counter(line[:size] for line in _lines(_ITEM, markdown) for size in range(1, 9))
    items = Counter(line[:8] for line in _lines(_ITEM, gold))
    return Score(
        f1(words(markdown), words(gold)),
        ((got & wanted).total(), wanted.total()),
        ((starts & items).total(), items.total()),
    )


def _lines(pattern: re.Pattern[str], text: str) -> list[tuple[str, ...]]:
    found = (tuple(words(match[1] or match[2] or "")) for match in pattern.finditer(text))
    return [line for line in found if line]


def gold_captures(shared: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Document and gold of every capture that has one and is not known stale, by URL and time."""
    wanted = {}
    for line in (shared / "archive" / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row.get("gold") or {"gold-stale", "suspect-content"} & set(row["flags"]):
            continue
        # Of a page of several documents the gold of all is named; what is wanted is on privacy.
        paths = [path for path in row["gold"] if "/privacy-policy/" in path] or row["gold"]
        texts = [(shared / "archive" / path).read_text(encoding="utf-8") for path in paths]
        document = f"{row['site']}, {row['doc']}"
        wanted[row["url"], row["timestamp"]] = document, "\n\n".join(texts)
    return wanted


@pytest.fixture(scope="module")
def scores(shared: Path) -> dict[str, list[Score]]:
    """Every capture's score, by document."""
    wanted = gold_captures(shared)
    known: dict[tuple[str, str], Score] = {}
    found: dict[str, list[Score]] = {}
    with (shared / "archive" / "policies.warc.gz").open("rb") as stream:
        for record in ArchiveIterator(stream):
            url = record.rec_headers.get_header("WARC-Target-URI")
            moment = re.sub(r"\D", "", record.rec_headers.get_header("WARC-Date") or "")[:14]
            if record.rec_type != "response" or (url, moment) not in wanted:
                continue
            document, gold = wanted[url, moment]
            text = normalize(record.content_stream().read(), url=url).markdown
            if (text, gold) not in known:
                known[text, gold] = score(text, gold)
            found.setdefault(document, []).append(known[text, gold])
    return found


def test_words_against_gold(scores: dict[str, list[Score]]) -> None:
    for document, of_it in sorted(scores.items()):
        least, average = min(w.words for w in of_it), mean(w.words for w in of_it)
        headings, items = share(w.headings for w in of_it), share(w.items for w in of_it)
        sys.stdout.write(
            f"{document:50} {len(of_it):4} captures, F1 mean {average:.4f}, least {least:.4f}, "
            f"headings {headings:.3f}, items {items:.3f}\n"
        )
    found = sorted(one.words for of_it in scores.values() for one in of_it)
    assert len(found) >= 850
    assert mean(found) >= 0.9975
    assert found[len(found) // 10] >= 0.995
    assert found[0] >= 0.95


def test_headings_and_items_are_kept(scores: dict[str, list[Score]]) -> None:
    every = [one for of_it in scores.values() for one in of_it]
    assert share(one.headings for one in every) >= 0.998
    assert share(one.items for one in every) >= 0.99


def share(counts: Iterable[tuple[int, int]]) -> float:
    kept, wanted = map(sum, zip(*counts, strict=True))
    return kept / wanted if wanted else 1.0


@pytest.mark.parametrize("style", sorted(PAGES))
def test_the_text_alone_comes_back(shared: Path, style: str) -> None:
    parser = MarkdownIt("commonmark").enable("table")
    services: dict[str, str] = {}
    with gzip.open(shared / "longitudinal" / "versions.jsonl.gz", "rt", encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            services.setdefault(row["service"], row["text"])
    exact = 0
    for text in services.values():
        html = parser.render(text)
        alone = words(normalize(f"<html><main>{html}</main>".encode()).markdown)
        seen = [words(normalize(PAGES[style](html, Random(at)).encode()).markdown) for at in (0, 1)]
        assert seen[0] == seen[1]
        exact += seen[0] == alone
    # A few of these texts have menus of their own inside, which go wherever they stand.
    assert exact >= len(services) * 0.8
