"""Derived versions against the truth: changes found and missed, and versions of nothing new."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.errors import NormalizeError
from crawler.normalize.document import normalize
from crawler.screening import screen
from storage.records import Document, Observation, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.versions.records import Derivation

Window = tuple["datetime", "datetime"]


@dataclass(slots=True)
class Score:
    """True changes found and missed, and boundaries where nothing changed."""

    found: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    versions: int = 0

    def add(
        self,
        name: str,
        derivation: Derivation,
        truth: Sequence[Sequence[datetime]],
        unjudged: Sequence[Window] = (),
    ) -> None:
        """Compare the boundaries with the moments of the first captures that show a new text.

        A boundary accounts for one true change; ``unjudged`` are spans without a known truth.
        """
        runs = derivation.runs
        windows = [(a.last_seen, b.first_seen) for a, b in pairwise(runs)]
        reasons = {w: run.reason for w, run in zip(windows, runs[1:], strict=True)}
        used: set[Window] = set()
        for moments in truth:
            hit = next(
                (w for w in windows if w not in used and any(w[0] < m <= w[1] for m in moments)),
                None,
            )
            if hit is None:
                self.missed.append(f"{name} {format_timestamp(moments[0])}")
            else:
                used.add(hit)
                self.found += 1
        self.versions += len(runs)
        self.false.extend(
            f"{name} {format_timestamp(w[0])}..{format_timestamp(w[1])} {reasons[w]}"
            for w in windows
            if w not in used and not any(low < w[1] and w[0] < high for low, high in unjudged)
        )

    def report(self) -> str:
        found, missed, false = self.found, len(self.missed), len(self.false)
        head = f"{found} found, {missed} missed, {false} false of {self.versions} versions"
        return "\n".join(
            [head, *(f"missed {m}" for m in self.missed), *(f"false {f}" for f in self.false)]
        )


class Pages:
    """Bodies read once, as observations; surroundings by snapshot id."""

    def __init__(self) -> None:
        self.observations: list[Observation] = []
        self._documents: list[Document | None] = []

    def add(
        self, body: bytes, url: str, timestamp: str, status: int, media: str | None
    ) -> Observation:
        try:
            document = normalize(body, content_type=media, url=url)
        except NormalizeError:
            document = None
        observation = Observation(
            snapshot_id=len(self.observations),
            url=url,
            timestamp=timestamp,
            archive_url=f"archive:{timestamp}/{url}",
            verdict=screen(document, status=status, url=url).verdict,
            markdown=document.markdown if document else "",
            language=document.language if document else None,
        )
        self._documents.append(document)
        self.observations.append(observation)
        return observation

    def surroundings(self, observation: Observation) -> tuple[str, ...]:
        document = self._documents[observation.snapshot_id]
        return document.surroundings if document else ()
