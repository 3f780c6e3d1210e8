"""The Wayback Machine, and servers that speak its dialect. The one file that knows waybackpy.

waybackpy builds the index's requests. It is not let near the network: a refusal with a short body
reads as an empty history there, one malformed row ends a history, and it has no timeout.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from waybackpy.cdx_api import WaybackMachineCDXServerAPI
from waybackpy.cdx_utils import full_url
from waybackpy.exceptions import WaybackError

from crawler.archives.base import INTERNET_ARCHIVE, Ask, Budget, IndexPage, is_loopback
from crawler.archives.cdx import check_answer, read_arrays
from crawler.archives.replay import RawReplay
from crawler.errors import ArchiveError
from storage.records import How

if TYPE_CHECKING:
    from crawler.archives.base import Answer, Question

PAGE = 50_000
"""Rows of one answer. The Internet Archive gives up to 150,000, which may be 40 MB at once; hardly
a page of the web has more than this."""


class WaybackArchive(RawReplay):
    """The Internet Archive's Wayback Machine, or its like at another address."""

    local = False
    how = How.INDEX

    def __init__(self, server: str = INTERNET_ARCHIVE) -> None:
        self._server = server.rstrip("/")
        host = urlsplit(self._server).netloc
        self.loopback = is_loopback(self._server)
        self.name = host if self._server == INTERNET_ARCHIVE else self._server
        self.timegate: str | None = f"{self._server}/web"
        self.saves_at: str | None = self._server
        super().__init__(f"{self._server}/web")

    def index_ask(self, question: Question) -> Ask:
        """The CDX server's query, built by waybackpy.

        Raises:
            ArchiveError: the question cannot be put to a CDX server.
        """
        payload = {
            "output": "json",
            "limit": str(min(question.limit or PAGE, PAGE)),
        }
        if question.limit is None:
            payload["showResumeKey"] = "true"
        if question.resume is not None:
            payload["resumeKey"] = question.resume
        filters = [f"original:{question.pattern}"] if question.pattern else []
        if question.statuscode:
            filters.append(f"statuscode:{question.statuscode}")
        try:
            query = WaybackMachineCDXServerAPI(
                # A star would turn the question into one for a prefix.
                question.url.replace("*", "%2A"),
                start_timestamp=question.first,
                end_timestamp=question.last,
                match_type=question.match,
                filters=filters,
                collapses=[question.collapse] if question.collapse else [],
            )
        except WaybackError as error:
            raise ArchiveError(f"no question for an index: {error}") from error
        query.add_payload(payload)
        endpoint = f"{self._server}/cdx/search/cdx"
        # The resume key comes percent-encoded already.
        url = full_url(endpoint, payload)
        return Ask(url=url, budget=Budget.CDX)

    def read_index(self, question: Question, answer: Answer) -> IndexPage:
        """Read a JSON answer.

        Raises:
            ArchiveError: it is none; ``transient`` says whether to ask again.
        """
        check_answer(answer)
        page = read_arrays(answer.body)
        if question.resume is not None and page.resume == question.resume:
            raise ArchiveError("the index gives the same page again and again")
        return page
