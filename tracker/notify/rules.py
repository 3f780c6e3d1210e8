"""Which rules want a piece of news, and when their digests go out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tracker.notification_config import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Collection

    from storage.records import Change
    from tracker.notification_config import NotifyRule

DAYS = 8
"""Among so many days from any one there is each weekday with its hour yet to come."""


def concerns_site(rule: NotifyRule, domain: str, tags: Collection[str]) -> bool:
    """Whether a rule is about this site at all."""
    by_domain = not rule.sites or domain in rule.sites
    return by_domain and (not rule.tags or not set(rule.tags).isdisjoint(tags))


def wants(rule: NotifyRule, change: Change) -> bool:
    """Whether a rule wants this change of a site that it is about.

    A change without a score (it was derived before there were scores) is told.
    """
    if rule.silent and not change.silent:
        return False
    if 0 <= change.score < rule.min_score:
        return False
    touched = {one.category for one in change.practices}
    if rule.categories and touched.isdisjoint(rule.categories):
        return False
    return not rule.directions or any(
        one.direction in rule.directions
        and (not rule.categories or not set(one.categories).isdisjoint(rule.categories))
        for one in change.directions
    )


def due(rule: NotifyRule, now: datetime) -> datetime:
    """When a notice of this rule goes out: now, or with the next digest, in UTC.

    An hour that the clocks leave out when summer begins is the one after it.
    """
    if rule.digest == "now":
        return now
    today = now.astimezone(rule.zone).date()
    for days in range(DAYS + 1):
        day = today + timedelta(days=days)
        moment = datetime.combine(day, rule.at, rule.zone).astimezone(UTC)
        right_day = rule.digest == "daily" or WEEKDAYS[day.weekday()] == rule.weekday
        if right_day and moment > now:
            return moment
    raise AssertionError("a week has no such weekday")
