"""A pywb collection: its index is not the Wayback's, its replay nearly is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from crawler.archives.base import Ask, Budget, IndexPage, is_loopback
from crawler.archives.cdx import check_answer, read_lines
from crawler.archives.replay import RawReplay
from storage.records import How

if TYPE_CHECKING:
    from crawler.archives.base import Answer, Question

FLAGS = re.compile(r"\(\?[aimsux]+\)")
"""Global flags, which Python wants at the very beginning of an expression."""

ALL = 10_000_000
"""pywb cuts an answer at 100,000 rows unless it is told otherwise, and has no second page."""


class PywbArchive(RawReplay):
    """A collection of pywb 2, by its address (``http://127.0.0.1:8090/dev``)."""

    local = False
    how = How.INDEX
    timegate: str | None = None
    saves_at: str | None = None

    def __init__(self, collection: str) -> None:
        self._collection = collection.rstrip("/")
        super().__init__(self._collection)
        self.name = self._collection
        self.loopback = is_loopback(collection)

    def index_ask(self, question: Question) -> Ask:
        """The query of pywb's CDX server API.

        A filter that matches nothing would be answered with everything, but for ``allowFuzzy``.
        """
        params = {
            "url": question.url,
            "matchType": question.match,
            "output": "json",
            "allowFuzzy": "0",
            "limit": str(question.limit or ALL),
        }
        if question.first:
            params["from"] = question.first
        if question.last:
            params["to"] = question.last
        if question.pattern:
            # Unprefixed filters are substrings; its regular expressions match at the beginning.
            flags, pattern = FLAGS.match(question.pattern), question.pattern
            leading = flags[0] if flags else ""
            params["filter"] = f"~original:{leading}(?:{pattern[len(leading) :]})$"
        return Ask(url=f"{self._collection}/cdx?{urlencode(params)}", budget=Budget.CDX)

    def read_index(self, question: Question, answer: Answer) -> IndexPage:  # noqa: ARG002 - the Protocol's
        """Read JSON lines; there is only ever one page.

        Raises:
            ArchiveError: it is no answer; ``transient`` says whether to ask again.
        """
        check_answer(answer)
        return read_lines(answer.body)
