"""Versions of series that are harder than most, each kind with floors of its own."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

import pytest

from storage.records import Verdict, format_timestamp
from tests.quality.hard_series import MAKERS
from tests.quality.rendered_versions import NO_CHANGES, URL, longitudinal
from tests.quality.version_scoring import Pages, Score
from tracker.versions.series import derive

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from storage.records import Observation
    from tests.quality.rendered import Rendered

pytestmark = pytest.mark.quality

SERVICES = 6
TEXTS = 7
# Most that may be missed and false, of about forty versions. Thinned to a dozen captures, an A/B
# test looks like edits, and so does a promotion that two captures show over two weeks; of a
# truncated first capture nobody can tell that it is one.
FLOORS: dict[str, tuple[int, int]] = dict.fromkeys(MAKERS, (0, 0)) | {
    "every second capture": (0, 4),
    "a random half": (0, 4),
    "from the middle": (0, 3),
    "truncated at times": (1, 1),
}


@pytest.fixture(scope="module")
def histories(shared: Path) -> dict[str, list[str]]:
    """Shorter texts, to be quick."""
    furnished = {service for service, _ in NO_CHANGES}
    found = {
        service: texts[:TEXTS]
        for service, texts in longitudinal(shared).items()
        if service not in furnished and len(texts) >= 4 and max(map(len, texts)) < 30_000
    }
    return dict(list(found.items())[:SERVICES])


@pytest.mark.parametrize("kind", MAKERS)
def test_hard_series_give_their_versions_and_no_other(
    kind: str, histories: dict[str, list[str]]
) -> None:
    score = Score()
    for seed, (service, texts) in enumerate(histories.items()):
        captures = sorted(MAKERS[kind](texts, seed), key=lambda capture: capture.moment)
        pages = Pages()
        for capture in captures:
            pages.add(
                capture.body, capture.url or URL, format_timestamp(capture.moment), 200, "text/html"
            )
        derivation = derive(pages.observations, pages.surroundings)
        score.add(service, derivation, _truth(captures, pages.observations))
        shuffled = random.Random(seed).sample(pages.observations, len(captures))
        assert derive(shuffled, pages.surroundings) == derivation
    sys.stdout.write(f"{kind}: {score.report()}\n")
    missed, false = FLOORS[kind]
    assert len(score.missed) <= missed, score.report()
    assert len(score.false) <= false, score.report()


def _truth(captures: list[Rendered], observations: list[Observation]) -> list[list[datetime]]:
    """The moments at which a text other than the last one shown stands on the page."""
    moments: list[list[datetime]] = []
    before: int | None = None
    for capture, observation in zip(captures, observations, strict=True):
        if capture.text is None:
            continue
        assert observation.verdict is Verdict.POLICY
        if before is not None and capture.text != before:
            moments.append([observation.moment])
        before = capture.text
    return moments
