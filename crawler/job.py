"""What a crawl is told and what it tells: a job on its stdin, events on its stdout, as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any, Literal, cast

from crawler.config import ArchiveConfig
from crawler.errors import CrawlError
from crawler.overrides import NO_OVERRIDES, Overrides, override_document, override_of
from storage.records import format_time

Mode = Literal["crawl", "discover"]
Outcome = Literal["done", "partial", "stopped", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteJob:
    """A site to crawl: its row in the database, its domain, the policy URLs the user named, the
    rules by which its pages are read."""

    id: int
    domain: str
    urls: tuple[str, ...] = ()
    overrides: Overrides = NO_OVERRIDES


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything that one crawl needs to know.

    ``first`` and ``last`` bound the captures that are fetched (``--from``, ``--to``); the index is
    always asked for all of them, which costs the same one request. ``max_requests`` counts index
    and replay requests of this run together, of which each site gets an equal part, and what others
    leave of theirs; ``max_requests_per_site`` counts those of each site. In mode ``discover`` no
    policy capture is fetched.
    """

    database: str
    sites: tuple[SiteJob, ...]
    archive: ArchiveConfig = field(default_factory=ArchiveConfig)
    first: datetime | None = None
    last: datetime | None = None
    strategy: str = "adaptive"
    max_requests: int | None = None
    max_requests_per_site: int | None = None
    mode: Mode = "crawl"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFound:
    """A policy URL, the span in which it held the policy (None: open), why it was chosen."""

    url: str
    how: str
    first: datetime | None = None
    last: datetime | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A link that looked like a policy and was not taken, with the reason."""

    url: str
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """How many requests went out, by the archive's two budgets; retries count."""

    cdx: int = 0
    replay: int = 0

    @property
    def total(self) -> int:
        return self.cdx + self.replay


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStarted:
    """A site's crawl begins."""

    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Which URLs held the site's policy; none where nothing was found."""

    site: str
    policies: tuple[PolicyFound, ...]
    passed_over: tuple[PassedOver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """How many captures of the policy are known and lie within the job's bounds."""

    site: str
    captures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """How many captures are to be fetched, further to those planned before."""

    site: str
    captures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotKept:
    """A capture's body is kept and judged.

    ``word_key`` is a digest of its words, None where no text could be read. ``copied``: it has the
    digest of a capture that was fetched, so that no request was spent.
    """

    site: str
    url: str
    timestamp: str
    verdict: str
    word_key: str | None
    copied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something could not be had; ``timestamp`` is None for a question to the index."""

    site: str
    url: str
    timestamp: str | None
    reason: str
    transient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The archive asked for a rest: no request goes out for this long, in any process."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDone:
    """A site's crawl has ended.

    ``failures`` counts the Failure events that no later try made good. Outcome ``partial``: some
    captures could not be had; ``stopped``: by the user, by ``max_requests`` or because the archive
    refuses; ``failed``: nothing could be learned. ``reason`` says why it is not ``done``.
    """

    site: str
    captures_listed: int
    captures_fetched: int
    requests: Requests
    failures: int
    seconds: float
    outcome: Outcome
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDone:
    """The last event; the outcome is the worst site's, ``failed`` if the run could not start."""

    outcome: Outcome
    reason: str | None = None
    seconds: float = 0.0


Event = (
    SiteStarted | Policies | Listed | Planned | SnapshotKept | Failure | Paused | SiteDone | RunDone
)

_EVENTS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        SiteStarted,
        Policies,
        Listed,
        Planned,
        SnapshotKept,
        Failure,
        Paused,
        SiteDone,
        RunDone,
    )
}


def job_to_json(job: Job) -> str:
    """A job as one line of JSON."""
    raw = asdict(job)
    for site, written in zip(job.sites, raw["sites"], strict=True):
        written["overrides"] = [override_document(rule) for rule in site.overrides.rules]
    return json.dumps(raw, default=_time)


def job_from_json(text: str) -> Job:
    """Read what `job_to_json` wrote.

    Raises:
        CrawlError: it is no job.
    """
    try:
        raw = json.loads(text)
        raw["sites"] = tuple(map(_site, raw["sites"]))
        raw["archive"] = ArchiveConfig(**raw["archive"])
        for bound in ("first", "last"):
            raw[bound] = _moment(raw[bound])
        return Job(**raw)
    except (ValueError, TypeError, KeyError) as error:
        raise CrawlError(f"not a crawl job: {error}") from error


def event_to_json(event: Event) -> str:
    """An event as one line of JSON."""
    return json.dumps({"event": type(event).__name__, **asdict(event)}, default=_time)


def event_from_json(line: str) -> Event:
    """Read what `event_to_json` wrote.

    Raises:
        CrawlError: it is no event.
    """
    try:
        raw = json.loads(line)
        kind = _EVENTS[raw.pop("event")]
        if kind is Policies:
            raw["policies"] = tuple(_policy(found) for found in raw["policies"])
            raw["passed_over"] = tuple(PassedOver(**link) for link in raw["passed_over"])
        elif kind is SiteDone:
            raw["requests"] = Requests(**raw["requests"])
        known = {item.name for item in fields(kind)}
        return cast("Event", kind(**{name: value for name, value in raw.items() if name in known}))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CrawlError(f"not a crawl event: {line[:200]!r} ({error})") from error


def _site(raw: dict[str, Any]) -> SiteJob:
    rules = tuple(map(override_of, raw["overrides"]))
    return SiteJob(**raw | {"urls": tuple(raw["urls"]), "overrides": Overrides(rules=rules)})


def _policy(raw: dict[str, Any]) -> PolicyFound:
    spans = {bound: _moment(raw[bound]) for bound in ("first", "last")}
    return PolicyFound(**raw | spans | {"evidence": tuple(raw["evidence"])})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _time(value: object) -> str:
    if isinstance(value, datetime):
        return format_time(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
