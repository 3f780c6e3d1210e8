"""How often a site is looked at: as often as its policy has been found to change.

Changes are taken for a Poisson process, as in J. Cho and H. Garcia-Molina, "Estimating Frequency of
Change", ACM Transactions on Internet Technology 3(3), 2003; but an archive dates past changes, so
that the rate need not be guessed from our own looks: it is the number of changes over the time for
which the policy is known, both fading as they grow old. A little of an average site's history is
mixed in, so that one which is new, or never changed, has a rate too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

YEAR = timedelta(days=365.25)

FADING = 2 * YEAR
"""After so long a change counts for 1/e: what a site did lately says most."""

USUAL = 0.5
"""Changes, in as many years, that every site is thought to have had besides its own."""

MISSED = 0.05
"""The chance that the policy has changed by the time of the next look."""

MOST_DOUBLINGS = 16
"""Of a wait; any longest one is reached by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The shortest and the longest time between two looks."""

    shortest: timedelta
    longest: timedelta

    def within(self, length: timedelta) -> timedelta:
        """The nearest length that is allowed."""
        return min(max(length, self.shortest), self.longest)


def interval(
    first_seen: datetime | None, changes: Sequence[datetime], now: datetime, limits: Limits
) -> timedelta:
    """How long to wait until the next look.

    Args:
        first_seen: since when the policy is known, None where it is not.
        changes: by when each of its changes had happened.
        now: the time.
        limits: between which the answer lies.
    """
    known = 0.0 if first_seen is None else max(0.0, (now - first_seen) / FADING)
    years = FADING / YEAR * -math.expm1(-known)
    weight = sum(math.exp(-max(0.0, (now - change) / FADING)) for change in changes)
    rate = (weight + USUAL) / (years + USUAL)
    return limits.within(YEAR * (-math.log1p(-MISSED) / rate))


def after_failures(failures: int, allowed: int, limits: Limits) -> timedelta:
    """How long to wait after so many failures in a row: twice as long with each beyond those
    allowed."""
    beyond = min(max(0, failures - allowed), MOST_DOUBLINGS)
    return limits.within(limits.shortest * 2**beyond)


def early(length: timedelta) -> timedelta:
    """By how much sooner a look may come: a daily cron line is never a second too early."""
    return min(length / 10, timedelta(hours=1))
