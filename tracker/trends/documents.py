"""The shape of trends as JSON, which the database keeps and docs/trends.md explains."""

from __future__ import annotations

from typing import TypedDict


class SpreadJson(TypedDict):
    """A measure over ``n`` sites: quartiles, and the median's interval (None of few sites)."""

    n: int
    q1: float
    median: float
    q3: float
    low: float | None
    high: float | None


class ShareJson(TypedDict):
    """How many of ``n`` sites mention a practice category, with the share's interval."""

    category: str
    n: int
    policies: int
    share: float
    low: float
    high: float


class RateJson(TypedDict):
    """A count over the period's policies, with the interval of the mean a policy."""

    count: int
    per_policy: float
    low: float
    high: float


PointJson = TypedDict(
    "PointJson",
    {
        "period": str,
        "from": str,
        "to": str,
        "policies": int,
        "words": SpreadJson,
        "grade": SpreadJson | None,
        "practices": list[ShareJson],
        "changes": RateJson,
        "silent_changes": RateJson,
    },
)


class WeekJson(TypedDict):
    """A week (its Monday), the changes dated to it, by how many sites, of how many in force."""

    week: str
    changes: int
    sites: int
    policies: int
    marks: list[str]


class SideJson(TypedDict):
    """A year's median over ``n`` sites, with its interval."""

    n: int
    median: float
    low: float | None
    high: float | None


class FindingJson(TypedDict):
    """A measure's medians in two years: ``change`` is a factor for words, else a difference."""

    measure: str
    over: str
    first: SideJson
    last: SideJson
    change: float
    low: float | None
    high: float | None


class FindingsJson(TypedDict):
    """What became of length and reading grade between two years; so many sites are in both."""

    first_year: str
    last_year: str
    same_sites: int
    rows: list[FindingJson]


TrendsJson = TypedDict(
    "TrendsJson",
    {
        "by": str,
        "from": str | None,
        "to": str | None,
        "gap_months": int,
        "computed": str,
        "sites": int,
        "versions": int,
        "changes": int,
        "changes_across_gaps": int,
        "changes_without_a_week": int,
        "periods": list[PointJson],
        "weeks": list[WeekJson],
        "findings": FindingsJson | None,
    },
)
