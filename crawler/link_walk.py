"""The captures of a page of which no index tells, as far as neighbours told of them.

A capture's ``Link`` header names the one before and the one after it, so that nothing lies between.
Everywhere else there may be captures on any day: for each a *guess* stands in, which a strategy may
choose as it chooses a capture, and which is answered with whatever is nearest to it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from crawler.urls import url_key
from storage.records import (
    Capture,
    CaptureState,
    How,
    ListedCapture,
    Role,
    format_timestamp,
    parse_timestamp,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_GUESSES: Final = 20_000
"""Days of a span that is guessed at; half a century."""


@dataclass(slots=True, kw_only=True)
class LinkWalk:
    """One URL's captures between two timestamps: every day is possible until more is known."""

    url: str
    site_id: int
    archive: str
    first: str
    last: str
    _days: list[datetime] = field(init=False)

    def __post_init__(self) -> None:
        begin, end = parse_timestamp(self.first), parse_timestamp(self.last)
        days = min((end - begin).days, MOST_GUESSES)
        noon = datetime(begin.year, begin.month, begin.day, 12, tzinfo=UTC)
        self._days = [noon + timedelta(days=number) for number in range(1, days)]

    def met(self, previous: str | None, here: str, following: str | None) -> None:
        """Note a capture and its neighbours, by timestamp: between them is nothing."""
        self._drop(parse_timestamp(previous or here), parse_timestamp(following or here))

    def answered(self, asked: str, nearest: str) -> None:
        """Note what the archive has nearest to an instant: it has nothing nearer."""
        moment = parse_timestamp(asked)
        distance = abs(parse_timestamp(nearest) - moment)
        self._drop(moment - distance, moment + distance)

    def guesses(self) -> Iterator[ListedCapture]:
        """A capture that may be, for every day of which nothing is known; ids are below 0."""
        key = url_key(self.url)
        for moment in self._days:
            yield ListedCapture(
                id=-int(moment.timestamp()),
                site_id=self.site_id,
                archive=self.archive,
                role=Role.POLICY,
                capture=Capture(
                    urlkey=key,
                    timestamp=format_timestamp(moment),
                    original=self.url,
                    mimetype="unk",
                    statuscode=None,
                    digest="-",
                ),
                state=CaptureState.LISTED,
                how=How.LINK,
            )

    def _drop(self, first: datetime, last: datetime) -> None:
        begin, end = bisect_left(self._days, first), bisect_right(self._days, last)
        del self._days[begin:end]
