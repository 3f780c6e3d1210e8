"""What a change did to each practice category, on pairs made from annotated policies.

The model that ships saw the annotations, so this holds the way from two texts to the changes of
their practices; on policies that a model did not see the same score is 0.82 (model card).
"""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.quality.annotated_pairs import (
    AnnotatedPair,
    edited_pair,
    formatted_pair,
    moved_pair,
    read_policies,
)
from tracker.classify.model import load
from tracker.comparison import change_practices, compare
from tracker.labels import LabelBook

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.quality.annotated_pairs import Statement
    from tracker.classify.model import Classifier
    from tracker.comparison import PracticeJson

pytestmark = pytest.mark.quality

SEED = 20


@pytest.fixture(scope="module")
def policies(shared: Path) -> dict[int, list[Statement]]:
    folder = shared / "opp115"
    if not folder.exists():
        pytest.skip("no ../shared/opp115 beside the checkout")
    return read_policies(folder)


@cache
def shipped() -> Classifier:
    """The model that ships, loaded once."""
    return load()


def practices(old: str, new: str) -> list[PracticeJson]:
    """The changes of practice between two texts, as ``tracker compare`` finds them."""
    comparison = compare(old, new, classify=LabelBook(shipped), directions=False)
    return change_practices(comparison["segments"])


def micro_f1(pairs: Iterable[AnnotatedPair]) -> float:
    """Of (category, added or removed) over all pairs."""
    hits = claims = truth = 0
    for pair in pairs:
        found = {
            (one["category"], way)
            for one in practices(pair.old, pair.new)
            for way, count in (("added", one["added"]), ("removed", one["removed"]))
            if count
        }
        hits += len(found & pair.changes)
        claims += len(found)
        truth += len(pair.changes)
    return 2 * hits / (claims + truth)


def test_categories_added_and_removed(policies: dict[int, list[Statement]]) -> None:
    rnd = random.Random(SEED)
    statements = [one for own in policies.values() for one in own]
    pairs = [edited_pair(key, own, statements, rnd) for key, own in policies.items()]
    assert len(pairs) >= 80
    assert micro_f1(pairs) >= 0.94


def test_moving_and_formatting_change_no_practice(policies: dict[int, list[Statement]]) -> None:
    for key, own in policies.items():
        for old, new in (moved_pair(own, random.Random(key)), formatted_pair(own)):
            assert practices(old, new) == [], key
