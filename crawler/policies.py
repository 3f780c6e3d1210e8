"""Finding a site's policies: drives `crawler.discovery` with the archive's answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from crawler.archives.base import Question
from crawler.discovery import Discovery, IndexQuery, Replay
from crawler.errors import ArchiveError, MementoError, UnsupportedError
from crawler.job import Failure
from crawler.kept_rows import KeptRows
from storage import snapshots
from storage.records import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.discovery import FoundPolicy, PassedOver
    from crawler.fetching import Fetcher
    from crawler.job import SiteJob
    from crawler.pipelines import Keeper
    from crawler.session import Session
    from crawler.walking import Walking
    from storage.database import Connection

KEPT_PURPOSES = ("policy", "hub")
"""Queries whose rows are the full history of a URL, which may turn out to hold the policy."""

ROLES = {"home": Role.HOME, "hub": Role.HUB, "moved": Role.HUB}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What discovery learned; ``rows`` are the captures of each URL that was asked for in full.

    ``failures`` are the questions that the archive may answer another time; without any, another
    run would learn no more.
    """

    policies: tuple[FoundPolicy, ...]
    passed_over: tuple[PassedOver, ...]
    rows: dict[str, KeptRows]
    failures: tuple[Failure, ...]


@dataclass(slots=True)
class PolicySearch:
    """The search for one site's policies."""

    session: Session
    fetcher: Fetcher
    keeper: Keeper
    site: SiteJob
    walking: Walking
    rows: dict[str, KeptRows] = field(default_factory=dict)
    kept: dict[tuple[str, str], int] = field(default_factory=dict)
    failures: list[ArchiveError] = field(default_factory=list)
    unanswered: list[Failure] = field(default_factory=list)

    async def run(self, given: tuple[str, ...]) -> Found:
        """Ask until discovery knows enough.

        Raises:
            ArchiveError: the archive excludes the site, or its index cannot be had at all.
            OverError: the run sends no more requests.
            StorageError: the database fails.
        """
        self.kept = await asyncio.to_thread(self._kept_pages)
        machine = Discovery(self.site.domain, given=given)
        while not machine.done:
            # All that is wanted may run at once; the next round begins when they are answered.
            answers = [self._answer(machine, wanted) for wanted in machine.wanted()]
            for feed in await asyncio.gather(*answers):
                # Reading a large page or a million rows takes seconds, in which other sites go on.
                await asyncio.to_thread(feed)
        policies = machine.policies()
        if not policies and self.failures:
            raise self.failures[0]
        return Found(
            policies=policies,
            passed_over=machine.passed_over(),
            rows=self.rows,
            failures=tuple(self.unanswered),
        )

    async def _answer(self, machine: Discovery, wanted: IndexQuery | Replay) -> Callable[[], None]:
        """Ask the archive; answers how to tell the machine what it said."""
        try:
            if isinstance(wanted, IndexQuery):
                return partial(machine.feed_index, wanted, await self._rows_anyhow(wanted))
            return await self._page(machine, wanted)
        except ArchiveError as error:
            if isinstance(wanted, IndexQuery) and not isinstance(error, UnsupportedError):
                self.failures.append(error)
            if error.transient:
                self.unanswered.append(self._failure(wanted, str(error)))
            return partial(machine.feed_failure, wanted)
        except MementoError:
            return partial(machine.feed_failure, wanted)

    def _failure(self, wanted: IndexQuery | Replay, reason: str) -> Failure:
        if isinstance(wanted, IndexQuery):
            url, timestamp = wanted.url, None
        else:
            url, timestamp = wanted.capture.original, wanted.capture.timestamp
        return Failure(
            site=self.site.domain, url=url, timestamp=timestamp, reason=reason, transient=True
        )

    async def _rows_anyhow(self, wanted: IndexQuery) -> KeptRows:
        """The index's rows or, where it says no, what the captures tell of each other."""
        try:
            return await self._rows(wanted)
        except ArchiveError as refusal:
            if wanted.match != "exact" or not self.walking.possible:
                raise
            try:
                home = wanted.purpose == "home"
                rows = await self.walking.around(wanted.url, home=home)
            except (ArchiveError, MementoError):
                raise refusal from None
            if home:
                self.kept = await asyncio.to_thread(self._kept_pages)
            self.unanswered.append(self._failure(wanted, f"{refusal}; went by Link headers"))
            return rows

    async def _rows(self, wanted: IndexQuery) -> KeptRows:
        question = Question(
            url=wanted.url,
            match=wanted.match,
            pattern=wanted.filter,
            limit=wanted.limit,
            collapse=wanted.collapse,
            statuscode=wanted.statuscode,
        )
        found = KeptRows()
        async for page in self.fetcher.index(self.site.domain, question):
            await asyncio.to_thread(found.add, page.captures)
        if wanted.purpose in KEPT_PURPOSES:
            self.rows[wanted.url] = found
        return found

    async def _page(self, machine: Discovery, wanted: Replay) -> Callable[[], None]:
        capture = wanted.capture
        known = self.kept.get((capture.timestamp, capture.original))
        if known is None:
            memento = await self.fetcher.memento(self.site.domain, capture, tries=4)
            archive = self.session.archive
            await self.keeper.keep_page(
                self.site.id, archive.name, ROLES[wanted.purpose], memento, how=archive.how
            )
        else:
            memento = await self.keeper.kept(known)
        return partial(
            machine.feed_page,
            wanted,
            url=capture.original,
            status=memento.status,
            headers=memento.headers,
            body=memento.body,
        )

    def _kept_pages(self) -> dict[tuple[str, str], int]:
        with self.session.db.read() as conn:
            return kept_snapshots(conn, self.site.id, self.session.archive.name)


def kept_snapshots(conn: Connection, site_id: int, archive: str) -> dict[tuple[str, str], int]:
    """The snapshots that are kept of a site, by timestamp and URL, whatever their role."""
    return {
        (snapshot.capture.timestamp, snapshot.capture.original): snapshot.id
        for snapshot in snapshots.of_site(conn, site_id, archive=archive)
    }
