"""What an archive is to the crawler: it says which request to send and reads the answer. No I/O.

Whoever holds an archive does the transport, so that one spider serves every archive and every rule
about budgets, pauses and retries stands in one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from datetime import datetime

    from storage.records import Capture, How, Memento

INTERNET_ARCHIVE = "https://web.archive.org"

Headers = tuple[tuple[str, str], ...]
Match = Literal["exact", "prefix", "domain"]


class Budget(StrEnum):
    """The two allowances that archives give: the index is much scarcer than what it lists."""

    CDX = "cdx"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to an archive's index.

    Attributes:
        url: an absolute URL, or a bare domain where ``match`` is ``domain``.
        first: only captures of this timestamp (14 digits or fewer) or later.
        last: only captures up to this timestamp.
        pattern: a regular expression that the captured URL must match in full.
        limit: how many rows are wanted at most, None for all.
        collapse: a CDX collapse such as ``timestamp:6``: a hint, not every archive heeds it.
        statuscode: a regular expression on the status, to make the answer small: a hint likewise.
        resume: where the last page of the answer ended.
    """

    url: str
    match: Match = "exact"
    first: str | None = None
    last: str | None = None
    pattern: str | None = None
    limit: int | None = None
    collapse: str | None = None
    statuscode: str | None = None
    resume: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request to send: a GET of ``url``, charged to ``budget``."""

    url: str
    budget: Budget
    headers: Headers = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, content encodings still in place."""

    url: str
    status: int
    headers: Headers
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The first header of this name, None without one."""
        return next((v for key, v in self.headers if key.lower() == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row of an index that cannot be read; the rows around it count all the same."""

    row: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexPage:
    """A page of an index's answer; ``resume`` asks for the next one, None at the end."""

    captures: tuple[Capture, ...]
    bad_rows: tuple[BadRow, ...] = ()
    resume: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirected:
    """The archive has the capture at another of its own addresses."""

    ask: Ask


class Archive(Protocol):
    """An archive of the web.

    ``name`` is its identity: captures and budgets are kept under it. ``loopback``: it runs on this
    machine. ``local``: its captures are files here, no budget is needed. ``how``: by what it lists
    captures. ``timegate``: where it answers ``<timegate>/<timestamp>id_/<URL>`` with the nearest
    capture and the captures beside that (`crawler.archives.neighbours`); None where it does not.
    ``saves_at``: the server whose ``/save`` takes requests to capture a page; None where none does.
    """

    name: str
    loopback: bool
    local: bool
    how: How
    timegate: str | None
    saves_at: str | None

    def index_ask(self, question: Question) -> Ask:
        """The request that puts a question to the index.

        Raises:
            ArchiveError: it cannot be put to this one.
        """
        ...

    def read_index(self, question: Question, answer: Answer) -> IndexPage:
        """Read the index's answer.

        Raises:
            ArchiveError: it is none; ``transient`` says whether to ask again.
        """
        ...

    def replay_ask(self, capture: Capture) -> Ask:
        """The request for a capture's body, as it was archived."""
        ...

    def read_replay(
        self, capture: Capture, answer: Answer, fetched_at: datetime
    ) -> Memento | Redirected:
        """Read the answer to `replay_ask`.

        An archived error or redirect is a memento like any other.

        Raises:
            ArchiveError: the archive's own failure, or its refusal for good.
            MementoError: it is another capture than the one that was asked for.
        """
        ...

    def page_url(self, capture: Capture) -> str:
        """Where a person looks at the capture."""
        ...


def is_loopback(url: str) -> bool:
    """Whether a server runs on this machine."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")
