"""Materiality on real pairs of versions: what is nothing comes last, what is much comes first."""

from __future__ import annotations

import gzip
import json
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from tracker.classify.model import load
from tracker.comparison import compare
from tracker.labels import LabelBook
from tracker.materiality import materiality
from tracker.versions.kinds import kind_of_change

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.quality

OF_EACH = 15
SIZES = {"formatting": 0, "slight": 5, "some": 40, "many": 300, "most": 10**9}


@pytest.fixture(scope="module")
def scores(shared: Path) -> dict[str, list[int]]:
    """The scores of some pairs of each size, in words touched."""
    book = LabelBook(load)
    found: dict[str, list[int]] = {size: [] for size in SIZES}
    with gzip.open(shared / "pairs" / "pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for pair in map(json.loads, lines):
            touched = pair["words_added"] + pair["words_removed"] if pair["material"] else 0
            of_size = found[next(size for size, most in SIZES.items() if touched <= most)]
            if len(of_size) < OF_EACH:
                of_size.append(score(pair, book))
    return found


def score(pair: dict[str, Any], book: LabelBook) -> int:
    old, new = pair["old"], pair["new"]
    return materiality(
        compare(old, new, classify=book)["segments"],
        silent=False,
        kind=kind_of_change(old, new),
        words=pair["words_old"] + pair["words_new"],
    ).score


def test_formatting_is_nothing_and_a_few_words_are_little(scores: dict[str, list[int]]) -> None:
    assert max(scores["formatting"]) == 0
    assert median(scores["slight"]) <= 3


def test_the_more_words_of_practices_the_higher(scores: dict[str, list[int]]) -> None:
    medians = [median(scores[size]) for size in SIZES]
    assert medians == sorted(medians)
    assert medians[-1] >= 80
