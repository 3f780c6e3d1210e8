"""What a change report shows, put together from the history and the comparisons of its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.reports.gaps import gaps

if TYPE_CHECKING:
    from datetime import datetime

    from storage.records import Change, Version
    from storage.review_records import Review
    from tracker.comparison import ComparisonJson
    from tracker.history import History
    from tracker.reports.gaps import Gap


MOST_RANKED = 20
"""Changes in the table that comes first: what is read in a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDetail:
    """One change with both its versions and the comparison of their texts.

    ``after_url`` is the archive's address of the last capture that shows the old text,
    ``before_url`` that of the first which shows the new one.
    """

    change: Change
    old: Version
    new: Version
    comparison: ComparisonJson
    after_url: str
    before_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReport:
    """One site: its history, its changes newest first, and when the archive took captures.

    ``unread`` captures are those that nobody needed to read.
    """

    history: History
    details: tuple[ChangeDetail, ...]
    captures: tuple[datetime, ...]
    unread: tuple[datetime, ...] = ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """When the archive had no capture for half a year or more."""
        return gaps((*self.captures, *self.unread))

    def review(self, detail: ChangeDetail) -> Review | None:
        """What counts of what was said of a change."""
        return self.history.reviews.get(detail.change.new_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is reported: sites, and since when changes are shown."""

    sites: tuple[SiteReport, ...]
    made_at: datetime
    since: datetime | None = None

    @property
    def ranked(self) -> list[Ranked]:
        """All changes that are reported, most material first; of equal ones the latest."""
        found = [
            Ranked(place=place, site=site, detail=detail)
            for place, site in enumerate(self.sites, 1)
            for detail in site.details
        ]
        return sorted(
            found,
            key=lambda one: (one.detail.change.score, one.detail.change.before),
            reverse=True,
        )

    def has_section(self, site: SiteReport) -> bool:
        """Whether a site has a section: of many, one that did not change since is named alone."""
        return bool(site.details) or self.since is None or len(self.sites) == 1

    @property
    def unchanged(self) -> list[SiteReport]:
        """The sites of which no change is reported."""
        return [site for site in self.sites if not site.details]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A change among those of all sites; ``place`` is its site's in the report, from 1."""

    place: int
    site: SiteReport
    detail: ChangeDetail
