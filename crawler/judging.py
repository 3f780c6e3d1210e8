"""What a kept memento is: its document, and a verdict with its reason."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from crawler.errors import NormalizeError
from crawler.normalize.document import normalize
from crawler.screening import screen
from storage import snapshots
from storage.errors import StorageError
from storage.records import Memento, Screening, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.overrides import Override, Overrides
    from storage.database import Connection, Database
    from storage.records import Document

logger = logging.getLogger(__name__)


def judge(memento: Memento, overrides: Overrides) -> tuple[Document | None, Screening]:
    """Normalize and screen a memento by its site's rules; whatever it holds, the answer is a
    verdict.

    Raises:
        StorageError: the machine has no room to work in, which says nothing of the memento.
    """
    rule = overrides.at(memento.capture.original, memento.capture.timestamp)
    try:
        return _judge(memento, rule)
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise StorageError(
                f"cannot work here ({error.strerror}): free some space, then try again"
            ) from error
        # A page of the open web has found a fault of ours: it must not cost the other pages.
        logger.exception("cannot judge %s", memento.archive_url)
        return None, unsupported(f"the normalizer failed: {type(error).__name__}: {error}")


def judge_kept(db: Database, snapshot_ids: Iterable[int], overrides: Overrides) -> None:
    """Judge kept snapshots of a site, by the present normalizer and rules, in one transaction.

    Raises:
        StorageError: the database fails, or a kept body is damaged.
    """
    keys = tuple(snapshot_ids)
    mementos = db.retrieve(lambda conn: [kept_memento(conn, key) for key in keys])
    judged = [judge(memento, overrides) for memento in mementos]

    def keep(conn: Connection) -> None:
        for key, (document, screening) in zip(keys, judged, strict=True):
            snapshots.judge(conn, key, screening, document, normalizer=overrides.normalizer)

    db.transact(keep)


def kept_memento(conn: Connection, snapshot_id: int) -> Memento:
    """A memento as it was kept.

    Raises:
        StorageError: there is none, or its body is damaged.
    """
    snapshot = snapshots.by_id(conn, snapshot_id)
    return Memento(
        capture=snapshot.capture,
        archive_url=snapshot.archive_url,
        status=snapshot.status,
        headers=snapshot.headers,
        body=snapshots.body(conn, snapshot_id),
        fetched_at=snapshot.fetched_at,
    )


def unsupported(why: str) -> Screening:
    """The verdict on what cannot be read."""
    return Screening(verdict=Verdict.UNSUPPORTED, reason=why, policy_score=0.0)


def _judge(memento: Memento, override: Override | None) -> tuple[Document | None, Screening]:
    if 300 <= memento.status < 400:
        target = _header(memento, "location") or "nowhere"
        reason = f"redirects to {target}"
        return None, Screening(verdict=Verdict.REDIRECT, reason=reason, policy_score=0.0)
    url = memento.capture.original
    try:
        document = normalize(
            memento.body,
            content_type=_header(memento, "content-type"),
            url=url,
            override=override,
        )
    except NormalizeError as error:
        if memento.status >= 400 or not memento.body.strip():
            return None, screen(None, status=memento.status, url=url)
        return None, unsupported(str(error))
    return document, screen(document, status=memento.status, url=url)


def _header(memento: Memento, name: str) -> str | None:
    return next((value for key, value in memento.headers if key.lower() == name), None)
