"""Derives sites anew from their kept snapshots, fetching nothing.

A technical upgrade is no change of a policy: texts of different normalizers are never compared, so
every snapshot is judged again by the present one before versions are derived.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.judging import judge_kept
from storage import snapshots
from tracker.analysis import analyse
from tracker.overrides import overrides_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database
    from storage.records import Site
    from tracker.analysis import Analysis
    from tracker.config import Config
    from tracker.labels import LabelBook

BATCH = 50
"""Snapshots judged between two commits: what a killed run has to do again."""


def reprocess(
    db: Database, config: Config, site: Site, book: LabelBook, watch: Callable[[int, int], None]
) -> Analysis:
    """Judge a site's snapshots by the present normalizer and rules, then derive its history anew.

    Can be killed and run again: snapshots that are judged stay so, and the old history stands until
    the new one is whole. ``watch`` is told how many snapshots are judged, and of how many.
    """
    with db.read() as conn:
        rules = overrides_of(conn, site, config)
        left = snapshots.unjudged(conn, site.id, normalizer=rules.normalizer)
    for start in range(0, len(left), BATCH):
        judge_kept(db, left[start : start + BATCH], rules)
        watch(min(start + BATCH, len(left)), len(left))
    return analyse(db, site, book, normalizer=rules.normalizer)
