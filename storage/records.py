"""The vocabulary of the project: what is known of a site's policy, as frozen records.

Standard library only; every layer speaks in these. The terms are explained in docs/glossary.md.
Times are aware UTC datetimes, except ``timestamp``, the archive's own 14 digits, which is kept as
it stood in the index because it is part of the capture's identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256


class Verdict(StrEnum):
    """What a capture's body turned out to be; an outcome to be shown, never an exception."""

    POLICY = "policy"
    NOT_POLICY = "not-policy"
    BLOCKED = "blocked"
    ERROR_PAGE = "error-page"
    EMPTY = "empty"
    UNSUPPORTED = "unsupported"
    REDIRECT = "redirect"


def parse_timestamp(timestamp: str) -> datetime:
    """Read an archive's 14-digit timestamp (shorter ones are filled up) as aware UTC.

    Month, day or time parts that no calendar has (the Wayback Machine's index holds months and days
    of ``00``) are moved to the nearest that exists.

    Raises:
        ValueError: it has no four digits of a year, or something that is no digit.
    """
    if len(timestamp) < 4 or not timestamp.isascii() or not timestamp.isdigit():
        raise ValueError(f"not an archive timestamp: {timestamp!r}")
    digits = (timestamp + "00000101000000"[len(timestamp) :])[:14]
    year, month, day = max(1, int(digits[:4])), int(digits[4:6]), int(digits[6:8])
    hour, minute, second = int(digits[8:10]), int(digits[10:12]), int(digits[12:14])
    month = min(max(month, 1), 12)
    for last in (31, 30, 29, 28):
        try:
            return datetime(
                year,
                month,
                min(max(day, 1), last),
                min(hour, 23),
                min(minute, 59),
                min(second, 59),
                tzinfo=UTC,
            )
        except ValueError:
            continue
    raise ValueError(f"not an archive timestamp: {timestamp!r}")


