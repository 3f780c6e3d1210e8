"""Which mementos of a page to read, so that few requests show every change of its links."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from crawler.urls import url_key

if TYPE_CHECKING:
    from crawler.link_ranking import Ranked, Ranking
    from storage.records import Capture

_MAX_READ: Final = 8
_YEARS_A_SAMPLE: Final = 4
_PARTS_WHEN_BLIND: Final = 3
_FINE_ENOUGH: Final = timedelta(days=300)
_PAGE_TYPES: Final = ("text/html", "application/xhtml", "warc/revisit", "unk", "-")


@dataclass(slots=True)
class Trail:
    """The history of a home or hub page, as far as it was read.

    Rows are thinned to one usable and one redirecting capture a month, whatever the index holds.
    ``linked_at``: the moments at which other pages led here (a hub is read near them).
    """

    url: str
    key: str
    purpose: Literal["home", "hub"]
    depth: int
    listed: bool = False
    redirected: bool = False
    hubs_opened: set[float] = field(default_factory=set)
    linked_at: set[datetime] = field(default_factory=set)
    hubs: list[tuple[Ranked, datetime]] = field(default_factory=list)
    _months: dict[tuple[str, bool], Capture] = field(default_factory=dict)
    _read: dict[str, str | None] = field(default_factory=dict)
    _spoilt: set[str] = field(default_factory=set)
    _tries: int = 0

    def add(self, capture: Capture) -> None:
        status = capture.statuscode
        redirects = status is not None and 300 <= status < 400
        if status in (200, None) and not capture.mimetype.startswith(_PAGE_TYPES):
            return
        if redirects or status in (200, None):
            self._months.setdefault((capture.timestamp[:6], redirects), capture)

    def note(self, capture: Capture, ranking: Ranking) -> None:
        """Keep what a memento showed."""
        self._read[capture.timestamp] = url_key(ranking.policy.link.url) if ranking.policy else None
        if ranking.policy is None:
            self.hubs += [(ranked, capture.moment) for ranked in ranking.hubs]

    def spoil(self, capture: Capture) -> None:
        """This memento told nothing: a neighbour will have to do."""
        self._spoilt.add(capture.timestamp)

    def blind_moments(self) -> list[datetime]:
        """When the page was read and showed no policy link."""
        return [
            row.moment for row in self._rows(False) if self._read.get(row.timestamp, "") is None
        ]

    def best_hubs(self, most: int, least: float) -> list[tuple[Ranked, set[datetime]]]:
        """The likeliest legal pages that the page named, with the moments it did."""
        grouped: dict[str, tuple[Ranked, set[datetime]]] = {}
        for ranked, moment in self.hubs:
            if ranked.score < least:
                continue
            grouped.setdefault(url_key(ranked.link.url), (ranked, set()))[1].add(moment)
        return sorted(grouped.values(), key=lambda pair: (-pair[0].score, -len(pair[1])))[:most]

    def next_samples(self) -> list[Capture]:
        """The captures to read next; empty when the picture is fine enough.

        First the two ends and every fourth year between (or the captures next to ``linked_at``),
        then the middle between two neighbours that show different links.
        """
        if not self.listed or self._tries >= _MAX_READ:
            return []
        rows = self._rows(False)
        chosen = self._spread(rows, sorted(self.linked_at))
        if not chosen and rows:
            chosen = self._between(rows)
        if not self.redirected:
            chosen += self._unexplained(rows)
        fresh = list({c.timestamp: c for c in chosen if self._untouched(c)}.values())
        fresh = fresh[: _MAX_READ - self._tries]
        self._tries += len(fresh)
        return fresh

    def _rows(self, redirects: bool) -> list[Capture]:
        rows = [row for (_, kind), row in self._months.items() if kind == redirects]
        return sorted(rows, key=lambda row: row.timestamp)

    def _untouched(self, capture: Capture) -> bool:
        return capture.timestamp not in self._read and capture.timestamp not in self._spoilt

    def _tells_nothing(self) -> bool:
        """All that was read named no policy and no legal page (a bot wall, a script's shell)."""
        return bool(self._read) and not any(self._read.values()) and not self.hubs

    def _spread(self, rows: list[Capture], near: list[datetime]) -> list[Capture]:
        usable = [row for row in rows if row.timestamp not in self._spoilt]
        if not usable:
            return []
        if near:
            moments = [near[0], near[-1]]
        else:
            first, last = usable[0].moment, usable[-1].moment
            parts = min(4, 1 + (last - first).days // (365 * _YEARS_A_SAMPLE))
            parts = max(parts, _PARTS_WHEN_BLIND if self._tells_nothing() else 1)
            moments = [first + (last - first) * i / parts for i in range(parts + 1)]
        nearest = [min(usable, key=lambda row: abs(row.moment - moment)) for moment in moments]
        return [row for row in nearest if self._untouched(row)]

    def _between(self, rows: list[Capture]) -> list[Capture]:
        read = [row for row in rows if row.timestamp in self._read]
        chosen = []
        for one, other in itertools.pairwise(read):
            same = self._read[one.timestamp] == self._read[other.timestamp]
            if same or other.moment - one.moment <= _FINE_ENOUGH:
                continue
            middle = one.moment + (other.moment - one.moment) / 2
            inner = [r for r in rows if one.timestamp < r.timestamp < other.timestamp]
            inner = [r for r in inner if self._untouched(r)]
            if inner:
                chosen.append(min(inner, key=lambda row: abs(row.moment - middle)))
        return chosen

    def _unexplained(self, rows: list[Capture]) -> list[Capture]:
        """A redirect of the page in a time of which nothing else is known (one is enough)."""
        known = [row.moment for row in rows]
        for row in reversed(self._rows(True)):
            if all(abs(row.moment - moment) > timedelta(days=180) for moment in known):
                return [row]
        return []
