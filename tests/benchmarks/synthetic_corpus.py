"""A corpus of any size, put together from segments of real policies, straight into the tables.

A site begins as a real version of which some segments come from other policies and some name the
site, so that nobody else has them. Then it goes on by edits, as policies do. Bodies and documents
are shared: those of the real versions. The same seed gives the same corpus on every database.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from storage import blobs, documents
from storage.columns import UtcTime
from storage.records import Document, VersionSegment, format_timestamp, version_id
from storage.segments import _digest, _identity
from storage.spans import day_of
from tracker.classify.model import load
from tracker.labels import LabelBook
from tracker.segment import segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from storage.database import Connection

    Row = tuple[Any, ...]

SEED = 7
TOGETHER = 500
"""Sites to a transaction."""

BORROWED, NAMING = 0.2, 0.1
"""Shares of a site's segments that come from another policy, and that name the site."""

BEGIN, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)
RARE = "zwitterion"
"""A word that no policy has but those few that are given it."""

COLUMNS = {
    "sites": ("id", "domain", "added_at"),
    "policy_urls": ("id", "site_id", "url", "how", "given", "evidence"),
    "captures": (
        *("id", "site_id", "archive", "role", "urlkey", "timestamp", "original", "mimetype"),
        *("statuscode", "digest", "state", "attempts", "transient"),
    ),
    "snapshots": (
        *("id", "capture_id", "archive_url", "status", "headers", "body_sha256", "fetched_at"),
        *("verdict", "reason", "policy_score", "normalizer", "document_id"),
    ),
    "versions": (
        *("id", "site_id", "number", "url", "first_seen", "last_seen", "captures"),
        *("archive_url", "snapshot_id", "document_id", "stated_date", "language", "words"),
        *("grade", "text_sha256", "practices", "reason", "made_by"),
    ),
    "changes": (
        *("site_id", "new_number", "old_number", "after", "before", "silent", "words_added"),
        *("words_removed", "kind", "practices", "score", "reasons"),
    ),
    "decisions": ("snapshot_id", "site_id", "number", "reason"),
    "segment_texts": ("id", "sha256", "text", "first_seen"),
    "segments": ("id", "sha256", "text_id", "heading_id", "kind", "level", "categories"),
    "segment_spans": (
        "site_id",
        "position",
        "segment_id",
        "first_number",
        "last_number",
        "first_day",
    ),
}
"""What is filled, tables in an order in which each finds what it refers to."""

MADE_BY = json.dumps({"normalizer": "1", "segmenter": "1", "classifier": "1"})


@dataclass(slots=True)
class Piece:
    """A segment of the pool: its ids and what counts of it."""

    id: int
    kept: VersionSegment
    words: int


@dataclass(slots=True)
class Pool:
    """What sites are made of: real segments, and real versions of services as lists of them."""

    pieces: list[Piece] = field(default_factory=list)
    services: list[list[tuple[list[int], int, str]]] = field(default_factory=list)
    """Of each service its versions: indices of pieces, a document's id, a body's digest."""


def read_pool(conn: Connection, source: Path) -> Pool:
    """Segment and label real versions; keep their texts as documents, their bodies, too."""
    pool, book = Pool(), LabelBook(load)
    places: dict[VersionSegment, int] = {}
    services: dict[str, list[tuple[list[int], int, str]]] = {}
    with gzip.open(source, "rt") as lines:
        for line in lines:
            row = json.loads(line)
            found = segment(row["text"])
            kept = [
                VersionSegment(
                    text=one.text,
                    kind=one.kind.value,
                    level=one.level,
                    heading=one.heading,
                    categories=names,
                )
                for one, names in zip(found, book(found), strict=True)
            ]
            for one in kept:
                if one not in places:
                    places[one] = len(pool.pieces)
                    pool.pieces.append(Piece(0, one, len(one.text.split())))
            document = documents.put(conn, Document(markdown=row["text"]), normalizer="1")
            body = blobs.put(conn, row["text"].encode())
            version = ([places[one] for one in kept], document, body)
            services.setdefault(row["service"], []).append(version)
    pool.services = list(services.values())
    return pool


