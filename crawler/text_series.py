"""What is known of a policy's text along its captures: the series that adaptive selection reads."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from storage.records import CaptureState, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storage.records import Capture, ListedCapture

WALL: Final = 3
"""Unusable captures in a row that are no accident any more but a state of the page."""

_REVISIT: Final = "warc/revisit"
_SECONDS_A_DAY: Final = 86_400

_Page = tuple[str, str]


class Point(NamedTuple):
    """A capture that looks usable, and what it shows, if that is known.

    ``day`` counts from 1970. ``source`` is the capture to ask for: a revisit record has no body of
    its own. ``key`` is None where the text is not known, and where it is known to be none. A tuple,
    as hundreds of thousands are made.
    """

    item: ListedCapture
    source: ListedCapture
    day: float
    known: bool
    key: str | None


def text_series(
    listed: Sequence[ListedCapture], keys: Mapping[int, str | None]
) -> tuple[Point, ...]:
    """The captures that show the policy or may, with what is known of them; order is kept.

    What has the digest of a fetched capture of the same URL is known (the digest is a SHA-1 of the
    stored body). Redirects, errors, what could not be had, and revisits of bodies that are not
    listed are left out.
    """
    pages = _Pages(listed, keys)
    return tuple(point for item in listed if (point := pages.point(item)) is not None)


def without_accidents(points: Iterable[Point]) -> list[Point]:
    """Leave out unusable captures, so that their neighbours step in for them.

    From three in a row on they stay, as a state of the page whose ends are worth finding: a parked
    domain would cost a request for each of its captures. Where one text stands on both sides, they
    are given that text: no version ends there.
    """
    series = list(points)
    known = [i for i, point in enumerate(series) if point.known]
    runs = [list(run) for _, run in groupby(known, key=lambda i: series[i].key)]
    left_out: set[int] = set()
    for place, run in enumerate(runs):
        if series[run[0]].key is not None:
            continue
        if len(run) < WALL:
            left_out.update(run)
        elif 0 < place < len(runs) - 1:
            before, after = series[runs[place - 1][0]].key, series[runs[place + 1][0]].key
            if before == after:
                for i in run:
                    series[i] = series[i]._replace(key=before)
    return [point for i, point in enumerate(series) if i not in left_out]


class _Pages:
    """Bodies by URL and digest: their status, where to fetch them, and what they turned out."""

    def __init__(self, listed: Sequence[ListedCapture], keys: Mapping[int, str | None]) -> None:
        self._keys = keys
        self._statuses: dict[_Page, int] = {}
        self._sources: dict[_Page, ListedCapture] = {}
        self._shown: dict[_Page, str | None] = {}
        for item in listed:
            page = _page(item.capture)
            if page is None:
                continue
            status = item.capture.statuscode
            if status is not None:
                self._statuses[page] = status
            if not _succeeded(status):
                continue  # An empty body is a redirect's as well as a page's: no witness.
            if item.state is CaptureState.FETCHED:
                self._shown[page] = keys.get(item.id)
            if item.capture.mimetype != _REVISIT and item.state is CaptureState.LISTED:
                self._sources.setdefault(page, item)

    def point(self, item: ListedCapture) -> Point | None:
        capture, page = item.capture, _page(item.capture)
        status = capture.statuscode
        if status is None and page is not None:
            status = self._statuses.get(page)
        if not _succeeded(status):
            return None
        day = _day(capture.timestamp)
        if item.state is CaptureState.FETCHED:
            return Point(item, item, day, known=True, key=self._keys.get(item.id))
        if item.state is not CaptureState.LISTED:
            return None
        if page in self._shown:
            return Point(item, item, day, known=True, key=self._shown[page])
        if capture.mimetype != _REVISIT:
            return Point(item, item, day, known=False, key=None)
        source = None if page is None else self._sources.get(page)
        return None if source is None else Point(item, source, day, known=False, key=None)


def _succeeded(status: int | None) -> bool:
    return status is None or 200 <= status < 300


def _page(capture: Capture) -> _Page | None:
    return None if capture.digest in {"", "-"} else (capture.urlkey, capture.digest)


@lru_cache(maxsize=1 << 18)
def _day(timestamp: str) -> float:
    """Days since 1970. The strategy is asked again and again about the same captures."""
    return parse_timestamp(timestamp).timestamp() / _SECONDS_A_DAY
