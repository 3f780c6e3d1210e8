"""Which of the listed captures to fetch next. Pure: the spider asks, fetches, and asks again.

Captures with equal digests have equal bytes (the digest is a SHA-1 of the stored body), so one
request serves them all; unequal digests prove nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Protocol

from crawler.adaptive import Adaptive
from crawler.errors import JobError
from storage.records import CaptureState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storage.records import Capture, ListedCapture

REVISIT = "warc/revisit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The capture ``id`` has the bytes of ``source``, which is kept: no request is needed."""

    id: int
    source: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What to do next, by capture ids; empty when the strategy has all it wants."""

    fetch: tuple[int, ...] = ()
    copy: tuple[Copy, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fetch or self.copy)


class Strategy(Protocol):
    """A way to choose captures."""

    @property
    def sparse(self) -> bool:
        """Whether, to begin with, two captures a day tell it enough."""
        ...

    def wanted(self, listed: Sequence[ListedCapture]) -> Iterable[ListedCapture]:
        """The captures whose bodies should be known in the end, of those that can be had."""
        ...

    def shares(self, capture: Capture) -> bool:
        """Whether an equal digest is as good as fetching this capture."""
        ...


def next_captures(listed: Sequence[ListedCapture], strategy: Strategy) -> Choice:
    """What to fetch and what to copy next.

    ``listed`` are the captures within the job's bounds, in time order, with what is known of them
    by now; failed ones are left alone (a second pass lists them again) and others step in.
    """
    groups = _groups(listed)
    fetch: list[int] = []
    copies: list[Copy] = []
    under_way: set[tuple[object, ...]] = set()
    wanted = [item for item in strategy.wanted(listed) if item.state is CaptureState.LISTED]
    # A revisit record has no body of its own: where another row has the same digest, ask for that.
    wanted.sort(key=lambda item: item.capture.mimetype == REVISIT)
    for item in wanted:
        group = groups.get(item.id)
        if group is None or not strategy.shares(item.capture):
            fetch.append(item.id)
            under_way.update([group.key] if group else [])
            continue
        source = _nearest_fetched(item, group.members)
        if source is not None:
            copies.append(Copy(id=item.id, source=source.id))
        elif group.key not in under_way:
            under_way.add(group.key)
            fetch.append(item.id)
    return Choice(fetch=tuple(fetch), copy=tuple(copies))


@dataclass(frozen=True, slots=True)
class _Group:
    key: tuple[object, ...]
    members: list[ListedCapture]


def _groups(listed: Sequence[ListedCapture]) -> dict[int, _Group]:
    """Captures of one page with one digest; those without a digest are in no group."""
    by_key: defaultdict[tuple[object, ...], list[ListedCapture]] = defaultdict(list)
    statuses = {
        (item.capture.urlkey, item.capture.digest): item.capture.statuscode
        for item in listed
        if item.capture.statuscode is not None
    }
    for item in listed:
        capture = item.capture
        if capture.digest in {"", "-"}:
            continue
        page = (capture.urlkey, capture.digest)
        status = capture.statuscode or statuses.get(page)
        # Redirects have equal (empty) bodies and unequal targets, which depend on the very URL.
        redirect = status is not None and 300 <= status < 400
        by_key[(*page, status, capture.original if redirect else "")].append(item)
    return {item.id: _Group(key, items) for key, items in by_key.items() for item in items}


def _nearest_fetched(item: ListedCapture, members: Iterable[ListedCapture]) -> ListedCapture | None:
    moment = item.capture.moment
    fetched = (other for other in members if other.state is CaptureState.FETCHED)
    return min(fetched, key=lambda other: abs(other.capture.moment - moment), default=None)


class Digest:
    """Every capture, one request for each distinct digest."""

    sparse: ClassVar = False

    def wanted(self, listed: Sequence[ListedCapture]) -> Iterable[ListedCapture]:
        """All of them."""
        return listed

    def shares(self, capture: Capture) -> bool:  # noqa: ARG002 - the Protocol's
        """Always."""
        return True


class All:
    """Every capture by a request of its own, but for revisit records, which have no body."""

    sparse: ClassVar = False

    def wanted(self, listed: Sequence[ListedCapture]) -> Iterable[ListedCapture]:
        """All of them."""
        return listed

    def shares(self, capture: Capture) -> bool:
        """Only where the index itself says that the body is another capture's."""
        return capture.mimetype == REVISIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """A grid in time: at each of its instants the nearest capture (within half a step).

    ``months`` or ``days`` is the step; the grid goes through 1 January 2000.
    """

    months: int = 0
    days: int = 0
    sparse: ClassVar = True

    def wanted(self, listed: Sequence[ListedCapture]) -> Iterable[ListedCapture]:
        """The best capture of each cell: one that succeeded, then the nearest to the instant."""
        cells: defaultdict[int, list[tuple[float, ListedCapture]]] = defaultdict(list)
        for item in listed:
            if item.state in (CaptureState.LISTED, CaptureState.FETCHED):
                position = self._position(item.capture.moment)
                cell = round(position)
                cells[cell].append((abs(position - cell), item))
        for cell in sorted(cells):
            _, best = min(cells[cell], key=lambda near: (_unlikely(near[1]), near[0]))
            yield best

    def shares(self, capture: Capture) -> bool:  # noqa: ARG002 - the Protocol's
        """Always."""
        return True

    def _position(self, moment: datetime) -> float:
        """The moment on an axis on which the grid's instants are the whole numbers."""
        origin = datetime(2000, 1, 1, tzinfo=UTC)
        if self.days:
            return (moment - origin) / timedelta(days=self.days)
        begin = datetime(moment.year, moment.month, 1, tzinfo=UTC)
        into_month = (moment - begin) / timedelta(days=31)
        return ((moment.year - 2000) * 12 + moment.month - 1 + into_month) / self.months


def _unlikely(item: ListedCapture) -> bool:
    status = item.capture.statuscode
    return status is not None and status != 200


def parse_strategy(
    text: str, keys: Mapping[int, str | None], days: Mapping[str, frozenset[int]]
) -> Strategy:
    """The strategy that ``--strategy`` names.

    ``keys`` are the word keys of the captures fetched so far, by id, None where one shows no
    policy; ``days`` the days that each such text names. Both may grow while the strategy is asked.

    Raises:
        JobError: there is no such strategy.
    """
    if text == "adaptive":
        return Adaptive(keys=keys, days=days)
    if text == "digest":
        return Digest()
    if text == "all":
        return All()
    step = re.fullmatch(r"every:([1-9]\d{0,3})(d|w|mo|y)", text)
    if step is None:
        raise JobError(
            f"unknown strategy {text!r}: give adaptive, digest, all, or a grid such as every:6mo"
            " (d, w, mo, y)"
        )
    number, unit = int(step[1]), step[2]
    if unit in ("d", "w"):
        return Every(days=number * (7 if unit == "w" else 1))
    return Every(months=number * (12 if unit == "y" else 1))
