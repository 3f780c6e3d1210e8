"""What a crawl knows of a site's policy captures: which there are, what came of them, their words.

The table of captures is the frontier; this is the part of it that choosing needs in memory. Of very
many captures that is two a day, and all of them only between days whose texts differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from crawler.archives.neighbours import neighbours
from crawler.calendar_dates import days_named
from crawler.link_walk import LinkWalk
from crawler.selection import next_captures, parse_strategy
from crawler.text_series import text_series, without_accidents
from crawler.urls import url_key
from crawler.wording import word_key
from storage import frontiers, series, snapshots
from storage.records import CaptureState, Verdict, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crawler.selection import Choice, Strategy
    from storage.database import Connection, Database
    from storage.records import Capture, ListedCapture

LARGE = 50_000
"""Captures from which on not all are read into memory."""


@dataclass(slots=True, kw_only=True)
class Frontier:
    """The captures of one site in one archive, within bounds; empty until `load`.

    ``items`` are in time order, by id; ``snapshots`` and ``keys`` hold, for each that is kept, its
    snapshot and the key of its words, None where it shows no policy; ``days`` the days that a text
    names, by that key. ``listed`` counts all.
    """

    site_id: int
    archive: str
    strategy_name: str
    normalizer: str
    first: datetime | None = None
    last: datetime | None = None
    items: dict[int, ListedCapture] = field(default_factory=dict)
    snapshots: dict[int, int] = field(default_factory=dict)
    keys: dict[int, str | None] = field(default_factory=dict)
    days: dict[str, frozenset[int]] = field(default_factory=dict)
    listed: int = 0
    walks: dict[str, LinkWalk] = field(default_factory=dict)
    _guesses: dict[int, ListedCapture] = field(default_factory=dict)
    _sparse: bool = False
    _opened: set[tuple[str, str]] = field(default_factory=set)

    def load(self, conn: Connection) -> None:
        """Read what is known; captures that failed for a time count as listed again."""
        bounds = self._bounds()
        self.listed = frontiers.count(conn, self.site_id, self.archive, **bounds)
        strategy = parse_strategy(self.strategy_name, self.keys, self.days)
        self._sparse = strategy.sparse and self.listed > LARGE
        read = frontiers.sparse if self._sparse else frontiers.every
        self._add(read(conn, self.site_id, self.archive, **bounds))
        self.snapshots = frontiers.snapshot_ids(conn, self.site_id, self.archive)
        self.keys.update(self._kept_keys(conn))
        if self.walks:
            self._met_before(conn)

    def choose(self, db: Database) -> Choice:
        """What to do next, by the strategy.

        Raises:
            StorageError: the database fails.
        """
        strategy = parse_strategy(self.strategy_name, self.keys, self.days)
        while True:
            choice = next_captures(self._with_guesses(strategy), strategy)
            if choice or not self._sparse or not self._open_days(db):
                return choice

    def item(self, capture_id: int) -> ListedCapture:
        """A capture, or a guess at one (its id is below 0), that was chosen."""
        return self._guesses[capture_id] if capture_id < 0 else self.items[capture_id]

    def walk(self, url: str, first: str, last: str) -> None:
        """Look for captures of a URL between two timestamps: no index tells which there are."""
        self.walks[url_key(url)] = LinkWalk(
            url=url, site_id=self.site_id, archive=self.archive, first=first, last=last
        )

    def walks_by(self, capture: Capture) -> bool:
        """Whether a capture lies on the way of a walk."""
        walk = self.walks.get(capture.urlkey)
        return walk is not None and walk.first <= capture.timestamp <= walk.last

    def add(self, found: Iterable[ListedCapture]) -> None:
        """Take in captures that were listed meanwhile."""
        before = len(self.items)
        self._add(found)
        self.listed += len(self.items) - before
        self._in_order()

    def met(self, here: Capture, previous: Capture | None, following: Capture | None) -> None:
        """Note which captures are a capture's neighbours."""
        walk = self.walks.get(here.urlkey)
        if walk is not None:
            walk.met(
                previous.timestamp if previous else None,
                here.timestamp,
                following.timestamp if following else None,
            )

    def answered(self, guess: ListedCapture, nearest: str) -> None:
        """Note what was found where a guess was."""
        self.walks[guess.capture.urlkey].answered(guess.capture.timestamp, nearest)

    def kept(
        self,
        item: ListedCapture,
        snapshot_id: int,
        key: str | None,
        days: frozenset[int] = frozenset(),
    ) -> None:
        """Note that a capture is kept, and what it shows."""
        if key is not None:
            self.days.setdefault(key, days)
        self.items[item.id] = replace(item, state=CaptureState.FETCHED)
        self.snapshots[item.id] = snapshot_id
        self.keys[item.id] = key

    def failed(self, item: ListedCapture, reason: str, *, transient: bool) -> None:
        """Note that a capture could not be had."""
        if item.id < 0:
            self.answered(item, item.capture.timestamp)
            return
        self.items[item.id] = replace(
            item, state=CaptureState.FAILED, transient=transient, reason=reason
        )

    def try_again(self, capture_ids: Iterable[int]) -> None:
        """List failed captures again."""
        for i in capture_ids:
            self.items[i] = replace(self.items[i], state=CaptureState.LISTED)

    def _open_days(self, db: Database) -> bool:
        """Read all captures between neighbours of unequal texts; answers whether any were new."""
        points = without_accidents(text_series(list(self.items.values()), self.keys))
        known = [point for point in points if point.known]
        before = len(self.items)
        with db.read() as conn:
            for old, new in pairwise(known):
                span = (old.item.capture.timestamp, new.item.capture.timestamp)
                if old.key != new.key and span not in self._opened:
                    self._opened.add(span)
                    between = {"first": span[0], "last": span[1]}
                    self._add(frontiers.every(conn, self.site_id, self.archive, **between))
        self._in_order()
        return len(self.items) > before

    def _with_guesses(self, strategy: Strategy) -> list[ListedCapture]:
        listed = list(self.items.values())
        if not self.walks or not strategy.sparse:
            return listed
        self._guesses = {item.id: item for walk in self.walks.values() for item in walk.guesses()}
        return sorted([*listed, *self._guesses.values()], key=_place)

    def _met_before(self, conn: Connection) -> None:
        """What the captures told that are kept already."""
        of_walks = [i for i, item in self.items.items() if item.capture.urlkey in self.walks]
        ids = [self.snapshots[i] for i in of_walks if i in self.snapshots]
        for snapshot in snapshots.by_ids(conn, ids).values():
            around = neighbours(snapshot.headers)
            self.met(snapshot.capture, around.get("prev"), around.get("next"))

    def _in_order(self) -> None:
        self.items = {item.id: item for item in sorted(self.items.values(), key=_place)}

    def _add(self, listed: Iterable[ListedCapture]) -> None:
        for item in listed:
            retried = item.state is CaptureState.FAILED and item.transient
            again = replace(item, state=CaptureState.LISTED) if retried else item
            self.items.setdefault(item.id, again)

    def _bounds(self) -> dict[str, str | None]:
        return {
            "first": format_timestamp(self.first) if self.first else None,
            "last": format_timestamp(self.last) if self.last else None,
        }

    def _kept_keys(self, conn: Connection) -> dict[int, str | None]:
        """What earlier runs learned: the word key of every fetched capture that shows a policy."""
        shown = series.observations(
            conn, self.site_id, normalizer=self.normalizer, archive=self.archive
        )
        texts = {one.markdown for one in shown if one.verdict is Verdict.POLICY}
        by_text = {text: word_key(text) for text in texts}
        self.days.update((key, days_named(text)) for text, key in by_text.items())
        keys = {
            one.snapshot_id: by_text[one.markdown] for one in shown if one.verdict is Verdict.POLICY
        }
        return {capture: keys.get(snapshot) for capture, snapshot in self.snapshots.items()}


def _place(item: ListedCapture) -> tuple[str, str, int]:
    return item.capture.timestamp, item.capture.original, item.id
