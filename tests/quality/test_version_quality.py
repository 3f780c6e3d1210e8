"""Versions against the truth: the archive's hand-made gold, and texts rendered into noisy pages."""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.errors import NormalizeError
from crawler.normalize.document import normalize
from crawler.screening import screen
from crawler.wording import word_key
from storage.records import Document, Observation, Verdict, format_timestamp, parse_timestamp
from tests.quality.rendered import TEMPLATES, series, shown
from tracker.versions.series import derive

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from tracker.versions.records import Derivation

pytestmark = pytest.mark.quality

# Floors as reached, share of true changes found and of false versions; the goal is .98 and .02.
# Missed in the archive are brevo.com's mail addresses, hidden from robots for eight days and shown
# again, which are no change; missed of the rendered texts are buttons ("Back to top") inside them.
RENDERED_FOUND, RENDERED_FALSE = 0.984, 0.013
ARCHIVE_FOUND, ARCHIVE_FALSE = 0.95, 0.035

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


def test_rendered_texts_give_their_versions_and_no_other(shared: Path) -> None:
    score = Score()
    for number, (service, texts) in enumerate(_longitudinal(shared).items()):
        pages, truth = Pages(), []
        before = 0
        for capture in series(texts, template=number % len(TEMPLATES), seed=number):
            pages.add(
                capture.body,
                "https://example.com/privacy",
                format_timestamp(capture.moment),
                200,
                "text/html; charset=utf-8",
            )
            if capture.text is not None and capture.text != before:
                before = capture.text
                truth.append([capture.moment.replace(microsecond=0)])
        score.add(service, derive(pages.observations, pages.surroundings), truth)
    sys.stdout.write(score.report() + "\n")
    assert score.found >= RENDERED_FOUND * (score.found + len(score.missed)), score.report()
    assert len(score.false) <= RENDERED_FALSE * score.versions, score.report()


def _longitudinal(shared: Path) -> dict[str, list[str]]:
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


# Real changes that the gold stops short of or never had, each looked at in the page itself.
UNRECORDED = {
    ("brevo.com", "privacy-policy"): "20240910183000",
    ("buffer.com", "privacy-policy"): "20260721003007",
    ("doctolib.legal", "privacy-policy"): "20250805003001",
    ("opencollective.com", "terms-of-service"): "20260804123016",
    ("uptimerobot.com", "privacy-policy"): "20260810123031",
    ("picroma.com", "privacy-policy"): "20120417024347",
    ("picoquant.com", "privacy-policy"): "20160629190948",
}


def test_the_archive_gives_its_versions_and_no_other(shared: Path) -> None:
    score = Score()
    bodies = _bodies(shared)
    captures = _jsonl(shared / "archive" / "manifest.jsonl")
    for (site, name), versions in sorted(_gold(shared).items()):
        document = versions[0]["doc"]
        pages = Pages()
        for capture in captures:
            documents = {capture["doc"], *(capture.get("also_docs") or [])}
            if capture["site"] != site or document not in documents:
                continue
            if not {"gold-stale", "suspect-content"}.isdisjoint(capture["flags"]):
                continue
            body, media = bodies[capture["url"], capture["timestamp"]]
            pages.add(
                body, _fragment(capture, name), capture["timestamp"], capture["status"], media
            )
        score.add(
            f"{site} {name}",
            derive([_admitted(o, name) for o in pages.observations], pages.surroundings),
            [
                [parse_timestamp(t) for t in version["capture_timestamps"]]
                for version in versions
                if version["type"] == "change" and version["true_change"]
            ],
            _unjudged(versions, UNRECORDED.get((site, name))),
        )
    sys.stdout.write(score.report() + "\n")
    assert score.found >= ARCHIVE_FOUND * (score.found + len(score.missed)), score.report()
    assert len(score.false) <= ARCHIVE_FALSE * score.versions, score.report()


def _admitted(observation: Observation, name: str) -> Observation:
    """Let terms of service through: the gold has versions of them, the screen no policies."""
    if name == "privacy-policy" or observation.verdict is not Verdict.NOT_POLICY:
        return observation
    return replace(observation, verdict=Verdict.POLICY)


# The fragments by which a site's own links name the documents of its one page.
FRAGMENTS = {
    "privacy-policy": "privacy-policy",
    "terms-of-service": "current-terms-of-use",
    "copyright-claims-policy": "dmca",
    "developer-terms": "api",
}


def _fragment(capture: dict[str, Any], name: str) -> str:
    """Name the document wanted on a page that holds several, as a discovered link would."""
    url: str = capture["url"]
    return f"{url}#{FRAGMENTS[name]}" if capture.get("also_docs") else url


def _unjudged(versions: Iterable[dict[str, Any]], unrecorded: str | None) -> list[Window]:
    """Return spans without a known truth: at technical versions, and where the gold is short."""
    day = timedelta(days=1)
    spans = [
        (parse_timestamp(t) - day, parse_timestamp(t) + day)
        for version in versions
        if version["type"] == "technical"
        for t in version["capture_timestamps"]
    ]
    if unrecorded:
        spans.append((parse_timestamp(unrecorded), parse_timestamp("9999")))
    return spans


def _gold(shared: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    gold: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for version in _jsonl(shared / "archive" / "gold" / "index.jsonl"):
        gold[version["site"], version["doc_slug"]].append(version)
    return gold


def _jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _bodies(shared: Path) -> dict[tuple[str, str], tuple[bytes, str | None]]:
    """Return body and content type of every capture, revisits resolved by payload digest."""
    found: dict[tuple[str, str], tuple[bytes, str | None]] = {}
    by_digest: dict[str, tuple[bytes, str | None]] = {}
    with (shared / "archive" / "policies.warc.gz").open("rb") as file:
        for record in ArchiveIterator(file):
            headers = record.rec_headers
            url = headers.get_header("WARC-Target-URI")
            timestamp = "".join(filter(str.isdigit, headers.get_header("WARC-Date")))[:14]
            digest = headers.get_header("WARC-Payload-Digest")
            if record.rec_type == "response":
                media = record.http_headers.get_header("Content-Type")
                by_digest[digest] = (record.content_stream().read(), media)
            if record.rec_type in ("response", "revisit"):
                found[url, timestamp] = by_digest[digest]
    return found
