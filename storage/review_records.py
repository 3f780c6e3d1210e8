"""What people said of changes, as frozen records; standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.records import Change


class ReviewVerdict(StrEnum):
    """What a reviewer makes of a change; ``false``: the policy did not change, we misread it."""

    IMPORTANT = "important"
    ROUTINE = "routine"
    FALSE = "false"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relabel:
    """The practice categories that a statement has by a reviewer's judgement, none of them maybe.

    ``heading`` is that above the statement, as of a segment.
    """

    text: str
    categories: tuple[str, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What one person said of the change between two texts, at one moment.

    A change has as many as were written; the one of the highest ``revision`` counts. ``verdict`` is
    None where a verdict was taken back. ``restores`` tells an undo: the revision that counts again,
    0 for none.
    """

    old_sha256: str
    new_sha256: str
    revision: int
    verdict: ReviewVerdict | None
    note: str = ""
    tags: tuple[str, ...] = ()
    labels: tuple[Relabel, ...] = ()
    restores: int | None = None
    reviewer: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedChange:
    """A change in the queue: of which site, between which versions and texts, and what was said."""

    site_id: int
    site: str
    old_id: str
    new_id: str
    old_sha256: str
    new_sha256: str
    change: Change
    review: Review | None = None

    @property
    def id(self) -> str:
        """Names the change for good: the ids of its versions, which derive from their texts."""
        return f"{self.old_id}-{self.new_id}"

    @property
    def state(self) -> str:
        """The verdict that counts, ``open`` without one."""
        return self.review.verdict if self.review and self.review.verdict else "open"

    @property
    def revision(self) -> int:
        """How many reviews were written, taken back ones too: what a next one expects."""
        return self.review.revision if self.review else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """What of the queue is wanted; all of it by default that has no verdict.

    ``state``: ``open`` (no verdict), ``reviewed`` (any), ``all`` or a verdict. ``tag`` is one of a
    review or of a site. ``since``: only changes whose new text was first seen then or later.
    """

    site_ids: tuple[int, ...] = ()
    category: str | None = None
    since: datetime | None = None
    min_score: int = 0
    state: str = "open"
    tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace:
    """A place in the queue, after which the next page begins."""

    score: int
    before: datetime
    site_id: int
    number: int

    @classmethod
    def of(cls, queued: QueuedChange) -> QueuePlace:
        """Where a change stands."""
        change = queued.change
        return cls(
            score=change.score,
            before=change.before,
            site_id=queued.site_id,
            number=change.new_number,
        )
