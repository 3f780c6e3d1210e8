"""Captures that arrive in batches, in any order, with a derivation after each.

What stands in the database then must be what one derivation over all of them gives: the versions
with their ids, the changes, and the decision on every capture with its reason.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from crawler.errors import NormalizeError
from crawler.normalize.document import NORMALIZER, normalize
from crawler.screening import screen
from storage import captures, changes, decisions, sites, snapshots, versions
from storage.database import open_database
from storage.records import Capture, Memento, format_timestamp
from tests.quality.hard_series import MAKERS
from tests.quality.rendered_versions import URL, longitudinal
from tracker.analysis import analyse
from tracker.classify.model import load
from tracker.labels import LabelBook

if TYPE_CHECKING:
    from pathlib import Path

    from storage.database import Connection, Database
    from storage.records import Site
    from tests.quality.rendered import Rendered

pytestmark = pytest.mark.quality


@pytest.mark.parametrize("kind", ["moved and redesigned", "retracted"])
def test_deriving_after_each_batch_ends_where_deriving_once_does(
    kind: str, shared: Path, tmp_path: Path
) -> None:
    texts = next(
        texts[:4]
        for texts in longitudinal(shared).values()
        if len(texts) >= 4 and max(map(len, texts[:4])) < 10_000
    )
    rng = random.Random(kind)
    arriving = MAKERS[kind](texts, 1)
    book = LabelBook(load)
    with open_database(f"sqlite:///{tmp_path / 'once.db'}") as once:
        site = _site(once)
        _keep(once, site, arriving)
        analyse(once, site, book, normalizer=NORMALIZER)
        expected = _derived(once, site)
    rng.shuffle(arriving)
    seen = set()
    with open_database(f"sqlite:///{tmp_path / 'steps.db'}") as steps:
        site = _site(steps)
        while arriving:
            size = rng.randint(3, 12)
            _keep(steps, site, arriving[:size])
            del arriving[:size]
            seen.add(analyse(steps, site, book, normalizer=NORMALIZER).versions)
        assert _derived(steps, site) == expected
    assert len(seen) > 1, "the batches say nothing: each gave as many versions"


def _site(db: Database) -> Site:
    with db.write() as conn:
        return sites.add(conn, "example.com")


def _keep(db: Database, site: Site, batch: list[Rendered]) -> None:
    with db.write() as conn:
        for capture in batch:
            _keep_one(conn, site, capture)


def _keep_one(conn: Connection, site: Site, rendered: Rendered) -> None:
    url, timestamp = rendered.url or URL, format_timestamp(rendered.moment)
    capture = Capture(
        urlkey="com,example)/privacy",
        timestamp=timestamp,
        original=url,
        mimetype="text/html",
        statuscode=200,
        digest=timestamp,
    )
    captures.record(conn, site.id, "archive", "policy", [capture])
    [listed] = captures.of_site(conn, site.id, state="listed")
    memento = Memento(
        capture=capture,
        archive_url=f"archive:{timestamp}/{url}",
        status=200,
        headers=(),
        body=rendered.body,
        fetched_at=rendered.moment,
    )
    try:
        document = normalize(rendered.body, content_type="text/html", url=url)
    except NormalizeError:
        document = None
    kept = snapshots.keep(conn, listed.id, memento)
    snapshots.judge(conn, kept, screen(document, url=url), document, normalizer=NORMALIZER)


def _derived(db: Database, site: Site) -> list[Any]:
    with db.read() as conn:
        made = decisions.of_site(conn, site.id)
        known = snapshots.by_ids(conn, [decision.snapshot_id for decision in made])
        return [
            versions.of_site(conn, site.id),
            changes.of_site(conn, site.id),
            [(known[one.snapshot_id].capture.timestamp, one.number, one.reason) for one in made],
        ]
