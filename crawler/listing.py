"""Which captures of its policies a site has: discovery the first time, what is newer later on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING
from zlib import crc32

from crawler.archives.base import Question
from crawler.errors import ArchiveError
from crawler.job import Failure, PassedOver, Policies, PolicyFound
from crawler.kept_rows import KeptRows
from crawler.known_policies import known_policies
from crawler.policies import PolicySearch
from crawler.walking import Walking
from storage import captures, index_queries, sites
from storage.records import PolicyUrl, Role, format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.fetching import Fetcher
    from crawler.job import SiteJob
    from crawler.known_policies import KnownPolicies
    from crawler.pipelines import Keeper
    from crawler.policies import Found
    from crawler.session import Session
    from storage.database import Connection
    from storage.records import Capture

OVERLAP = timedelta(days=92)
"""Captures reach an index late, some by months: an update asks again for the last ones it knows."""

ROUND = timedelta(days=182)
"""Once in so long an update asks for all that an index knows of a policy: what came later still. It
is one request like any other, with a longer answer."""
_ROUND = ROUND.total_seconds()

PIECE = 20_000
"""Rows of one transaction."""

ENOUGH = 5
"""Crawls that look for a site's policies anew while pages stay unanswered which might name others;
after that many what was found has to do. Some captures of home pages answer 504 for good."""


class Listing:
    """The part of a site's crawl that asks the index, and records what it answers."""

    def __init__(self, session: Session, fetcher: Fetcher, keeper: Keeper, site: SiteJob) -> None:
        self._session = session
        self._fetcher = fetcher
        self._keeper = keeper
        self._site = site
        self._archive = session.archive.name
        self.walking = Walking(session=session, fetcher=fetcher, keeper=keeper, site=site)
        self.failures: list[Failure] = []

    async def run(self) -> Policies:
        """Bring the frontier up to date; answers which URLs held the policy.

        Raises:
            ArchiveError: the archive excludes the site, or its index cannot be had.
            OverError: the run sends no more requests.
            StorageError: the database fails.
        """
        known = await asyncio.to_thread(self._known)
        if self._session.job.mode == "discover" or not known.settled:
            return await self._discover(known.given)
        now = datetime.now(UTC)
        moved = [await self._ask_again(known, policy, now) for policy in known.current]
        if any(moved):
            return await self._discover(known.given)
        for policy in self._of_old(known, now)[:1]:
            await self._ask_again(known, policy, now)
        return Policies(
            site=self._site.domain,
            policies=tuple(
                PolicyFound(url=p.url, how=p.how, first=p.first, last=p.last, evidence=p.evidence)
                for p in known.policies
            ),
        )

    def _known(self) -> KnownPolicies:
        return self._session.db.retrieve(
            lambda conn: known_policies(conn, self._site.id, self._archive, self._site.urls)
        )

    async def _discover(self, given: tuple[str, ...]) -> Policies:
        search = PolicySearch(
            session=self._session,
            fetcher=self._fetcher,
            keeper=self._keeper,
            site=self._site,
            walking=self.walking,
        )
        found = await self._lived_with(await search.run(given))
        complete = all(not failure.transient for failure in found.failures)
        for policy in found.policies:
            if self.walking.met(policy.url):
                await self.walking.list_ends(policy.url, policy.since, policy.until)
                continue
            if policy.url not in found.rows and self._session.job.mode == "crawl":
                found.rows[policy.url] = await self._all_of(policy.url)
            if policy.url in found.rows:
                rows = found.rows[policy.url]
                await self._keep(policy.url, rows, policy.since, policy.until, complete=complete)
        self.failures.extend(found.failures)
        await self._session.writer.do(partial(self._record, found))
        return Policies(
            site=self._site.domain,
            policies=tuple(
                PolicyFound(url=p.url, how=p.how, first=p.first, last=p.last, evidence=p.evidence)
                for p in found.policies
            ),
            passed_over=tuple(
                PassedOver(url=link.url, text=link.text, why=link.why) for link in found.passed_over
            ),
        )

    async def _lived_with(self, found: Found) -> Found:
        """What was found, its failures for good if they have been met often enough.

        A policy's own index is asked until it answers.
        """
        urls = [policy.url for policy in found.policies]
        if not found.failures or any(f.timestamp is None and f.url in urls for f in found.failures):
            return found
        before = await asyncio.to_thread(self._unfinished, urls)
        if before + 1 < ENOUGH:
            return found
        then = f"; so in {before + 1} crawls, which go on without (`tracker discover` asks again)"
        for_good = (replace(f, reason=f.reason + then, transient=False) for f in found.failures)
        return replace(found, failures=tuple(for_good))

    def _unfinished(self, urls: Sequence[str]) -> int:
        def count(conn: Connection) -> int:
            asked = (index_queries.unfinished(conn, self._site.id, self._archive, u) for u in urls)
            return max(asked, default=0)

        return self._session.db.retrieve(count)

    def _record(self, found: Found, conn: Connection) -> None:
        urls = [
            PolicyUrl(url=p.url, how=p.how, first=p.first, last=p.last, evidence=p.evidence)
            for p in found.policies
        ]
        sites.set_discovered_urls(conn, self._site.id, urls)

    async def _keep(
        self,
        url: str,
        rows: KeptRows,
        since: datetime | None = None,
        until: datetime | None = None,
        *,
        complete: bool = True,
    ) -> int:
        """List the rows within the bounds, then that the question is answered; how many were new.

        A piece at a time: other processes wait for the database meanwhile.
        """
        within, new = (row for row in rows if _within(row, since, until)), 0
        while piece := await asyncio.to_thread(list, islice(within, PIECE)):
            new += await self._session.writer.do(partial(self._record_rows, piece))
        newest = rows.newest.timestamp if rows.newest else None
        await self._session.writer.do(
            partial(self._record_answer, url, rows.count, newest, complete)
        )
        return new

    def _record_rows(self, rows: list[Capture], conn: Connection) -> int:
        how = self._session.archive.how
        return captures.record(conn, self._site.id, self._archive, Role.POLICY, rows, how=how)

    def _record_answer(
        self, url: str, count: int, newest: str | None, complete: bool, conn: Connection
    ) -> None:
        index_queries.record(
            conn, self._site.id, self._archive, url, rows=count, newest=newest, complete=complete
        )

    async def _all_of(self, url: str, first: str | None = None) -> KeptRows:
        rows = KeptRows()
        async for page in self._fetcher.index(self._site.domain, Question(url=url, first=first)):
            await asyncio.to_thread(rows.add, page.captures)
        return rows

    def _of_old(self, known: KnownPolicies, now: datetime) -> list[PolicyUrl]:
        """Where the policy was once, and what has not been asked in this round; longest ago first.

        An index may still learn more of those, too, if hardly ever.
        """
        current = {policy.url for policy in known.current}
        old = [
            (asked.asked_at, policy)
            for policy in known.policies
            if policy.url not in current
            and (asked := known.answered.get(policy.url)) is not None
            and is_new_round(policy.url, asked.asked_at, now)
        ]
        return [policy for _, policy in sorted(old, key=itemgetter(0))]

    async def _ask_again(self, known: KnownPolicies, policy: PolicyUrl, now: datetime) -> bool:
        """Record what is new; answers whether the URL has begun to redirect since."""
        url, last = policy.url, known.answered.get(policy.url)
        first, since, until = None, *known.span(policy)
        in_turn = self._session.archive.local or (last and is_new_round(url, last.asked_at, now))
        if last is not None and last.newest is not None and not in_turn:
            first = format_timestamp(parse_timestamp(last.newest) - OVERLAP)
        try:
            rows = await self._all_of(url, first)
        except ArchiveError as error:
            self.failures.append(
                Failure(
                    site=self._site.domain,
                    url=url,
                    timestamp=None,
                    reason=str(error),
                    transient=error.transient,
                )
            )
            return False
        new = await self._keep(url, rows, since, until)
        status = rows.newest.statuscode if rows.newest else None
        return bool(new) and status is not None and 300 <= status < 400


def is_new_round(url: str, asked_at: datetime, now: datetime) -> bool:
    """Whether a URL's turn to be listed in full has come since it was asked for.

    Each has turns of its own, so that not all sites' come on one day.
    """
    offset = crc32(url.encode())
    return (asked_at.timestamp() + offset) // _ROUND < (now.timestamp() + offset) // _ROUND


def _within(capture: Capture, since: datetime | None, until: datetime | None) -> bool:
    moment = capture.moment
    return (since is None or since <= moment) and (until is None or moment < until)
