"""Floors of the normalizer on real captures; they may only rise.

Words against the gold of ``archive`` (what is known stale left out), and texts of ``longitudinal``
in pages of our own: exactly the same words must come back, whatever stands around them.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from random import Random
from statistics import mean
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from warcio.archiveiterator import ArchiveIterator

from crawler.normalize.document import normalize
from tests.quality.page_templates import PAGES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.quality

_WORD = re.compile(r"[^\W_]+")
_TARGET = re.compile(r"\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")


def words(markdown: str) -> list[str]:
    return _WORD.findall(_TARGET.sub("] ", markdown).replace("\\", "").casefold())


def f1(got: list[str], gold: list[str]) -> float:
    shared = sum((Counter(got) & Counter(gold)).values())
    return 2 * shared / (len(got) + len(gold))


def gold_captures(shared: Path) -> dict[tuple[str, str], list[str]]:
    """The captures of privacy policies that bring in a version of the gold, by URL and time."""
    wanted = {}
    for line in (shared / "archive" / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        stale = {"gold-stale", "suspect-content"} & set(row["flags"])
        if row["doc"] == "Privacy Policy" and "gold" in row.get("role", ()) and not stale:
            # Of a page of several documents the gold of all is named; what is wanted is on privacy.
            gold = [path for path in row["gold"] if "/privacy-policy/" in path]
            wanted[row["url"], row["timestamp"]] = gold or row["gold"]
    return wanted


def test_words_against_gold(shared: Path) -> None:
    wanted = gold_captures(shared)
    scores = []
    with (shared / "archive" / "policies.warc.gz").open("rb") as stream:
        for record in ArchiveIterator(stream):
            url = record.rec_headers.get_header("WARC-Target-URI")
            moment = re.sub(r"\D", "", record.rec_headers.get_header("WARC-Date") or "")[:14]
            if record.rec_type != "response" or (url, moment) not in wanted:
                continue
            body = record.content_stream().read()
            gold = "\n\n".join(
                (shared / "archive" / path).read_text(encoding="utf-8")
                for path in wanted[url, moment]
            )
            scores.append(f1(words(normalize(body, url=url).markdown), words(gold)))
    scores.sort()
    assert len(scores) >= 50
    assert mean(scores) >= 0.997
    assert scores[len(scores) // 10] >= 0.995
    assert scores[0] >= 0.955


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
