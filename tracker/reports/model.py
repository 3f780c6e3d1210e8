"""What a change report shows, put together from the history and the comparisons of its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.records import Change, Version
    from tracker.comparison import ComparisonJson
    from tracker.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDetail:
    """One change with both its versions and the comparison of their texts."""

    change: Change
    old: Version
    new: Version
    comparison: ComparisonJson


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReport:
    """One site: its history, its changes newest first, and when the archive took captures."""

    history: History
    details: tuple[ChangeDetail, ...]
    captures: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is reported: sites, and since when changes are shown."""

    sites: tuple[SiteReport, ...]
    made_at: datetime
    since: datetime | None = None
