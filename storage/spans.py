"""Versions of a site as spans: each segment once, with the versions from which to which it stood.

The spans of a site have one order, in which every version's segments follow one another as in its
text: a version is the spans that reach over it. Successive versions share nearly all their
segments, so that a site takes little more room than its first version.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class Span:
    """A segment that stood in all versions from ``first`` to ``last``, always in the same place."""

    segment_id: int
    first: int
    last: int


def weave(versions: Iterable[tuple[int, Sequence[int]]]) -> list[Span]:
    """The spans of successive versions, in the order in which they stand in all of them.

    Takes each version's number and the ids of its segments. What is gone and comes again, or moves
    past others that stay, is a new span.
    """
    woven: list[Span] = []
    standing: list[Span] = []
    for number, segment_ids in versions:
        stays = _longest_common([span.segment_id for span in standing], segment_ids)
        # What is new follows the span before it, by that one's identity; 0 is the beginning.
        new: dict[int, list[Span]] = {}
        before, now = 0, []
        for index, segment_id in enumerate(segment_ids):
            if index in stays:
                span = standing[stays[index]]
                span.last = number
                before = id(span)
            else:
                span = Span(segment_id=segment_id, first=number, last=number)
                new.setdefault(before, []).append(span)
            now.append(span)
        if new:
            woven = new.get(0, []) + [
                one for span in woven for one in (span, *new.get(id(span), ()))
            ]
        standing = now
    return woven


def unweave(spans: Iterable[tuple[int, int, int]], numbers: Iterable[int]) -> dict[int, list[int]]:
    """The ids of the segments of some versions, from the site's spans in their order.

    A span is given as its segment's id, its first and its last version.
    """
    wanted = sorted(set(numbers))
    found: dict[int, list[int]] = {number: [] for number in wanted}
    for segment_id, first, last in spans:
        for number in wanted[bisect_left(wanted, first) : bisect_right(wanted, last)]:
            found[number].append(segment_id)
    return found


def day_of(moment: datetime) -> int:
    """Its day, counted from 1970-01-01 in UTC."""
    return (moment - _EPOCH).days


def _longest_common(old: Sequence[int], new: Sequence[int]) -> Mapping[int, int]:
    """Indices into ``new`` and ``old`` of what both have in the same order, as much as there is.

    The n-th occurrence in the one is taken for the n-th in the other. Then it is the longest
    increasing subsequence (Fredman 1975), found in n log n.
    """
    where: dict[int, list[int]] = {}
    for index in range(len(old) - 1, -1, -1):
        where.setdefault(old[index], []).append(index)
    pairs = [(index, places.pop()) for index, key in enumerate(new) if (places := where.get(key))]
    ends: list[int] = []
    ending: list[int] = []
    previous: list[int] = []
    for number, (_, index) in enumerate(pairs):
        length = bisect_left(ends, index)
        previous.append(ending[length - 1] if length else -1)
        ends[length : length + 1] = [index]
        ending[length : length + 1] = [number]
    stays = {}
    number = ending[-1] if ending else -1
    while number >= 0:
        stays[pairs[number][0]] = pairs[number][1]
        number = previous[number]
    return stays
