"""A look at the page itself, now: a change of this morning shows before an archive has it.

One page, politely: robots.txt is honoured (RFC 9309), redirects are followed within the site alone,
and hosts of one's own network are never asked. What comes is kept as a capture of its own kind.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from protego import Protego

from crawler.archives.decoding import decoded
from crawler.archives.replay import sha1_base32
from crawler.errors import ArchiveError, CrawlError
from crawler.judging import judge_kept
from crawler.plain_http import ask
from crawler.settings import BOT_NAME, user_agent
from crawler.urls import canonical, site_of, url_key
from storage import budgets, captures, snapshots
from storage.errors import StorageError
from storage.records import Capture, How, Memento, Role, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.archives.base import Answer
    from crawler.config import ArchiveConfig
    from crawler.overrides import Overrides
    from storage.database import Connection, Database

ARCHIVE = "live"
"""What captures of the page's own server are kept under, where others have their archive's name."""

HOPS = 4
"""Redirects that are followed: to https, to www, to a language, and one to spare."""

ROBOTS_HOPS = 5
"""RFC 9309, 2.3.1.2."""

PER_MINUTE = 6.0
"""Requests that one host gets of all our processes."""

ACCEPT = "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCheck:
    """What a look at the page brought: a snapshot's verdict, or why there is none."""

    url: str
    timestamp: str | None = None
    verdict: str | None = None
    reason: str | None = None


def check_live(
    db: Database,
    site_id: int,
    url: str,
    config: ArchiveConfig,
    overrides: Overrides,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> LiveCheck:
    """Fetch a page from its own server, keep it and judge it; whatever goes wrong is told.

    Raises:
        StorageError: the database fails.
    """
    try:
        memento = _Visit(db, config, clock).fetch(canonical(url))
    except (CrawlError, ValueError) as error:
        return LiveCheck(url=url, reason=str(error))
    snapshot_id = db.transact(partial(_keep, site_id, memento))
    judge_kept(db, [snapshot_id], overrides)
    with db.read() as conn:
        kept = snapshots.by_id(conn, snapshot_id)
    return LiveCheck(
        url=kept.capture.original,
        timestamp=kept.capture.timestamp,
        verdict=kept.verdict.value if kept.verdict else None,
        reason=kept.reason,
    )


def _keep(site_id: int, memento: Memento, conn: Connection) -> int:
    captures.record(conn, site_id, ARCHIVE, Role.POLICY, [memento.capture], how=How.LIVE)
    this = captures.find(conn, site_id, ARCHIVE, Role.POLICY, memento.capture)
    if this is None:
        raise StorageError("a capture that was just listed is gone: is the site still tracked?")
    return snapshots.keep(conn, this.id, memento)


class _Visit:
    """The requests of one look."""

    def __init__(self, db: Database, config: ArchiveConfig, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._timeout = config.timeout_seconds
        self._public_only = not config.live_private
        self._headers = {
            "User-Agent": user_agent(config.contact),
            "Accept": ACCEPT,
            "Accept-Encoding": "gzip, br",
        }

    def fetch(self, url: str) -> Memento:
        """The page at the end of its redirects.

        Raises:
            CrawlError: robots.txt forbids it, the host is none of the public internet, or its
                server does not answer, or only with its own error.
        """
        for _ in range(HOPS + 1):
            self._must_be_allowed(url)
            self._wait_for_turn(url)
            answer = self._ask(url)
            target = _target(answer)
            if target is None or site_of(target) != site_of(url):
                return self._memento(url, answer)
            url = target
        raise ArchiveError(f"{urlsplit(url).hostname} redirects more than {HOPS} times")

    def _ask(self, url: str) -> Answer:
        answer = ask(
            url, headers=self._headers, timeout=self._timeout, public_only=self._public_only
        )
        if answer.status >= 500 or answer.status == 429:
            host = urlsplit(url).hostname
            raise ArchiveError(f"{host} answers {answer.status}", transient=True)
        return answer

    def _memento(self, url: str, answer: Answer) -> Memento:
        now = self._clock()
        content_type = answer.header("content-type") or ""
        body = decoded(answer.body, answer.header("content-encoding") or "", content_type)
        capture = Capture(
            urlkey=url_key(url),
            timestamp=format_timestamp(now),
            original=url,
            mimetype=content_type.partition(";")[0].strip().lower() or "unk",
            statuscode=answer.status,
            digest=sha1_base32(answer.body),
            length=len(answer.body),
            memento_url=url,
        )
        return Memento(
            capture=capture,
            archive_url=url,
            status=answer.status,
            headers=answer.headers,
            body=body,
            fetched_at=now,
        )

    def _must_be_allowed(self, url: str) -> None:
        """Raises ArchiveError where robots.txt forbids a page, or cannot be had."""
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        for _ in range(ROBOTS_HOPS + 1):
            # A server in trouble forbids everything (RFC 9309, 2.3.1.4).
            answer = self._ask(address)
            target = _target(answer)
            if target is None:
                break
            address = target
        # Without one everything is allowed (2.3.1.3).
        rules = answer.body.decode("utf-8", "replace") if answer.status == 200 else ""
        if not Protego.parse(rules).can_fetch(url, BOT_NAME):
            raise ArchiveError(f"robots.txt of {parts.hostname} forbids {parts.path or '/'}")

    def _wait_for_turn(self, url: str) -> None:
        if not self._public_only:
            return
        host = urlsplit(url).hostname or ""
        turn = budgets.acquire(self._db, f"{ARCHIVE}:{host}", ARCHIVE, PER_MINUTE)
        time.sleep(max(0.0, turn - time.time()))


def _target(answer: Answer) -> str | None:
    """Where an answer redirects to; None where it does not, or to no web page."""
    location = answer.header("location")
    if location is None or answer.status not in {301, 302, 303, 307, 308}:
        return None
    try:
        return canonical(urljoin(answer.url, location))
    except ValueError:
        return None
