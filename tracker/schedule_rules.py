"""What the configuration says of schedules: ``[[schedule]]`` sections and ``[pace]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.durations import duration
from tracker.errors import RequestError
from tracker.pace import Limits
from tracker.timetables import timetable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.run_records import Timetable

ALL = "all"
"""The target that is every tracked site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceConfig:
    """The ``[pace]`` section: how often a site is looked at by its own pace.

    Attributes:
        shortest: the least time between two looks, written as ``6h``.
        longest: the most.
        quarantine_after: failures in a row after which a site is only tried ever more seldom.

    Raises:
        RequestError: one is no length of time, or they are the wrong way round.
    """

    shortest: str = "1d"
    longest: str = "60d"
    quarantine_after: int = 5

    def __post_init__(self) -> None:
        limits = self.limits
        if not limits.shortest or limits.shortest > limits.longest:
            raise RequestError(
                f"shortest = {self.shortest!r} must be some time,"
                f" and longest = {self.longest!r} no less"
            )

    @property
    def limits(self) -> Limits:
        """Both lengths."""
        return Limits(shortest=duration(self.shortest), longest=duration(self.longest))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRule:
    """A ``[[schedule]]`` section: a target and its timetable."""

    target: str
    timetable: Timetable


def site_target(domain: str) -> str:
    """The target that is one site."""
    return f"site:{domain}"


def tag_target(tag: str) -> str:
    """The target that is all sites of a tag."""
    return f"tag:{tag}"


def shown_target(target: str) -> str:
    """A target as a person reads it."""
    kind, _, name = target.partition(":")
    return {"site": name, "tag": f"tag {name}"}.get(kind, "all sites")


KEYS: dict[str, type] = {
    "site": str,
    "tag": str,
    "all": bool,
    "every": str,
    "cron": str,
    "timezone": str,
    "jitter": str,
    "adaptive": bool,
}


def rule_of(table: Mapping[str, Any]) -> ScheduleRule:
    """Read a ``[[schedule]]`` section.

    Raises:
        RequestError: it has a key that is none, or says no target or no timetable.
    """
    for key, value in table.items():
        if key not in KEYS:
            raise RequestError(f"unknown key {key!r}; known: {', '.join(KEYS)}")
        if type(value) is not KEYS[key]:
            wanted = "true or false" if KEYS[key] is bool else "a text in quotes"
            raise RequestError(f"{key} must be {wanted}, not {value!r}")
    given = dict(table)
    targets = [
        site_target(_domain(given.pop("site"))) if "site" in given else None,
        tag_target(given.pop("tag")) if "tag" in given else None,
        ALL if given.pop("all", False) else None,
    ]
    named = [target for target in targets if target is not None]
    if len(named) != 1:
        raise RequestError("needs one of site, tag or all")
    return ScheduleRule(target=named[0], timetable=timetable(**given))


def _domain(text: str) -> str:
    # They bring SQL and the crawler's URLs along, which most do without.
    from storage.sites import has_domain
    from tracker.targets import NO_ARCHIVE, site_in

    domain = site_in(text)
    if not has_domain(domain):
        raise RequestError(f"{domain}: {NO_ARCHIVE}")
    return domain