def format_timestamp(moment: datetime) -> str:
    """Write an aware datetime as the archive's 14 digits."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def format_time(moment: datetime) -> str:
    """Write an aware datetime as ISO 8601 UTC with seconds (``2015-05-12T17:12:10Z``)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One row of an archive's index, in CDX field names.

    ``statuscode`` is None where the index has ``-`` (revisits, WARC formats without it), ``length``
    likewise. ``digest`` is the base32 SHA-1 of the stored body, or ``-``. ``memento_url`` is its
    address in the archive (RFC 7089's URI-M), None where that follows from timestamp and URL.
    """

    urlkey: str
    timestamp: str
    original: str
    mimetype: str
    statuscode: int | None
    digest: str
    length: int | None = None
    memento_url: str | None = None

    @property
    def moment(self) -> datetime:
        return parse_timestamp(self.timestamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memento:
    """An archive's answer for one capture, body as served (content encodings removed)."""

    capture: Capture
    archive_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A capture's body, cleaned: the policy as Markdown, one block a paragraph, heading or item.

    ``markdown`` is canonical: the same policy text gives the same string. ``surroundings`` are the
    texts of the page's other blocks (menus, banners, notices), in source order: a block that leaves
    the policy but stands there has only moved to the region's edge. ``notes`` tell a person what
    the normalizer decided (which of several documents on a page, where text was cut).
    """

    markdown: str
    title: str | None = None
    language: str | None = None
    surroundings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """A verdict on a document, its reason in words, and how much it reads like a policy (0..1)."""

    verdict: Verdict
    reason: str
    policy_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyUrl:
    """One URL under which a site's policy stood, for which span, and how it was found.

    ``given``: the user named it, so that discovery never drops it. ``evidence`` tells a person, a
    sentence each, why discovery chose it.
    """

    url: str
    how: str
    first: datetime | None = None
    last: datetime | None = None
    given: bool = False
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one capture showed of the policy: the input from which versions are derived.

    ``source`` names another collector whose rules took the text from the page, "" for our own
    reading; ``technical``: that collector took it anew by changed rules, the page being the same.
    ``live``: its own server gave it to us; no archive stands behind it.
    """

    snapshot_id: int
    url: str
    timestamp: str
    archive_url: str
    verdict: Verdict
    markdown: str
    language: str | None = None
    source: str = ""
    technical: bool = False
    live: bool = False

    @property
    def moment(self) -> datetime:
        return parse_timestamp(self.timestamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDate:
    """A date that a policy states of itself, and the words in which it does."""

    day: date
    kind: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeCount:
    """How many segments of one practice category a change added, removed and modified.

    Of those modified, ``gained`` came into the category and ``lost`` left it.
    """

    category: str
    added: int = 0
    removed: int = 0
    modified: int = 0
    gained: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentChange:
    """Where one commitment went (weakened, strengthened, new, dropped) and the words that show it.

    ``categories`` are the practice categories of the statement.
    """

    direction: str
    old_words: str = ""
    new_words: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A maximal run of captures whose normalized policy text is the same.

    ``grade`` is its reading grade (docs/trends.md), None where the text has none. ``live`` counts
    those of its captures that the page's own server gave us.
    """

    id: str
    number: int
    url: str
    first_seen: datetime
    last_seen: datetime
    captures: int
    archive_url: str
    stated_date: date | None
    language: str | None
    words: int
    text_sha256: str
    practices: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    grade: float | None = None
    live: int = 0

    @property
    def only_live(self) -> bool:
        """Whether no archive has shown it yet: ``archive_url`` is the page's own address then."""
        return 0 < self.live == self.captures


SOURCE = "source"
"""The kind of a change at which the telling passes to another collector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Two successive versions: the change happened between ``after`` and ``before``.

    ``after`` is the last capture that still shows the old version, ``before`` the first that shows
    the new one. ``silent``: a date is stated on both sides and did not move. ``moved`` counts the
    segments of a category that only stand elsewhere. ``score`` says how much it may matter (0 to
    100, docs/materiality.md; -1: not scored yet), ``reasons`` why, in short sentences.
    """

    old_number: int
    new_number: int
    after: datetime
    before: datetime
    silent: bool
    words_added: int
    words_removed: int
    practices: tuple[PracticeCount, ...] = ()
    kind: str = "wording"
    directions: tuple[CommitmentChange, ...] = ()
    moved: dict[str, int] = field(default_factory=dict)
    score: int = -1
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A tracked site: its domain in lower case, and the service's name where one was given."""

    id: int
    domain: str
    name: str | None
    added_at: datetime


class CaptureState(StrEnum):
    """Where a listed capture stands: the table of captures is the crawl's frontier."""

    LISTED = "listed"
    FETCHED = "fetched"
    FAILED = "failed"
    EXCLUDED = "excluded"


class How(StrEnum):
    """What told of a capture: an index, a timemap, a neighbour's Link header, an import.

    Of what others collected, ``IMPORT`` is a page as they kept it, ``TEXT`` what their rules took
    from one, and ``UPGRADE`` what changed rules of theirs took from the same page. ``LIVE`` is none
    of an archive's: the page as its own server gave it to us.
    """

    INDEX = "index"
    TIMEMAP = "timemap"
    LINK = "link"
    IMPORT = "import"
    TEXT = "text"
    UPGRADE = "upgrade"
    LIVE = "live"


class Role(StrEnum):
    """What a capture was listed for: the policy itself, or a page that may link to it."""

    POLICY = "policy"
    HOME = "home"
    HUB = "hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCapture:
    """A capture as the frontier knows it: its row of the index and what came of fetching it.

    ``transient`` tells of a failed one whether another try may succeed; ``attempts`` counts tries.
    """

    id: int
    site_id: int
    archive: str
    role: Role
    capture: Capture
    state: CaptureState = CaptureState.LISTED
    attempts: int = 0
    reason: str | None = None
    transient: bool = False
    tried_at: datetime | None = None
    how: How = How.INDEX


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A kept memento without its body; ``verdict`` is None until it has been judged.

    ``live``: the page's own server gave it to us, and ``archive_url`` is the page's address.
    """

    id: int
    capture_id: int
    site_id: int
    role: Role
    capture: Capture
    archive_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body_sha256: str
    fetched_at: datetime
    verdict: Verdict | None = None
    reason: str | None = None
    policy_score: float | None = None
    normalizer: str | None = None
    live: bool = False

    @property
    def content_type(self) -> str | None:
        """The Content-Type header as served, None without one."""
        return next((v for name, v in self.headers if name.lower() == "content-type"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexQuery:
    """One question put to an archive's index; ``newest`` is the newest timestamp it answered."""

    url: str
    asked_at: datetime
    rows: int
    newest: str | None
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSegment:
    """A segment of a version, with the practice categories it was given."""

    text: str
    kind: str
    level: int = 0
    heading: str = ""
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the derivation made of one snapshot: the version it shows (None for noise), and why."""

    snapshot_id: int
    number: int | None
    reason: str


def version_id(domain: str, text_sha256: str, ordinal: int) -> str:
    """The id of a version: 12 hex digits that stay while older captures slot in.

    ``ordinal`` counts, from 0 in time order, the site's versions that have this same text: a policy
    that returns to an earlier text is a version of its own.
    """
    key = f"{domain}\n{text_sha256}\n{ordinal}"
    return sha256(key.encode()).hexdigest()[:12]
