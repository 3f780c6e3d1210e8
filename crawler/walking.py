"""Going along a page's captures by their ``Link`` headers, where the index says no.

`crawler.link_walk` knows what is known of them; this asks the archive and keeps what it answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from crawler.kept_rows import KeptRows
from storage import captures, frontiers
from storage.records import CaptureState, How, Role, format_timestamp

if TYPE_CHECKING:
    from crawler.archives.neighbours import Neighbourhood
    from crawler.fetching import Fetcher
    from crawler.frontier import Frontier
    from crawler.job import SiteJob
    from crawler.pipelines import Judged, Keeper
    from crawler.session import Session
    from storage.database import Connection
    from storage.records import Capture, ListedCapture, Memento

HOME_STEP: Final = timedelta(days=2 * 365)
"""Between the captures of a home page that are looked at; discovery wants one in four years."""


@dataclass(slots=True, kw_only=True)
class Walking:
    """The walks of one site's crawl."""

    session: Session
    fetcher: Fetcher
    keeper: Keeper
    site: SiteJob
    spans: list[tuple[str, str, str]] = field(default_factory=list)
    _met: dict[str, Neighbourhood] = field(default_factory=dict)

    @property
    def possible(self) -> bool:
        """Whether the archive's mementos name their neighbours."""
        return self.session.archive.timegate is not None

    async def around(self, url: str, *, home: bool = False) -> KeptRows:
        """Some captures of a URL: the newest, the one before it, and the first.

        Of a home page also one every two years, which are kept as they come.

        Raises:
            ArchiveError: the archive has none, or refuses.
            OverError: the run sends no more requests.
        """
        newest = await self._nearest(url, datetime.now(UTC))
        found = {c.timestamp: c for c in newest.around.values()}
        met = [newest]
        if home:
            here, moment = newest.memento.capture, newest.memento.capture.moment
            first = newest.around.get("first", here).moment
            while (moment := moment - HOME_STEP) > first:
                met.append(await self._nearest(url, moment))
            for one in met:
                await self._keep_page(one.memento)
        else:
            self._met[url] = newest
        found |= {one.memento.capture.timestamp: one.memento.capture for one in met}
        rows = KeptRows()
        rows.add(found[timestamp] for timestamp in sorted(found))
        return rows

    def met(self, url: str) -> bool:
        """Whether a URL's captures are known by `around` alone."""
        return url in self._met

    async def list_ends(self, url: str, since: datetime | None, until: datetime | None) -> None:
        """List what `around` met of a policy's URL, as far as it counts; keep what it fetched.

        ``spans`` then has the URL, with the first and the last timestamp to walk between.
        """
        found = self._met.pop(url)
        here = found.memento.capture
        known = {one.timestamp: one for one in (*found.around.values(), here)}
        first = max(min(known), format_timestamp(since) if since else "")
        last = min(max(known), format_timestamp(until) if until else "9")
        within = [one for timestamp, one in known.items() if first <= timestamp <= last]
        for listed in await self._listed(within):
            if listed.capture.timestamp == here.timestamp:
                await self.keeper.keep(listed, found.memento)
        self.spans.append((url, first, last))

    async def visit(
        self, frontier: Frontier, guess: ListedCapture
    ) -> tuple[ListedCapture, Judged] | None:
        """Ask for what is nearest to a guess; answers what was kept, None if that was known.

        Raises:
            ArchiveError: the archive failed, or refuses.
            MementoError: it answers with no capture.
            OverError: the run sends no more requests.
        """
        asked = guess.capture
        found = await self._nearest(asked.original, asked.moment)
        here = found.memento.capture
        await self.look_around(frontier, here, found.around)
        frontier.answered(guess, here.timestamp)
        (listed,) = await self._listed([here])
        known = frontier.items.get(listed.id, listed)
        if known.state is not CaptureState.LISTED:
            return None
        frontier.add([known])
        return known, await self.keeper.keep(known, found.memento)

    async def look_around(
        self, frontier: Frontier, here: Capture, around: dict[str, Capture]
    ) -> None:
        """List a capture's neighbours."""
        sides = [around[name] for name in ("prev", "next") if name in around]
        frontier.add(await self._listed([one for one in sides if frontier.walks_by(one)]))
        frontier.met(here, around.get("prev"), around.get("next"))

    async def _nearest(self, url: str, moment: datetime) -> Neighbourhood:
        timestamp = format_timestamp(moment)
        return await self.fetcher.nearest(self.site.domain, url, timestamp)

    async def _keep_page(self, memento: Memento) -> None:
        archive = self.session.archive.name
        await self.keeper.keep_page(self.site.id, archive, Role.HOME, memento, how=How.LINK)

    async def _listed(self, found: list[Capture]) -> list[ListedCapture]:
        archive, site_id = self.session.archive.name, self.site.id

        def work(conn: Connection) -> list[ListedCapture]:
            captures.record(conn, site_id, archive, Role.POLICY, found, how=How.LINK)
            return frontiers.find(conn, site_id, archive, found)

        return await self.session.writer.do(work)
