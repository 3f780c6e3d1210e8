"""The direction of changed commitments against labels by hand (docs/commitment-direction.md)."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.quality.sample_directions import digest_of
from tracker.commitments.direction import direction
from tracker.commitments.sentences import bag
from tracker.segment import segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.segment import Segment

pytestmark = pytest.mark.quality

LABELS = Path(__file__).with_name("commitment_directions.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One labelled segment: which half it is in, its label, and what the rules say."""

    held_back: bool
    label: str
    claim: str


@pytest.fixture(scope="module")
def judged(shared: Path) -> list[Judged]:
    file = shared / "pairs" / "pairs.jsonl.gz"
    if not file.exists():
        pytest.skip("no ../shared/pairs beside the checkout")
    labels = [json.loads(line) for line in LABELS.read_text().splitlines()]
    wanted = {label["pair"] for label in labels}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        pairs = {pair["id"]: pair for pair in map(json.loads, lines) if pair["id"] in wanted}
    texts = {key: (segment(pair["old"]), segment(pair["new"])) for key, pair in pairs.items()}
    found = [judge(label, *texts[label["pair"]]) for label in labels]
    return [one for one in found if one]


def judge(
    label: dict[str, Any], old: tuple[Segment, ...], new: tuple[Segment, ...]
) -> Judged | None:
    """Ask the rules; None where the segments of today are not those that were labelled."""
    before = old[slice(*label["old"])] if label["old"] else ()
    after = new[slice(*label["new"])] if label["new"] else ()
    texts = ["".join(one.source for one in side) for side in (before, after)]
    if digest_of(*texts) != label["digest"]:
        return None
    lead = (after or before)[0].lead
    claim = direction(
        *texts,
        lead=lead.text if lead else "",
        old_text=[bag(one.source) for one in old],
        new_text=[bag(one.source) for one in new],
    )
    return Judged(
        held_back=int(label["digest"][-1], 16) % 2 == 0,
        label=label["direction"],
        claim=claim.direction if claim else "none",
    )


def precision_and_recall(judged: Iterable[Judged]) -> tuple[float, float]:
    """Of the claims, and of the labels that are not ``none``: a wrong direction is wrong twice."""
    rows = list(judged)
    right = sum(one.claim == one.label != "none" for one in rows)
    claims = sum(one.claim != "none" for one in rows)
    labels = sum(one.label != "none" for one in rows)
    return right / claims, right / labels


def test_labels_are_of_the_segments_that_were_read(judged: list[Judged]) -> None:
    assert len(judged) >= 295


def test_on_the_half_that_is_held_back(judged: list[Judged]) -> None:
    precision, recall = precision_and_recall(one for one in judged if one.held_back)
    assert precision >= 0.65
    assert recall >= 0.5


def test_on_the_half_that_the_rules_were_made_on(judged: list[Judged]) -> None:
    precision, recall = precision_and_recall(one for one in judged if not one.held_back)
    assert precision >= 0.85
    assert recall >= 0.48
