"""Floors of the diff on real pairs and on pairs with planted changes; they may only rise."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.quality.planted import Planted, plant
from tracker.diff.segments import Diff, Op, diff
from tracker.segment import segment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.quality

PLANTED_PAIRS = 300


@pytest.fixture(scope="module")
def pairs(shared: Path) -> list[dict[str, Any]]:
    with gzip.open(shared / "pairs" / "pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def planted(pairs: list[dict[str, Any]]) -> list[tuple[Planted, Diff]]:
    texts = [pair[side] for side in ("old", "new") for pair in pairs]
    found = (plant(text, seed) for seed, text in enumerate(texts))
    some = [each for each in found if each is not None][:PLANTED_PAIRS]
    assert len(some) == PLANTED_PAIRS
    return [(each, diff(segment(each.old), segment(each.new))) for each in some]


@dataclass
class Tally:
    """How many of what was planted were found."""

    planted: int = 0
    found: int = 0

    def count(self, *, found: bool) -> None:
        self.planted += 1
        self.found += found

    @property
    def share(self) -> float:
        return self.found / self.planted


def test_every_real_pair_reconstructs_to_the_letter(pairs: list[dict[str, Any]]) -> None:
    for pair in pairs:
        rows = diff(segment(pair["old"]), segment(pair["new"])).rows
        in_old_order = sorted((row.old, row.old_text) for row in rows if row.old is not None)
        assert "".join(text for _, text in in_old_order) == pair["old"]
        assert "".join(row.new_text for row in rows if row.new is not None) == pair["new"]
        for row in rows:
            assert "".join(text for op, text in row.words if op >= 0) == row.new_text
            if row.op is not Op.EQUAL:
                assert "".join(text for op, text in row.words if op <= 0) == row.old_text


def test_formatting_only_pairs_are_identical(pairs: list[dict[str, Any]]) -> None:
    formatting = [pair for pair in pairs if not pair["material"]]
    results = [diff(segment(pair["old"]), segment(pair["new"])) for pair in formatting]
    assert [result.identical for result in results] == [True] * len(formatting)


def test_moves_are_found_and_none_is_invented(planted: list[tuple[Planted, Diff]]) -> None:
    tally, invented = Tally(), 0
    for each, result in planted:
        moves = {
            (row.old_text.strip(), row.new_text.strip())
            for row in result.rows
            if row.op is Op.MOVED
        }
        expected = {(text.strip(), text.strip()) for text in each.moved}
        expected |= {(old.strip(), new.strip()) for old, new in each.moved_edited}
        for move in expected:
            tally.count(found=move in moves)
        invented += len(moves - expected)
    assert tally.share >= 0.99
    assert invented == 0


def test_splits_and_joins_keep_their_words(planted: list[tuple[Planted, Diff]]) -> None:
    splits, joins = Tally(), Tally()
    for each, result in planted:
        whole = [row for row in result.rows if row.op is Op.EQUAL and row.words_added == 0]
        for text in each.split:
            splits.count(found=any(text.strip() in row.old_text for row in whole))
        for first, second in each.joined:
            both = (first.strip(), second.strip())
            joins.count(found=any(all(text in row.old_text for text in both) for row in whole))
    assert splits.share >= 0.98
    assert joins.share >= 0.98