class Corpus:
    """Rows of successive sites; ids go on from one to the next."""

    def __init__(self, pool: Pool, *, sites: int, versions: int) -> None:
        self._pool = pool
        self._chance = random.Random(SEED)
        self._counts = _counts(self._chance, sites, versions)
        self._texts: dict[str, int] = {}
        self._own_texts: dict[str, int] = {}
        self._own: dict[VersionSegment, Piece] = {}
        self._first_seen: dict[int, str] = {}
        self._next_segment = self._next_text = self._next_snapshot = 1
        self.rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
        for piece in pool.pieces:
            self._keep(piece, None)

    def batches(self) -> Iterator[dict[str, list[Row]]]:
        """All rows, some sites at a time, those of shared texts first."""
        for site_id, count in enumerate(self._counts, 1):
            self._site(site_id, count)
            if site_id % TOGETHER == 0 or site_id == len(self._counts):
                yield self.rows
                self.rows = {name: [] for name in COLUMNS}

    def shared_texts(self) -> dict[int, str]:
        """When each shared text was first seen; they are kept before anybody says them."""
        return self._first_seen

    def _keep(self, piece: Piece, seen: str | None) -> None:
        piece.id, self._next_segment = self._next_segment, self._next_segment + 1
        kept = piece.kept
        ids = []
        for content, moment in ((kept.text, seen), (kept.heading, None)):
            text_id = self._texts.get(content) or self._own_texts.get(content)
            if text_id is None:
                text_id, self._next_text = self._next_text, self._next_text + 1
                self.rows["segment_texts"].append((text_id, _digest(content), content, moment))
                (self._own_texts if moment else self._texts)[content] = text_id
            ids.append(text_id)
        categories = json.dumps(kept.categories)
        key = _digest(_identity(kept))
        self.rows["segments"].append((piece.id, key, *ids, kept.kind, kept.level, categories))

    def _naming(self, piece: Piece, domain: str, seen: str) -> Piece:
        kept = piece.kept
        named = f"{domain}: {kept.text}"
        if self._next_segment % 40_000 == 0:
            named += f" {RARE}"
        own = VersionSegment(
            text=named,
            kind=kept.kind,
            level=kept.level,
            heading=kept.heading,
            categories=kept.categories,
        )
        if own not in self._own:
            self._own[own] = Piece(0, own, piece.words + 1)
            self._keep(self._own[own], seen)
        return self._own[own]

    def _site(self, site_id: int, count: int) -> None:
        chance, domain = self._chance, f"site{site_id:06}.example"
        self._own_texts, self._own = {}, {}
        url = f"https://{domain}/privacy"
        self.rows["sites"].append((site_id, domain, "2026-06-01T00:00:00Z"))
        self.rows["policy_urls"].append((site_id, site_id, url, "a link", False, "[]"))
        start = BEGIN + (END - BEGIN) * (chance.random() * 0.8)
        times = sorted(start + (END - start) * chance.random() for _ in range(count - 1))
        service = chance.choice(self._pool.services)
        woven = _Woven(self, domain, chance.choice(service)[0])
        days = [day_of(moment) for moment in (start, *times)]
        for number, moment in enumerate((start, *times), 1):
            seen = _time(moment)
            changed = woven.edit(number, seen)
            last = times[number - 1] if number <= len(times) else END
            self._version(site_id, domain, number, moment, last, woven)
            if number > 1:
                self._change(site_id, number, seen, changed)
        self.rows["segment_spans"] += [
            (site_id, place, piece.id, first, last or count, days[first - 1])
            for place, (piece, first, last) in enumerate(woven.spans)
        ]

    def _version(
        self,
        site_id: int,
        domain: str,
        number: int,
        first: datetime,
        last: datetime,
        woven: _Woven,
    ) -> None:
        url = f"https://{domain}/privacy"
        service = self._pool.services[site_id % len(self._pool.services)]
        _, document_id, body = service[number % len(service)]
        seen_last = first + (last - first) * 0.9
        snapshot_id = self._next_snapshot
        archived = ""
        for moment in (first, seen_last):
            key, self._next_snapshot = self._next_snapshot, self._next_snapshot + 1
            stamp = format_timestamp(moment)
            archived = f"https://web.archive.org/web/{stamp}id_/{url}"
            self.rows["captures"].append(
                (
                    *(key, site_id, "wayback", "policy", f"example,{domain[:10]})/privacy"),
                    *(stamp, url, "text/html", 200, f"DIGEST{key}", "fetched", 1, False),
                )
            )
            self.rows["snapshots"].append(
                (
                    *(key, key, archived, 200, "[]", body, "2026-06-01T00:00:00Z", "policy"),
                    *("reads like a policy", 0.9, "1", document_id),
                )
            )
            self.rows["decisions"].append((key, site_id, number, "the text differs"))
        text_sha256 = sha256(f"{domain} {number}".encode()).hexdigest()
        stated = first.date().isoformat() if self._chance.random() < 0.7 else None
        self.rows["versions"].append(
            (
                *(version_id(domain, text_sha256, 0), site_id, number, url, _time(first)),
                *(_time(seen_last), 2, archived, snapshot_id, document_id, stated, "en"),
                *(woven.words, 8 + 8 * self._chance.random(), text_sha256),
                *(json.dumps(dict(+woven.practices)), "the text differs", MADE_BY),
            )
        )

    def _change(
        self, site_id: int, number: int, seen: str, edits: Counter[tuple[str, int]]
    ) -> None:
        names = {name for name, _ in edits if name}
        practices = [[name, *(edits[name, kind] for kind in range(3)), 0, 0] for name in names]
        last = self.rows["versions"][-2][5]
        self.rows["changes"].append(
            (
                *(site_id, number, number - 1, last, seen, self._chance.random() < 0.3),
                *(edits["", 0], edits["", 1], "wording", json.dumps(practices)),
                *(self._chance.randrange(101), "[]"),
            )
        )


