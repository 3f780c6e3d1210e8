"""Where the archive has nothing to say: long stretches without a capture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

GAP = timedelta(days=183)
"""Half a year, the grid of the Princeton-Leuven corpus: who looks twice a year misses no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Two successive captures between which the policy was not captured for half a year or more."""

    after: datetime
    before: datetime

    @property
    def days(self) -> int:
        """How long the archive was silent."""
        return (self.before - self.after).days


def gaps(captures: Iterable[datetime]) -> tuple[Gap, ...]:
    """The gaps between the captures that an archive has, in time order."""
    return tuple(
        Gap(after=one, before=following)
        for one, following in pairwise(sorted(captures))
        if following - one >= GAP
    )
