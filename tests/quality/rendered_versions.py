"""Scores the versions of the shared longitudinal texts, rendered into noisy pages.

What stands in the way of a perfect score and is no fault of the derivation is argued here, and
counted in the report.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Final

from crawler.wording import word_key
from storage.records import Verdict, format_timestamp
from tests.quality.rendered import PROMOTIONS, TEMPLATES, series, shown
from tests.quality.version_scoring import Pages, Score, Window
from tracker.versions.series import derive

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from storage.records import Observation

URL: Final = "https://example.com/privacy"

NO_CHANGES: Final = {
    ("ASUS", 1): "links between the site's legal pages above the title",
    ("FedEx", 3): "'back to top' after each section goes",
    ("Google", 24): "the button 'close' of a dialog",
    ("Google", 27): "a second button 'close'",
    ("Google Voice", 19): "the button 'close' of a dialog",
    ("Google Voice", 23): "a second button 'close'",
    ("OPay", 22): "an item of the site's menu",
    ("Qwant", 13): "the footer's links",
    ("The Guardian", 3): "a button to share the page",
    ("The Guardian", 4): "the page's tag, twice",
}
"""Texts (service, number in its series) that differ from the one before by a page's furniture
alone, which the gold's selectors took in. A version there is counted neither way."""


@dataclass(slots=True)
class RenderedScore:
    """A score, what it leaves out, and the versions that no one could tell from an edit."""

    score: Score = field(default_factory=Score)
    furniture: int = 0
    undecidable: list[str] = field(default_factory=list)

    def report(self) -> str:
        return "\n".join(
            [
                self.score.report(),
                f"{self.furniture} texts differ by furniture alone",
                f"{len(self.undecidable)} promotions on a series' first or last capture alone",
                *(f"undecidable {name}" for name in self.undecidable),
            ]
        )


def score_rendered(shared: Path, *, turn: int) -> RenderedScore:
    """Score all services, each in one template; another ``turn`` takes the next, and new noise."""
    result = RenderedScore()
    for number, (service, texts) in enumerate(longitudinal(shared).items()):
        pages, truth, furniture = _captured(
            service, texts, template=(number + turn) % len(TEMPLATES), seed=number + 1000 * turn
        )
        result.furniture += len(furniture)
        ends = _promoted_ends(pages.observations)
        before = len(result.score.false)
        result.score.add(service, derive(pages.observations, pages.surroundings), truth, furniture)
        for false in result.score.false[before:]:
            if any(false.startswith(f"{service} {a}..{b} ") for a, b in ends):
                result.score.false.remove(false)
                result.undecidable.append(false)
    return result


def _captured(
    service: str, texts: list[str], *, template: int, seed: int
) -> tuple[Pages, list[list[datetime]], list[Window]]:
    """Return the captures, the moments at which the text is new, and where furniture changed."""
    pages = Pages()
    truth: list[list[datetime]] = []
    furniture: list[Window] = []
    before, last = 0, None
    for capture in series(texts, template=template, seed=seed):
        moment = capture.moment.replace(microsecond=0)
        media = "text/html"
        pages.add(capture.body, URL, format_timestamp(moment), 200, media)
        if capture.text is None:
            continue
        if capture.text != before:
            before = capture.text
            if (service, before) in NO_CHANGES and last:
                furniture.append((last, moment))
            else:
                truth.append([moment])
        last = moment
    return pages, truth, furniture


def _promoted_ends(observations: Sequence[Observation]) -> list[tuple[str, str]]:
    """Return the first and the last two usable captures where the outer one shows a promotion.

    One that no other capture of the series hints at is, seen once and at an end of what is known,
    like a sentence that was withdrawn, or has just been added.
    """
    usable = [o for o in observations if o.verdict is Verdict.POLICY]
    return [
        (a.timestamp, b.timestamp)
        for outer, a, b in ((usable[0], *usable[:2]), (usable[-1], *usable[-2:]))
        if any(promotion in outer.markdown for promotion in PROMOTIONS)
    ]


def longitudinal(shared: Path) -> dict[str, list[str]]:
    """Return, by service, its texts in order, each wording once, without broken extractions."""
    texts: dict[str, list[str]] = defaultdict(list)
    seen: set[tuple[str, str]] = set()
    with gzip.open(shared / "longitudinal" / "versions.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            version = json.loads(line)
            key = (version["service"], word_key(shown(version["text"])))
            if key not in seen:
                seen.add(key)
                texts[version["service"]].append(version["text"])
    return {
        service: [text for text in found if len(text) > median(map(len, found)) / 5]
        for service, found in texts.items()
    }
