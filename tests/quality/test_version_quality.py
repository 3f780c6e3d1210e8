"""Versions against the hand-made gold of the shared archive."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.wording import words
from storage.records import Observation, Verdict, parse_timestamp
from tests.quality.version_scoring import Pages, Score, Window
from tracker.versions.series import derive

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

pytestmark = pytest.mark.quality

# Floors as reached, share of true changes found and of false versions; the goal is .98 and .02.
FOUND, FALSE = 1.0, 0.012
# Changes of the gold by which a reader sees none: eight days without Cloudflare's hiding of mail
# addresses, and back. The same addresses stand in the browser all the time.
HIDDEN = 2
_HIDDEN = re.compile(r"\\?\[email\s*protected\\?\]")
_MAIL = re.compile(rf"{_HIDDEN.pattern}|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

# Real changes that the gold stops short of or never had, each looked at in the page itself.
UNRECORDED = {
    ("brevo.com", "privacy-policy"): "20240910183000",
    ("buffer.com", "developer-terms"): "20260804003006",
    ("buffer.com", "privacy-policy"): "20260721003007",
    ("doctolib.legal", "privacy-policy"): "20250805003001",
    ("opencollective.com", "terms-of-service"): "20260804123016",
    ("uptimerobot.com", "privacy-policy"): "20260810123031",
    ("picroma.com", "privacy-policy"): "20120417024347",
    ("picoquant.com", "privacy-policy"): "20160629190948",
}


def test_the_archive_gives_its_versions_and_no_other(shared: Path) -> None:
    score = Score()
    hidden = 0
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
        changes = [
            (old, new)
            for old, new in pairwise(versions)
            if new["type"] == "change" and new["true_change"]
        ]
        seen = [new for old, new in changes if not _only_mail_addresses(shared, old, new)]
        hidden += len(changes) - len(seen)
        score.add(
            f"{site} {name}",
            derive([_admitted(o, name) for o in pages.observations], pages.surroundings),
            [[parse_timestamp(t) for t in version["capture_timestamps"]] for version in seen],
            _unjudged(versions, UNRECORDED.get((site, name))),
        )
    sys.stdout.write(f"{score.report()}\n{hidden} changes of the gold are none to a reader\n")
    assert hidden <= HIDDEN
    assert score.found >= FOUND * (score.found + len(score.missed)), score.report()
    assert len(score.false) <= FALSE * score.versions, score.report()


def _only_mail_addresses(shared: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether one side hides the addresses that the other shows, and the rest is the same."""
    texts = [(shared / "archive" / version["path"]).read_text("utf-8") for version in (old, new)]
    before, after = (words(_MAIL.sub("address", text)) for text in texts)
    return before == after and sum(_HIDDEN.search(text) is not None for text in texts) == 1


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
