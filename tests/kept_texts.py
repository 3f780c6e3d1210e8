"""A site whose policy had given texts, kept and derived as a crawl does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from storage import captures, crawls, sites, snapshots
from storage.records import Capture, Document, Memento, PolicyUrl, Role, Screening, Verdict
from tracker.analysis import analyse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Connection, Database
    from storage.records import Site
    from tracker.labels import LabelBook

START = datetime(2015, 1, 1, tzinfo=UTC)
EVERY = timedelta(days=120)
NORMALIZER = "texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the archive, and whoever added the site, say besides the texts."""

    name: str | None = None
    url: str = "http://example.com/privacy"
    archive: str = "https://archive.example/"
    title: str = "Privacy"
    reason: str | None = None
    body: bytes = b"<html><body>archived</body></html>"
    content_type: str = "text/html; charset=utf-8"
    surroundings: tuple[str, ...] = field(default=())


def keep_site(
    db: Database, domain: str, texts: Sequence[str], book: LabelBook, told: Told | None = None
) -> Site:
    """A site with a capture of each text, twice, and the versions that follow from them."""
    told = told or Told()
    with db.write() as conn:
        site = sites.add(conn, domain, name=told.name)
        sites.set_discovered_urls(
            conn, site.id, [PolicyUrl(url=told.url, how="found", first=START, last=START)]
        )
        crawl = crawls.start(conn, site.id, at=START)
        for number, text in enumerate(twice for one in texts for twice in (one, one)):
            _keep(conn, site, START + EVERY * number, text, told)
        outcome = "failed" if told.reason else "done"
        crawls.finish(
            conn, crawl, outcome=outcome, reason=told.reason, requests_cdx=1, requests_replay=2
        )
    analyse(db, site, book, normalizer=NORMALIZER)
    return site


def _keep(conn: Connection, site: Site, moment: datetime, text: str, told: Told) -> None:
    capture = Capture(
        urlkey="example",
        timestamp=f"{moment:%Y%m%d%H%M%S}",
        original=told.url,
        mimetype="text/html",
        statuscode=200,
        digest="-",
    )
    captures.record(conn, site.id, "wayback", Role.POLICY, [capture])
    [listed] = captures.of_site(conn, site.id, state="listed")
    memento = Memento(
        capture=capture,
        archive_url=f"{told.archive}{capture.timestamp}",
        status=200,
        headers=(("Content-Type", told.content_type),),
        body=told.body + str(moment).encode(),
        fetched_at=moment,
    )
    kept = snapshots.keep(conn, listed.id, memento)
    snapshots.judge(
        conn,
        kept,
        Screening(verdict=Verdict.POLICY, reason="", policy_score=1.0),
        Document(markdown=text, title=told.title, language="en", surroundings=told.surroundings),
        normalizer=NORMALIZER,
    )
