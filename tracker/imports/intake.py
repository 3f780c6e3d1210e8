"""Takes in what others collected: kept first, as every capture is, then read and derived."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha1
from itertools import islice
from typing import TYPE_CHECKING

from crawler.urls import url_key
from storage import captures, decisions, sites, snapshots, versions
from storage.records import Capture, How, Memento, Role, format_timestamp
from tracker.classify.model import load
from tracker.labels import LabelBook
from tracker.overrides import overrides_of
from tracker.reprocessing import reprocess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from storage.database import Connection, Database
    from storage.records import Site
    from tracker.config import Config

BATCH = 50
"""Captures kept between two commits: what a killed import has to read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """One state of a policy as others collected it.

    ``how`` says whether ``body`` is the page or what their rules took from it, ``address`` where
    they keep it, ``notes`` (name, value) where it comes from; those are kept as its headers.
    """

    domain: str
    name: str | None
    url: str
    when: datetime
    body: bytes
    content_type: str
    how: How
    address: str
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a site in an import: captures that were new, and versions in all and new."""

    site: str
    captures_known: int
    captures_new: int
    versions: int
    versions_new: int


class Intake:
    """Keeps what one collection holds under the archive name ``archive``.

    Can be killed and begun again: what is kept is not kept twice, and what was kept and not yet
    derived is derived then.
    """

    def __init__(self, db: Database, config: Config, archive: str) -> None:
        self._db = db
        self._config = config
        self._archive = archive
        self._sites: dict[str, Site] = {}
        self._seen: dict[str, list[int]] = {}

    def keep(self, collected: Iterable[Collected]) -> Iterator[Collected]:
        """Keep all, a batch to a transaction; answers each once it is safe.

        Raises:
            StorageError: the database fails.
        """
        for batch in _batches(collected, BATCH):
            new = self._db.transact(partial(self._keep, batch))
            for one, is_new in zip(batch, new, strict=True):
                known_and_new = self._seen.setdefault(one.domain, [0, 0])
                known_and_new[is_new] += 1
            yield from batch

    def derive(self, watch: Callable[[str, int, int], None]) -> Iterator[Taken]:
        """Read what is new and derive each site's history; ``watch`` is told which, and how many.

        Raises:
            StorageError: the database fails.
        """
        book = LabelBook(partial(load, self._config.classifier.path))
        for at, (domain, (known, new)) in enumerate(sorted(self._seen.items()), start=1):
            watch(domain, at, len(self._seen))
            site = self._sites[domain]
            if new or self._db.retrieve(partial(self._is_behind, site)):
                analysis = reprocess(self._db, self._config, site, book, lambda _done, _all: None)
                total, fresh = analysis.versions, len(analysis.new)
            else:
                total, fresh = len(self._db.retrieve(partial(_versions, site))), 0
            yield Taken(
                site=domain,
                captures_known=known,
                captures_new=new,
                versions=total,
                versions_new=fresh,
            )

    def _keep(self, batch: list[Collected], conn: Connection) -> list[bool]:
        return [self._keep_one(conn, one) for one in batch]

    def _keep_one(self, conn: Connection, one: Collected) -> bool:
        site = sites.add(conn, one.domain, name=one.name)
        self._sites[one.domain] = site
        capture = _capture(one)
        new = captures.record(conn, site.id, self._archive, Role.POLICY, [capture], how=one.how)
        listed = captures.find(conn, site.id, self._archive, Role.POLICY, capture)
        if listed is not None:
            snapshots.keep(conn, listed.id, _memento(one, capture))
        return bool(new)

    def _is_behind(self, site: Site, conn: Connection) -> bool:
        rules = overrides_of(conn, site, self._config)
        return bool(
            snapshots.unjudged(conn, site.id, normalizer=rules.normalizer)
            or decisions.are_missing(conn, site.id)
        )


def _versions(site: Site, conn: Connection) -> list[object]:
    return list(versions.of_site(conn, site.id))


def _batches(collected: Iterable[Collected], size: int) -> Iterator[list[Collected]]:
    stream = iter(collected)
    while batch := list(islice(stream, size)):
        yield batch


def _capture(one: Collected) -> Capture:
    digest = base64.b32encode(sha1(one.body, usedforsecurity=False).digest()).decode()
    return Capture(
        urlkey=url_key(one.url),
        timestamp=format_timestamp(one.when),
        original=one.url,
        mimetype=one.content_type.partition(";")[0],
        statuscode=200,
        digest=digest,
        length=len(one.body),
    )


def _memento(one: Collected, capture: Capture) -> Memento:
    return Memento(
        capture=capture,
        archive_url=one.address,
        status=200,
        headers=(("Content-Type", one.content_type), *one.notes),
        body=one.body,
        fetched_at=datetime.now(UTC),
    )
