"""From where a policy was seen linked, and when its URLs were captured, to one history.

A site's policy stands at one URL at a time; when it moves, old copies often stay up. So the URLs
are put in order of the time in which they were linked, and each keeps the span up to its successor.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from crawler.link_ranking import url_score
from crawler.urls import canonical, registrable, url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storage.records import Capture

_LONG_GAP: Final = timedelta(days=180)
_LONG_RUN: Final = timedelta(days=730)
_MAX_EVIDENCE: Final = 8
_MAX_DIGESTS: Final = 1_000
_MAX_CANDIDATES: Final = 5_000
_NO_DOCUMENT: Final = ("image/", "video/", "audio/", "text/css", "font/", "application/javascript")
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPolicy:
    """One URL under which the policy stood.

    ``first`` and ``last`` are captures seen in its span; ``since`` (inclusive) and ``until``
    (exclusive) bound the captures that count, None where they are open. ``listed``: every index
    row of the URL has been fed. ``captures`` counts the usable ones, whatever the span.
    """

    url: str
    first: datetime | None
    last: datetime | None
    since: datetime | None
    until: datetime | None
    how: str
    evidence: tuple[str, ...]
    score: float
    captures: int
    listed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A link or URL that was looked at and not taken."""

    url: str
    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One piece of evidence that a URL held the policy, at a moment where it has one."""

    url: str
    how: str
    score: float
    line: str
    moment: datetime | None = None
    text: str = ""


@dataclass(slots=True)
class Track:
    """What the index holds of one URL: counts, months and the runs of redirects, never the rows."""

    url: str
    count: int = 0
    listed: bool = False
    failed: bool = False
    evidence: list[str] = field(default_factory=list)
    moved_to: list[tuple[datetime, str]] = field(default_factory=list)
    _months: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    _last_usable: datetime | None = None
    _run: list[Capture] = field(default_factory=list)
    _runs: list[Capture] = field(default_factory=list)
    _redirect_digests: set[str] = field(default_factory=set)

    def add(self, capture: Capture) -> None:
        """Take one row; the index gives a URL's rows in order of time."""
        if self._redirects(capture):
            if len(self._redirect_digests) < _MAX_DIGESTS:
                self._redirect_digests.add(capture.digest)
            self._run = [self._run[0] if self._run else capture, capture]
        elif capture.statuscode in (200, None) and not capture.mimetype.startswith(_NO_DOCUMENT):
            self._take(capture.moment)

    def _redirects(self, capture: Capture) -> bool:
        if capture.statuscode is None:
            return capture.digest != "-" and capture.digest in self._redirect_digests
        return 300 <= capture.statuscode < 400

    def _take(self, moment: datetime) -> None:
        if self._run:
            since = self._last_usable or self._run[0].moment
            if moment - since >= _LONG_GAP and len(self._runs) < 3:
                self._runs.append(self._run[0])
            self._run = []
        month = f"{moment:%Y%m}"
        first, last = self._months.get(month, (moment, moment))
        self._months[month] = (min(first, moment), max(last, moment))
        self._last_usable = moment
        self.count += 1

    def telling_redirects(self) -> list[Capture]:
        """Redirecting captures in times of which no usable one is known: where the page went."""
        telling = list(self._runs)
        if self._run:
            telling.append(self._run[0])
            if self._run[1].moment - self._run[0].moment > _LONG_RUN:
                telling.append(self._run[1])
        return telling

    def span(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[datetime, datetime] | None:
        """First and last usable moment (to the month's ends) within the bounds."""
        moments = [
            moment
            for pair in self._months.values()
            for moment in pair
            if (since is None or moment >= since) and (until is None or moment < until)
        ]
        return (min(moments), max(moments)) if moments else None


@dataclass(slots=True)
class Domain:
    """The URLs of a domain that look like a policy, from one index query over all of it."""

    _tracks: dict[str, Track] = field(default_factory=dict)
    _scores: dict[str, float] = field(default_factory=dict)
    _chosen: set[str] = field(default_factory=set)
    _settled: bool = False

    @classmethod
    def read(cls, captures: Iterable[Capture], site: str) -> Domain:
        domain = cls()
        for capture in captures:
            try:
                url = canonical(capture.original)
            except ValueError:
                continue
            key = url_key(url)
            if key not in domain._tracks and len(domain._tracks) < _MAX_CANDIDATES:
                domain._tracks[key] = Track(url=url)
                domain._scores[key] = _address_score(url, site)
            if key in domain._tracks:
                domain._tracks[key].add(capture)
        return domain

    def best(self, covered: Sequence[tuple[datetime, datetime]]) -> list[Sighting]:
        """The likeliest URL, and others where they alone cover years; nothing the second time."""
        if self._settled:
            return []
        spans = list(covered)
        chosen: list[Sighting] = []
        for key in sorted(self._tracks, key=self._rank, reverse=True):
            track, score = self._tracks[key], self._scores[key]
            if score < (0.5 if not spans else 0.7) or len(chosen) >= 4:
                continue
            span = track.span()
            if span is None:
                if not spans and not chosen and track.telling_redirects():
                    chosen.append(self._sight(key, None))
                continue
            if all(_apart(span, other) for other in spans):
                spans.append(span)
                chosen += [self._sight(key, moment) for moment in dict.fromkeys(span)]
        return chosen

    def _sight(self, key: str, moment: datetime | None) -> Sighting:
        self._chosen.add(key)
        track = self._tracks[key]
        rivals = len(self._tracks)
        line = "the only such URL of the domain"
        if rivals > 1:
            line = f"the best of {rivals} URLs of the domain by path, captures and span"
        score = 0.8 * self._scores[key]
        return Sighting(url=track.url, how="index", score=score, line=line, moment=moment)

    def _rank(self, key: str) -> float:
        track, span = self._tracks[key], self._tracks[key].span()
        years = (span[1] - span[0]).days / 365 if span else 0.0
        weight = 0.04 * math.log2(1 + track.count) + 0.02 * min(years, 10.0)
        return self._scores[key] + (weight if span else -0.3)

    def others(self) -> list[PassedOver]:
        """The rest, likeliest first."""
        rest = sorted(self._tracks, key=self._rank, reverse=True)
        return [
            PassedOver(
                url=self._tracks[key].url, text="", why=f"index: {_why_not(self._tracks[key])}"
            )
            for key in rest[:40]
            if key not in self._chosen
        ]

    def settle(self) -> None:
        self._settled = True


def succession(
    sightings: Sequence[Sighting], tracks: Mapping[str, Track]
) -> tuple[tuple[FoundPolicy, ...], tuple[PassedOver, ...]]:
    """Order the sighted URLs in time and give each its span; the ones without, with the reason."""
    dropped: list[PassedOver] = []
    events = _events(sightings, tracks, dropped)
    while True:
        order = sorted(events, key=lambda key: (_middle(events[key], tracks.get(key)), key))
        bounds = _bounds(order, events, tracks)
        empty = next((k for k in order if _is_empty(tracks.get(k), bounds[k])), None)
        empty = empty or _variant(order, events, tracks)
        if empty is None:
            break
        del events[empty]
        why = "no capture in the time it was linked, or another form of the page linked around it"
        dropped.append(PassedOver(url=_url(empty, sightings), text="", why=why))
    found = [_found(key, bounds[key], sightings, tracks.get(key)) for key in order]
    return tuple(found), tuple(dropped)


def _events(
    sightings: Sequence[Sighting], tracks: Mapping[str, Track], dropped: list[PassedOver]
) -> dict[str, list[datetime]]:
    """A usable URL's moments of evidence; one that only redirects lends its own to the target."""
    events: dict[str, list[datetime]] = {}
    for sighting in sightings:
        origin = key = url_key(sighting.url)
        for _ in range(5):
            track = tracks.get(key)
            if track is None or track.count or not track.moved_to:
                break
            key = track.moved_to[-1][1]
        track = tracks.get(key)
        if track is not None and (track.count or track.failed):
            moments = events.setdefault(key, [])
            if sighting.moment is not None:
                moments.append(sighting.moment)
        if key != origin:
            why = "the archive holds only redirects of it; the page they lead to counts"
            dropped.append(PassedOver(url=sighting.url, text=sighting.text, why=why))
        elif track is not None and track.listed and not track.count:
            why = "the archive holds no usable capture of it"
            dropped.append(PassedOver(url=sighting.url, text=sighting.text, why=why))
        elif track is None:
            why = "not looked up: better ones were enough"
            dropped.append(PassedOver(url=sighting.url, text=sighting.text, why=why))
    return events


def _middle(moments: Sequence[datetime], track: Track | None) -> float:
    span = track.span() if track else None
    known = list(moments) or list(span or ())
    return sum(m.timestamp() for m in (min(known), max(known))) / 2 if known else 0.0


def _bounds(
    order: Sequence[str], events: Mapping[str, Sequence[datetime]], tracks: Mapping[str, Track]
) -> dict[str, tuple[datetime | None, datetime | None]]:
    edges: list[datetime | None] = [None]
    for old, new in itertools.pairwise(order):
        edges.append(_boundary(events[old], events[new], tracks.get(old), tracks.get(new)))
    edges.append(None)
    return {key: (edges[i], edges[i + 1]) for i, key in enumerate(order)}


def _boundary(
    old: Sequence[datetime], new: Sequence[datetime], left: Track | None, right: Track | None
) -> datetime | None:
    """When the new URL took over: between the old one's last link and the new one's first."""
    if not old or not new:
        return None
    low, high = max(old), min(new)
    if high <= low:
        return low + _SECOND
    left_span, right_span = left.span() if left else None, right.span() if right else None
    if right_span and low < right_span[0] <= high:
        return right_span[0]
    if left_span and low <= left_span[1] < high:
        return left_span[1] + _SECOND
    return high


def _is_empty(track: Track | None, bounds: tuple[datetime | None, datetime | None]) -> bool:
    return track is not None and not track.failed and track.span(*bounds) is None


def _variant(
    order: Sequence[str], events: Mapping[str, Sequence[datetime]], tracks: Mapping[str, Track]
) -> str | None:
    """A URL linked only within another's time, which was captured meanwhile as well."""
    for key in order:
        inner = events[key]
        for other in order:
            outer = events[other]
            if other == key or not inner or not outer:
                continue
            if min(outer) < min(inner) and max(inner) < max(outer):
                track = tracks.get(other)
                if track and track.span(min(inner) - _LONG_GAP, max(inner) + _LONG_GAP):
                    return key
    return None


def _found(
    key: str,
    bounds: tuple[datetime | None, datetime | None],
    sightings: Sequence[Sighting],
    track: Track | None,
) -> FoundPolicy:
    own = sorted((s for s in sightings if url_key(s.url) == key), key=_moment)
    best = max(own, key=lambda s: s.score)
    lines = [*(s.line for s in own), *(track.evidence if track else ())]
    lines = sorted(dict.fromkeys(lines))[:_MAX_EVIDENCE]
    span = track.span(*bounds) if track else None
    whole = track.span() if track else None
    if track is not None and whole is not None:
        usable = f"{track.count} usable capture{'' if track.count == 1 else 's'}"
        lines.append(f"index: {usable}, {whole[0]:%Y-%m-%d} … {whole[1]:%Y-%m-%d}")
    return FoundPolicy(
        url=track.url if track and track.listed else best.url,
        first=span[0] if span else None,
        last=span[1] if span else None,
        since=bounds[0],
        until=bounds[1],
        how=own[0].how,
        evidence=tuple(lines),
        score=round(best.score, 3),
        captures=track.count if track else 0,
        listed=track.listed if track else False,
    )


def _moment(sighting: Sighting) -> float:
    return sighting.moment.timestamp() if sighting.moment else -math.inf


def _url(key: str, sightings: Sequence[Sighting]) -> str:
    return next(s.url for s in sightings if url_key(s.url) == key)


def _apart(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] > other[1] or one[1] < other[0]


def _address_score(url: str, site: str) -> float:
    """A URL's score by its address alone: shallow, without a query, on the site's own host."""
    score, _ = url_score(url, site)
    host = canonical(url).split("/")[2]
    depth = canonical(url).count("/") - 3
    score -= 0.03 * max(0, depth - 1) + (0.25 if "?" in url else 0.0)
    bare = host.removeprefix("www.")
    if bare != site:
        score -= 0.08 if registrable(bare) == registrable(site) else 0.3
    return max(0.0, score)


def _why_not(track: Track) -> str:
    if track.span() is None:
        return "no usable capture"
    return f"{url_score(track.url)[1]}; {track.count} captures"
