"""Discovery from the domain alone, over the real captures of the shared archive.

Run ``python -m tests.quality.test_discovery_quality`` for the table.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Final

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.discovery import Discovery
from crawler.urls import url_key
from storage.records import Capture, parse_timestamp
from tests.conftest import SHARED
from tests.memory_archive import MemoryArchive, Page

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

pytestmark = pytest.mark.quality

REQUESTS_A_SITE: Final = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What discovery made of a site, beside the manifest: years are (year, URL key) pairs."""

    site: str
    expected: frozenset[tuple[int, str]]
    covered: frozenset[tuple[int, str]]
    strangers: tuple[str, ...]
    missed_captures: int
    index_queries: int
    replays: int
    policies: tuple[str, ...]


@cache
def manifest(folder: Path) -> tuple[dict[str, str], ...]:
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


def _replay(places: dict[tuple[str, str], int], warc: Path, url: str, stamp: str) -> Page:
    """Read one response of the WARC where it lies."""
    with warc.open("rb") as stream:
        stream.seek(places[url, stamp])
        record = next(iter(ArchiveIterator(stream)))
        status = int(record.http_headers.get_statuscode())
        return status, tuple(record.http_headers.headers), record.content_stream().read()


@cache
def shared_archive(folder: Path) -> MemoryArchive:
    """Index rows from the manifest, bodies from the WARC in place."""
    archive, places = MemoryArchive(), {}
    warc = folder / "policies.warc.gz"
    with warc.open("rb") as stream:
        records = ArchiveIterator(stream)
        for record in records:
            if record.rec_type == "response":
                stamp = re.sub(r"\D", "", record.rec_headers["WARC-Date"])[:14]
                places[record.rec_headers["WARC-Target-URI"], stamp] = records.get_record_offset()
    for row in manifest(folder):
        url, stamp = row["url"], row["timestamp"]
        archive.rows.append(
            Capture(
                urlkey=url_key(url),
                timestamp=stamp,
                original=url,
                mimetype=row["mimetype"].partition(";")[0],
                statuscode=None if row["record"] == "revisit" else int(row["status"]),
                digest=row["digest"],
            )
        )
        archive.pages[url, stamp] = partial(_replay, places, warc, url, stamp)
    return archive


def discover(folder: Path, site: str) -> Outcome:
    """Drive discovery for one site and compare with what the manifest says of it."""
    archive = shared_archive(folder)
    archive.log.clear()
    found = archive.drive(Discovery(site)).policies()
    bounds: dict[str, tuple[datetime | None, datetime | None]] = {
        url_key(policy.url): (policy.since, policy.until) for policy in found
    }
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    expected, covered, missed = set(), set(), 0
    for row in manifest(folder):
        key, moment = url_key(row["url"]), parse_timestamp(row["timestamp"])
        kinds[key][row["kind"]] += 1
        if row["site"] != site or row["kind"] != "policy":
            continue
        if "Privacy" not in (row["doc"] or ""):
            continue
        expected.add((moment.year, key))
        since, until = bounds.get(key, (None, None))
        in_span = (since is None or since <= moment) and (until is None or moment < until)
        if key in bounds and in_span:
            covered.add((moment.year, key))
        else:
            missed += 1
    asked = Counter(line.partition(" ")[0] for line in archive.log)
    return Outcome(
        site=site,
        expected=frozenset(expected),
        covered=frozenset(covered),
        strangers=tuple(p.url for p in found if not kinds[url_key(p.url)]["policy"]),
        missed_captures=missed,
        index_queries=asked["index"],
        replays=asked["replay"],
        policies=tuple(p.url for p in found),
    )


def sites(folder: Path) -> list[str]:
    return sorted({row["site"] for row in manifest(folder)})


def test_every_policy_of_every_year_is_found_and_nothing_else(shared: Path) -> None:
    outcomes = [discover(shared / "archive", site) for site in sites(shared / "archive")]
    assert {o.site: o.expected - o.covered for o in outcomes if o.expected - o.covered} == {}
    assert {o.site: o.strangers for o in outcomes if o.strangers} == {}
    assert sum(o.missed_captures for o in outcomes) == 0


def test_a_site_costs_few_requests(shared: Path) -> None:
    outcomes = [discover(shared / "archive", site) for site in sites(shared / "archive")]
    spent = sum(o.index_queries + o.replays for o in outcomes)
    assert spent / len(outcomes) <= REQUESTS_A_SITE


def test_a_renamed_company_is_found_by_its_old_name(shared: Path) -> None:
    assert discover(shared / "archive", "sendinblue.com").policies == (
        "https://www.brevo.com/legal/privacypolicy/",
    )


def table(folder: Path) -> str:
    """The figures of all sites, one line each."""
    outcomes = [discover(folder, site) for site in sites(folder)]
    lines = [f"{'site':<26}{'years':>7}{'strangers':>11}{'index':>7}{'replay':>8}  policies"]
    lines += [
        f"{o.site:<26}{len(o.covered):>3}/{len(o.expected):<3}{len(o.strangers):>11}"
        f"{o.index_queries:>7}{o.replays:>8}  {' → '.join(o.policies)}"
        for o in outcomes
    ]
    index, replays = sum(o.index_queries for o in outcomes), sum(o.replays for o in outcomes)
    mean = (index + replays) / len(outcomes)
    return "\n".join([*lines, f"{index} index queries, {replays} replays, {mean:.2f} a site"])


if __name__ == "__main__":
    print(table(SHARED / "archive"))  # noqa: T201 - printing the table is what a run by hand is for
