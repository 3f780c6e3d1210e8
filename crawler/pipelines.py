"""From memento to judged snapshot: kept first, then normalized and screened."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from crawler.calendar_dates import days_named
from crawler.judging import judge, kept_memento, unsupported
from crawler.overrides import NO_OVERRIDES, Overrides
from crawler.wording import word_key
from storage import captures, snapshots
from storage.records import Screening

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crawler.overrides import Override
    from crawler.writer import Writer
    from storage.database import Connection, Database
    from storage.records import Document, How, ListedCapture, Memento, Role, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A kept snapshot with its verdict; ``word_key`` is None where no text could be read.

    ``days`` are those that the text names, counted from 1970.
    """

    snapshot_id: int
    verdict: Verdict
    word_key: str | None
    days: frozenset[int] = frozenset()


class Keeper:
    """Keeps what was fetched, then says what it is. The body is safe before anything reads it.

    ``overrides`` are the rules of each site that has some, by the site's id.
    """

    def __init__(
        self, db: Database, writer: Writer, overrides: Mapping[int, Overrides] | None = None
    ) -> None:
        self._db = db
        self._writer = writer
        self._overrides = overrides or {}
        # One thread: Python's lock would let no second one run beside it.
        self._judge = ThreadPoolExecutor(max_workers=1, thread_name_prefix="judge")

    async def keep(self, listed: ListedCapture, memento: Memento) -> Judged:
        """Keep a memento and judge it.

        Raises:
            StorageError: the database fails.
        """
        snapshot_id = await self._writer.do(lambda conn: snapshots.keep(conn, listed.id, memento))
        return await self._judge_one(listed.site_id, snapshot_id, memento)

    async def keep_unread(self, listed: ListedCapture, memento: Memento, why: str) -> Judged:
        """Keep that a capture exists whose body is not kept, as ``unsupported``, with the reason.

        Raises:
            StorageError: the database fails.
        """
        screening = unsupported(why)
        rules = self._rules(listed.site_id)
        return await self._writer.do(
            partial(_keep_judged, listed.id, memento, None, screening, rules.normalizer)
        )

    async def copy(self, listed: ListedCapture, source_id: int, page_url: str) -> Judged:
        """Keep a capture by the snapshot of another that has its digest, with the same verdict.

        Raises:
            StorageError: the database fails.
        """
        rules = self._rules(listed.site_id)
        kept, judged = await asyncio.to_thread(self._kept, source_id, rules)
        memento = replace(kept, capture=listed.capture, archive_url=page_url)
        if judged is None or _rule(rules, kept) != _rule(rules, memento):
            return await self.keep(listed, memento)
        return await self._writer.do(
            partial(_keep_judged, listed.id, memento, *judged, rules.normalizer)
        )

    async def judge_kept(self, site_id: int, snapshot_ids: Iterable[int]) -> None:
        """Judge snapshots of a site that are kept already.

        Raises:
            StorageError: the database fails.
        """
        for snapshot_id in snapshot_ids:
            memento = await self.kept(snapshot_id)
            await self._judge_one(site_id, snapshot_id, memento)

    async def kept(self, snapshot_id: int) -> Memento:
        """A memento as it was kept.

        Raises:
            StorageError: there is none, or it is damaged.
        """
        return await asyncio.to_thread(self._memento, snapshot_id)

    async def keep_page(
        self, site_id: int, archive: str, role: Role, memento: Memento, *, how: How
    ) -> None:
        """Keep a page that discovery reads; it is not judged."""
        await self._writer.do(partial(_keep_page, site_id, archive, role, memento, how))

    def close(self) -> None:
        """End the thread."""
        self._judge.shutdown()

    def _rules(self, site_id: int) -> Overrides:
        return self._overrides.get(site_id, NO_OVERRIDES)

    async def _judge_one(self, site_id: int, snapshot_id: int, memento: Memento) -> Judged:
        rules = self._rules(site_id)
        job = asyncio.wrap_future(self._judge.submit(judge, memento, rules))
        await asyncio.wait([job])
        document, screening = job.result()
        await self._writer.do(
            lambda conn: snapshots.judge(
                conn, snapshot_id, screening, document, normalizer=rules.normalizer
            )
        )
        return _judged(snapshot_id, screening, document)

    def _memento(self, snapshot_id: int) -> Memento:
        return self._db.retrieve(lambda conn: kept_memento(conn, snapshot_id))

    def _kept(
        self, snapshot_id: int, rules: Overrides
    ) -> tuple[Memento, tuple[Document | None, Screening] | None]:
        return self._db.retrieve(partial(_with_judgement, snapshot_id, rules))


def _with_judgement(
    snapshot_id: int, rules: Overrides, conn: Connection
) -> tuple[Memento, tuple[Document | None, Screening] | None]:
    """A kept memento, and its judgement if this normalizer with these rules made it."""
    snapshot = snapshots.by_id(conn, snapshot_id)
    memento = kept_memento(conn, snapshot_id)
    if snapshot.verdict is None or snapshot.normalizer != rules.normalizer:
        return memento, None
    screening = Screening(
        verdict=snapshot.verdict,
        reason=snapshot.reason or "",
        policy_score=snapshot.policy_score or 0.0,
    )
    return memento, (snapshots.document(conn, snapshot_id), screening)


def _judged(snapshot_id: int, screening: Screening, document: Document | None) -> Judged:
    if document is None:
        return Judged(snapshot_id=snapshot_id, verdict=screening.verdict, word_key=None)
    return Judged(
        snapshot_id=snapshot_id,
        verdict=screening.verdict,
        word_key=word_key(document.markdown),
        days=days_named(document.markdown),
    )


def _rule(rules: Overrides, memento: Memento) -> Override | None:
    return rules.at(memento.capture.original, memento.capture.timestamp)


def _keep_judged(
    capture_id: int,
    memento: Memento,
    document: Document | None,
    screening: Screening,
    normalizer: str,
    conn: Connection,
) -> Judged:
    snapshot_id = snapshots.keep(conn, capture_id, memento)
    snapshots.judge(conn, snapshot_id, screening, document, normalizer=normalizer)
    return _judged(snapshot_id, screening, document)


def _keep_page(
    site_id: int, archive: str, role: Role, memento: Memento, how: How, conn: Connection
) -> None:
    captures.record(conn, site_id, archive, role, [memento.capture], how=how)
    listed = captures.find(conn, site_id, archive, role, memento.capture)
    if listed is not None:
        snapshots.keep(conn, listed.id, memento)
