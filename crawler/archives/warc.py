"""WARC files as an archive: addresses of its own (``warc://``) that `crawler.handlers` answers.

Index and replay answer in the Wayback Machine's dialect, so that nothing else knows the difference.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from crawler.archives.base import Ask, Budget, IndexPage, Match, Question, Redirected
from crawler.archives.cdx import check_answer, read_arrays
from crawler.archives.replay import read_memento
from storage.records import How

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from crawler.archives.base import Answer
    from storage.records import Capture, Memento

HOST = "files"
"""Scrapy takes no address without a host."""

ABSENT = ""
MATCHES: dict[str, Match] = {"exact": "exact", "prefix": "prefix", "domain": "domain"}


class WarcArchive:
    """A WARC or WACZ file, or a folder of them, read in place."""

    local = True
    how = How.INDEX
    timegate: str | None = None
    saves_at: str | None = None
    loopback = True

    def __init__(self, path: Path) -> None:
        self.name = f"warc:{path}"
        self._address = f"warc://{HOST}{quote(str(path))}"

    def index_ask(self, question: Question) -> Ask:
        """The address of an index answer."""
        params: dict[str, Any] = {
            "url": question.url,
            "match": question.match,
            "first": question.first or ABSENT,
            "last": question.last or ABSENT,
            "pattern": question.pattern or ABSENT,
            "limit": question.limit or ABSENT,
        }
        return Ask(url=f"{self._address}?{urlencode(params)}", budget=Budget.CDX)

    def read_index(self, question: Question, answer: Answer) -> IndexPage:  # noqa: ARG002 - the Protocol's
        """Read an index answer.

        Raises:
            ArchiveError: the files could not be read.
        """
        check_answer(answer)
        return read_arrays(answer.body)

    def replay_ask(self, capture: Capture) -> Ask:
        """The address of a record."""
        params = {"timestamp": capture.timestamp, "url": capture.original}
        return Ask(url=f"{self._address}?{urlencode(params)}", budget=Budget.REPLAY)

    def read_replay(
        self, capture: Capture, answer: Answer, fetched_at: datetime
    ) -> Memento | Redirected:
        """Read a record.

        Raises:
            ArchiveError: the record is damaged or gone.
            MementoError: too large a body.
        """
        return read_memento(
            capture,
            answer,
            prefix=self._address,
            page_url=self.page_url(capture),
            fetched_at=fetched_at,
        )

    def page_url(self, capture: Capture) -> str:
        """Where the record says that it was taken from; else the files, and which record of them.

        The latter is no address, but all that finds it again.
        """
        return capture.memento_url or f"{self.name}#{capture.timestamp}/{capture.original}"


def files_of(address: str) -> Path:
    """The path in a ``warc://`` address."""
    return Path(unquote(urlsplit(address).path))


def asked_of(address: str) -> Question | tuple[str, str]:
    """What a ``warc://`` address asks for: an index answer, or a record by timestamp and URL.

    Raises:
        ValueError: neither.
    """
    params = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    try:
        if "timestamp" in params:
            return params["timestamp"], params["url"]
        return Question(
            url=params["url"],
            match=MATCHES[params["match"]],
            first=params.get("first"),
            last=params.get("last"),
            pattern=params.get("pattern"),
            limit=int(params["limit"]) if "limit" in params else None,
        )
    except KeyError as error:
        raise ValueError(f"no {error} in {address!r}") from error