class _Woven:
    """The spans of a site as its versions come, with what stands in the newest."""

    def __init__(self, corpus: Corpus, domain: str, order: Sequence[int]) -> None:
        self._corpus = corpus
        self._domain = domain
        self._order = order
        self.spans: list[tuple[Piece, int, int]] = []
        self.practices: Counter[str] = Counter()
        self.words = 0

    def edit(self, number: int, seen: str) -> Counter[tuple[str, int]]:
        """Go on to the next version; answers words and segments added, removed, modified."""
        corpus, chance = self._corpus, self._corpus._chance
        if number == 1:
            for place in self._order:
                self.spans.append((self._new(place, seen), 1, 0))
            return Counter()
        edits: Counter[tuple[str, int]] = Counter()
        for _ in range(1 + int(chance.expovariate(0.1))):
            place = chance.randrange(len(self.spans))
            piece, first, last = self.spans[place]
            kind = chance.choice((0, 1, 2, 2, 2))
            if kind and not last and first < number and len(self.spans) > 1:
                self.spans[place] = (piece, first, number - 1)
                self._count(piece, -1)
                edits["", 1] += piece.words
                edits.update((name, kind) for name in piece.kept.categories)
            elif kind:
                continue
            if kind != 1:
                new = self._new(chance.randrange(len(corpus._pool.pieces)), seen)
                self.spans.insert(place + 1, (new, number, 0))
                edits["", 0] += new.words
                edits.update((name, kind) for name in new.kept.categories)
        return edits

    def _new(self, place: int, seen: str) -> Piece:
        corpus, draw = self._corpus, self._corpus._chance.random()
        if draw < BORROWED:
            place = corpus._chance.randrange(len(corpus._pool.pieces))
        piece = corpus._pool.pieces[place]
        if draw > 1 - NAMING:
            piece = corpus._naming(piece, self._domain, seen)
        else:
            text_id = corpus._texts[piece.kept.text]
            if seen < corpus._first_seen.get(text_id, "9"):
                corpus._first_seen[text_id] = seen
        self._count(piece, 1)
        return piece

    def _count(self, piece: Piece, sign: int) -> None:
        self.words += sign * piece.words
        for name in piece.kept.categories:
            self.practices[name] += sign


def _counts(chance: random.Random, sites: int, versions: int) -> list[int]:
    """How many versions each site has: a few many, most few."""
    weights = [chance.expovariate(1) ** 1.3 + 0.05 for _ in range(sites)]
    share = (versions - sites) / sum(weights)
    return [1 + int(weight * share + chance.random()) for weight in weights]


def _time(moment: datetime) -> str:
    found: str = UtcTime().process_bind_param(moment, None)  # type: ignore[arg-type,assignment]  # it asks no dialect
    return found
