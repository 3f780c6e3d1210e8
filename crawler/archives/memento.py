"""Any archive that has timemaps (RFC 7089): what it holds of a page, and where each memento is.

A timemap answers for one URL; there is no asking for a whole domain. It names neither status nor
digest, so that only fetching tells redirects from pages.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from crawler.archives.base import (
    INTERNET_ARCHIVE,
    Ask,
    BadRow,
    Budget,
    IndexPage,
    Redirected,
    is_loopback,
)
from crawler.archives.cdx import check_status, read_arrays, read_lines
from crawler.archives.link_format import Link, read_links, replayed
from crawler.archives.replay import ACCEPT_ENCODING, RawReplay, read_memento
from crawler.errors import ArchiveError, UnsupportedError
from crawler.urls import url_key
from storage.records import Capture, How, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crawler.archives.base import Answer, Question
    from storage.records import Memento

MOST_PAGES = 1_000
"""Pages of one timemap; who has more of them is going round in circles."""


class MementoArchive(RawReplay):
    """An archive by the address of its timemaps, which the page's URL is put behind.

    Timemaps may come in link format, in the JSON of the MementoWeb aggregator, as the CDX rows of
    the Wayback Machine's ``timemap/json/`` or as those of pywb's.
    """

    local = False
    how = How.TIMEMAP
    timegate: str | None = None
    saves_at: str | None = None

    def __init__(self, timemaps: str) -> None:
        self._timemaps = timemaps
        self._host = urlsplit(timemaps).netloc
        self._is_home = self._host == urlsplit(INTERNET_ARCHIVE).netloc
        # One budget, however the Internet Archive is asked.
        self.name = self._host if self._is_home else timemaps
        self.loopback = is_loopback(timemaps)
        super().__init__(timemaps.partition("timemap/")[0].rstrip("/"))

    def index_ask(self, question: Question) -> Ask:
        """The timemap of a URL, or its next page.

        Raises:
            UnsupportedError: more than one URL is asked for.
        """
        if question.match != "exact":
            raise UnsupportedError(f"{self.name} answers for single URLs alone")
        url = self._timemaps + question.url
        if question.resume is not None:
            url = json.loads(question.resume)["next"][0]
        return Ask(url=url, budget=Budget.CDX)

    def read_index(self, question: Question, answer: Answer) -> IndexPage:
        """Read a timemap, or a page of one; 404 is an empty one.

        Raises:
            ArchiveError: it is none; ``transient`` says whether to ask again.
        """
        if answer.status == 404:
            return IndexPage(captures=())
        check_status(answer)
        start = answer.body.lstrip()[:1]
        if start == b"[":
            page = read_arrays(answer.body)
        elif start == b"{":
            page = self._read_json(question, answer)
        elif "html" in (answer.header("content-type") or ""):
            raise ArchiveError("the archive answers with a web page", transient=True)
        else:
            links = read_links(answer.body.decode("utf-8", "replace"))
            page = self._page(question, answer, links)
        return IndexPage(
            captures=tuple(_asked_for(page.captures, question)),
            bad_rows=page.bad_rows,
            resume=page.resume,
        )

    def replay_ask(self, capture: Capture) -> Ask:
        """The memento, raw where its address has a form that allows it."""
        if capture.memento_url is None:
            return super().replay_ask(capture)
        form = replayed(capture.memento_url)
        url = form.raw if form else capture.memento_url
        return Ask(url=url, budget=Budget.REPLAY, headers=ACCEPT_ENCODING)

    def read_replay(
        self, capture: Capture, answer: Answer, fetched_at: datetime
    ) -> Memento | Redirected:
        """Read a memento.

        Raises:
            ArchiveError: the archive's own failure, or its refusal for good.
            MementoError: another capture than the one asked for, or too large a body.
        """
        address = capture.memento_url
        if address is None:
            return super().read_replay(capture, answer, fetched_at)
        is_memento = answer.header("memento-datetime") is not None
        if not is_memento and answer.status in (400, 404) and answer.url != address:
            # An address that only looks like the Wayback Machine's has no raw form.
            return Redirected(ask=Ask(url=address, budget=Budget.REPLAY, headers=ACCEPT_ENCODING))
        form = replayed(answer.url)
        return read_memento(
            capture,
            answer,
            prefix=form.prefix if form else None,
            page_url=address,
            fetched_at=fetched_at,
        )

    def page_url(self, capture: Capture) -> str:
        """The memento's own address."""
        return capture.memento_url or super().page_url(capture)

    def _read_json(self, question: Question, answer: Answer) -> IndexPage:
        try:
            document = json.loads(answer.body)
        except ValueError:
            return read_lines(answer.body)
        if "mementos" not in document and "timemap_index" not in document:
            return read_lines(answer.body)
        try:
            return self._page(question, answer, list(_links_of(document)))
        except (KeyError, TypeError, AttributeError) as error:
            raise ArchiveError(f"the archive's timemap cannot be read: {error!r}") from error

    def _page(self, question: Question, answer: Answer, links: Iterable[Link]) -> IndexPage:
        captures: dict[tuple[str, str], Capture] = {}
        bad: list[BadRow] = []
        state = json.loads(question.resume or '{"next": [], "seen": []}')
        seen = {*state["seen"], self._timemaps + question.url, answer.url}
        following = [url for url in state["next"] if url not in seen]
        for link in links:
            if "timemap" in link.relations and "self" not in link.relations:
                url = urljoin(answer.url, link.url)
                if urlsplit(url).netloc == self._host and url not in {*seen, *following}:
                    following.append(url)
            if "memento" in link.relations:
                try:
                    capture = self._capture(question, urljoin(answer.url, link.url), link)
                    captures.setdefault((capture.timestamp, capture.original), capture)
                except ValueError as error:
                    bad.append(BadRow(row=link.url[:500], reason=str(error)))
        resume = None
        if following and len(seen) < MOST_PAGES:
            resume = json.dumps({"next": following, "seen": sorted(seen)})
        return IndexPage(captures=tuple(captures.values()), bad_rows=tuple(bad), resume=resume)

    def _capture(self, question: Question, address: str, link: Link) -> Capture:
        """The capture that a timemap's entry names.

        Raises:
            ValueError: it has no time, or no address that this archive may be asked for.
        """
        host = urlsplit(address).netloc
        if host == urlsplit(INTERNET_ARCHIVE).netloc and not self._is_home:
            # It has a budget of its own, which requests through here would pass by.
            raise ValueError("the Wayback Machine's: ask it with --archive wayback")
        form = replayed(address)
        original = form.original if form else question.url
        if form is None and link.moment is None:
            raise ValueError("a memento without a time")
        timestamp = format_timestamp(link.moment) if link.moment else form.timestamp if form else ""
        return Capture(
            urlkey=url_key(original),
            timestamp=timestamp,
            original=original,
            mimetype="unk",
            statuscode=None,
            digest="-",
            memento_url=address,
        )


def _links_of(document: dict[str, Any]) -> Iterable[Link]:
    """The JSON timemap of MementoWeb, as links.

    Format: http://timetravel.mementoweb.org/guide/api/#timemap-json
    """
    for page in document.get("timemap_index", ()):
        yield Link(url=str(page["uri"]), relations=frozenset({"timemap"}))
    for memento in document.get("mementos", {}).get("list", ()):
        yield Link(
            url=str(memento["uri"]),
            relations=frozenset({"memento"}),
            parameters={"datetime": str(memento["datetime"])},
        )
    pages = document.get("pages", {})
    if "next" in pages:
        yield Link(url=str(pages["next"]["uri"]), relations=frozenset({"timemap"}))


def _asked_for(captures: Iterable[Capture], question: Question) -> Iterable[Capture]:
    """Within the question's bounds: a timemap has all."""
    first, last = question.first or "", (question.last or "").ljust(14, "9")
    kept = sorted((c for c in captures if first <= c.timestamp <= last), key=_time)
    return kept[: question.limit]


def _time(capture: Capture) -> str:
    return capture.timestamp
