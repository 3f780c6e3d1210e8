"""When each version was in force, as far as the archive knows, in days and in periods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from storage.trends import VersionColumns

By = Literal["month", "quarter", "year"]

MONTHS: dict[By, int] = {"month": 1, "quarter": 3, "year": 12}
DAYS_OF_A_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Versions by site and number, each with the days from which and to which it is known.

    ``order`` sorts the columns so. ``end`` is the next version's first day where no gap lies
    between, else the last day on which the version was seen; ``handed_over`` tells the two apart.
    ``following`` is the next version's first day, NaT of a site's last.
    """

    order: NDArray[np.int64]
    site: NDArray[np.int64]
    first: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    following: NDArray[np.datetime64]
    handed_over: NDArray[np.bool_]


def longest_gap(months: int) -> np.timedelta64:
    """A gap of so many months, in days."""
    return np.timedelta64(round(months * DAYS_OF_A_MONTH), "D")


def spans_of(versions: VersionColumns, gap_months: int) -> Spans:
    """Order the versions and tell until when each is known to have been in force."""
    order = np.lexsort((versions.number, versions.site))
    site, first, last = versions.site[order], versions.first[order], versions.last[order]
    following = np.full(len(order), np.datetime64("NaT"), dtype="datetime64[D]")
    same = site[1:] == site[:-1]
    following[:-1][same] = first[1:][same]
    # A comparison with NaT is false.
    handed_over = following - last <= longest_gap(gap_months)
    return Spans(
        order=order,
        site=site,
        first=first,
        end=np.where(handed_over, following, last),
        following=following,
        handed_over=handed_over,
    )


def period_of(days: NDArray[np.datetime64], by: By) -> NDArray[np.int64]:
    """The number of the period in which a day lies, counted from 1970; not of NaT."""
    return days.astype("datetime64[M]").astype(np.int64) // MONTHS[by]


def shown_in(spans: Spans, by: By) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first and the last period that each version stands for; the last is less if for none.

    Of a site's versions that a period knows it takes the last, so that every site counts once.
    """
    first, last = period_of(spans.first, by), period_of(spans.end, by)
    followed = ~np.isnat(spans.following)
    before_next = period_of(spans.following[followed], by) - 1
    last[followed] = np.minimum(last[followed], before_next)
    return first, last


def in_force(spans: Spans, days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """How many sites' policies are known to have been in force on each of the days."""
    ends = np.sort(spans.end - spans.handed_over.astype("timedelta64[D]"))
    begun = np.searchsorted(np.sort(spans.first), days, side="right")
    return begun - np.searchsorted(ends, days, side="left")


def begin_of(period: int, by: By) -> date:
    """The first day of a period."""
    months = period * MONTHS[by]
    return date(1970 + months // 12, months % 12 + 1, 1)


def name_of(period: int, by: By) -> str:
    """A period as people write it: 2018, 2018-Q2, 2018-05."""
    begin = begin_of(period, by)
    if by == "year":
        return f"{begin:%Y}"
    return f"{begin:%Y}-Q{begin.month // 3 + 1}" if by == "quarter" else f"{begin:%Y-%m}"
