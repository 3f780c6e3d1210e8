"""What trends can be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage.trends import Which
from tracker.errors import RequestError

if TYPE_CHECKING:
    from datetime import date

    from tracker.trends.spans import By


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which periods, from and to which day, over which sites.

    ``gap_months``: so long nothing may have been captured between two versions for the first to be
    taken as in force until the second. ``categories`` are those of the classifier in use.

    Raises:
        RequestError: it ends before it begins.
    """

    categories: tuple[str, ...]
    by: By = "year"
    since: date | None = None
    until: date | None = None
    which: Which = field(default_factory=Which)
    gap_months: int = 12

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            raise RequestError(f"from {self.since} lies after to {self.until}")
