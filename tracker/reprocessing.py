"""Derives sites anew from their kept snapshots, fetching nothing.

A technical upgrade is no change of a policy: texts of different normalizers are never compared, so
every snapshot is judged again by the present one before versions are derived.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crawler.judging import judge_kept
from storage import decisions, snapshots, versions
from storage.database import open_database
from storage.errors import DamagedError
from tracker.analysis import analyse, made_by
from tracker.classify.model import load
from tracker.labels import LabelBook
from tracker.overrides import overrides_of
from tracker.workers import spread

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Iterator

    from crawler.overrides import Overrides
    from storage.database import Connection, Database
    from storage.records import Site
    from tracker.analysis import Analysis
    from tracker.classify.model import Classifier
    from tracker.config import Config

BATCH = 50
"""Snapshots judged between two commits: what a killed run has to do again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprocessed:
    """What became of a site: derived anew, or left as it was, for a reason.

    Without ``analysis`` and ``failure`` all of it was made by the present rules already. ``notes``
    are the normalizer's on its captures, counted.
    """

    site: str
    analysis: Analysis | None = None
    failure: str | None = None
    notes: Counter[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setup:
    """What a process needs to begin; ``every``: sites that are up to date, too."""

    config: Config
    every: bool


def reprocess(
    db: Database, config: Config, site: Site, book: LabelBook, watch: Callable[[int, int], None]
) -> Analysis:
    """Judge a site's snapshots by the present normalizer and rules, then derive its history anew.

    Can be killed and run again: snapshots that are judged stay so, and the old history stands until
    the new one is whole. ``watch`` is told how many snapshots are judged, and of how many.

    Raises:
        DamagedError: a kept body cannot be read; the old history stands.
    """
    rules = db.retrieve(lambda conn: overrides_of(conn, site, config))
    unjudged = partial(snapshots.unjudged, site_id=site.id, normalizer=rules.normalizer)
    left = db.retrieve(unjudged)
    for start in range(0, len(left), BATCH):
        judge_kept(db, left[start : start + BATCH], rules)
        watch(min(start + BATCH, len(left)), len(left))
    return analyse(db, site, book, normalizer=rules.normalizer)


def reprocess_all(
    db: Database,
    config: Config,
    sites: Iterable[Site],
    *,
    every: bool,
    watch: Callable[[Site, int, int], None],
) -> Iterator[Reprocessed]:
    """Derive sites anew, one after the other; unless ``every``, those alone that need it.

    A killed run is gone on with by another. One that is damaged is told, and the others go on.

    Raises:
        StorageError: the database fails.
    """
    book = LabelBook(partial(load, config.classifier.path))
    setup = _Setup(config=config, every=every)
    for site in sites:
        yield _one(db, setup, book, site, partial(watch, site))


def reprocess_together(
    config: Config, sites: Iterable[Site], *, every: bool, processes: int
) -> Iterator[Reprocessed]:
    """As `reprocess_all`, by several processes, a site each; answered as they are done.

    Raises:
        StorageError: the database fails.
        TrackerError: a process ended by itself.
    """
    yield from spread(_worker, _Setup(config=config, every=every), sites, processes=processes)


def _worker(setup: _Setup) -> Callable[[Site], Reprocessed]:
    db = open_database(setup.config.database.url, create=False)
    book = LabelBook(partial(load, setup.config.classifier.path))
    return partial(_one, db, setup, book, watch=_unwatched)


def _unwatched(done: int, total: int) -> None:
    """Nobody is told how far a process is within a site."""


def _one(
    db: Database, setup: _Setup, book: LabelBook, site: Site, watch: Callable[[int, int], None]
) -> Reprocessed:
    rules = db.retrieve(lambda conn: overrides_of(conn, site, setup.config))
    is_current = partial(_is_current, site, rules, book.classifier)
    if not setup.every and db.retrieve(is_current):
        return Reprocessed(site=site.domain)
    try:
        analysis = reprocess(db, setup.config, site, book, watch)
    except DamagedError as error:
        return Reprocessed(site=site.domain, failure=str(error))
    notes = db.retrieve(lambda conn: snapshots.notes(conn, site.id))
    return Reprocessed(site=site.domain, analysis=analysis, notes=notes)


def _is_current(site: Site, rules: Overrides, classifier: Classifier, conn: Connection) -> bool:
    """Whether all that is kept of a site was derived as it would be today."""
    if decisions.are_missing(conn, site.id):
        return False
    if snapshots.unjudged(conn, site.id, normalizer=rules.normalizer):
        return False
    made = versions.made_by(conn, site.id)
    # Where no capture shows a policy there is no version to tell what looked at them.
    return made == made_by(rules.normalizer, classifier) or (
        made is None and not decisions.of_site(conn, site.id)
    )
