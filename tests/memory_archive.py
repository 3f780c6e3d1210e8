"""An archive in memory that answers what Discovery wants, and counts what it was asked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.discovery import Discovery, IndexQuery, Replay
from crawler.urls import canonical, url_key
from storage.records import Capture

if TYPE_CHECKING:
    from collections.abc import Callable

Page = tuple[int, tuple[tuple[str, str], ...], bytes]


def _always(page: Page) -> Callable[[], Page]:
    return lambda: page


@dataclass(slots=True)
class MemoryArchive:
    """Index rows and, for those that are replayed, a function that gives the page."""

    rows: list[Capture] = field(default_factory=list)
    pages: dict[tuple[str, str], Callable[[], Page]] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    broken: str | None = None

    def add(
        self,
        url: str,
        *days: str,
        html: str = "",
        status: int = 200,
        location: str | None = None,
        mimetype: str = "text/html",
    ) -> None:
        """One capture at noon of each day (``2015-05-12``) with the same page."""
        headers: tuple[tuple[str, str], ...] = (("Content-Type", f"{mimetype}; charset=utf-8"),)
        for day in days:
            stamp = day.replace("-", "") + "120000"
            moved = (("Location", f"/web/{stamp}id_/{location}"),) if location else ()
            page = (status, headers + moved, html.encode())
            self.rows.append(
                Capture(
                    urlkey=url_key(url),
                    timestamp=stamp,
                    original=url,
                    mimetype=mimetype,
                    statuscode=status,
                    digest=f"{hash((html, status, location)):x}",
                )
            )
            self.pages[url, stamp] = _always(page)

    def index(self, query: IndexQuery) -> list[Capture]:
        """The rows of an index query, by key and time as the Wayback Machine sorts them."""
        key = url_key(canonical(query.url))
        host = key.partition(")")[0]
        if query.match == "exact":
            rows = [row for row in self.rows if row.urlkey == key]
        elif query.match == "prefix":
            rows = [row for row in self.rows if row.urlkey.startswith(key)]
        else:
            rows = [row for row in self.rows if re.match(rf"{re.escape(host)}[,)]", row.urlkey)]
        if query.filter is not None:
            rows = [row for row in rows if re.fullmatch(query.filter, row.original)]
        return sorted(rows, key=lambda row: (row.urlkey, row.timestamp))[: query.limit]

    def drive(self, machine: Discovery, *, pick: Callable[[int], int] = lambda n: 0) -> Discovery:  # noqa: ARG005 - the first of however many
        """Answer until nothing is wanted any more; ``pick(n)`` says which of n to answer next."""
        while not machine.done:
            wanted = machine.wanted()[pick(len(machine.wanted()))]
            kind = "index" if isinstance(wanted, IndexQuery) else "replay"
            self.log.append(f"{kind} {wanted.purpose}")
            if self.broken is not None and re.fullmatch(self.broken, self.log[-1]):
                machine.feed_failure(wanted)
            elif isinstance(wanted, Replay):
                capture = wanted.capture
                status, headers, body = self.pages[capture.original, capture.timestamp]()
                machine.feed_page(
                    wanted, url=capture.original, status=status, headers=headers, body=body
                )
            else:
                machine.feed_index(wanted, iter(self.index(wanted)))
        return machine
