"""Sentences put in and taken out again: a promotion, a notice, between two lines of the policy.

The place goes back to what it was within weeks, so the text returned, if only there. A sentence
that was reworded, or is the rewording of another, is an edit, however short its life.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tracker.versions.flicker import RETURN, settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tracker.versions.units import Text, Units

Span = tuple[int, int]
_APPEARANCES = 3
# A promotion is a sentence or a few; more at once are a section of the policy.
_MOST = 4
# Two sentences that share half of their words are wordings of one.
_ALIKE = 0.5


def inserts(
    texts: Sequence[Text],
    moments: Sequence[datetime],
    spans: Mapping[int, Sequence[Span]],
    units: Units,
) -> set[int]:
    """Return the sentences that stood for a short while between two that stayed neighbours.

    ``spans`` gives, for each sentence, the captures that show it. One that ever lasted is the
    policy's own, and its comings and goings are settled elsewhere; of the others, one such
    excursion, a second within other captures, or a third appearance wherever, tells what they are.
    """
    brief = {unit for unit, shown in spans.items() if not any(_lasts(s, moments) for s in shown)}
    found = {unit for unit, shown in spans.items() if _keeps_returning(shown, moments)}
    found |= {unit for unit in brief if _came_twice(spans[unit], moments)}
    # What is found clears the view of what stood beside it: promotions take each other's place.
    while True:
        places = _Places(texts, moments, units, frozenset(found))
        slots = {
            slot for unit in found for span in spans[unit] for slot in places.slots(unit, span)
        }
        more = {
            unit
            for unit in brief - found
            if any(
                places.withdrawn(unit, span)
                or places.passing(unit, span)
                or places.unseen(unit, span, slots)
                for span in spans[unit]
            )
        }
        if not more:
            return found
        found |= more


def _lasts(span: Span, moments: Sequence[datetime]) -> bool:
    first, last = span
    return settled(last - first + 1, moments[last] - moments[first], spells=3)


def _keeps_returning(shown: Sequence[Span], moments: Sequence[datetime]) -> bool:
    """Tell whether a sentence came a third time, never stayed, and was seldom there."""
    if len(shown) < _APPEARANCES:
        return False
    if all(not _lasts(span, moments) for span in shown):
        return True
    return _seldom(shown) and all(moments[last] - moments[first] <= RETURN for first, last in shown)


def _came_twice(shown: Sequence[Span], moments: Sequence[datetime]) -> bool:
    """Tell whether a brief sentence came again, each time seen to come or go within weeks."""
    return len(shown) > 1 and _seldom(shown) and all(_within_weeks(span, moments) for span in shown)


def _within_weeks(span: Span, moments: Sequence[datetime]) -> bool:
    """Tell whether the captures beside a span, where there are any, lie within the window."""
    before, after = max(span[0] - 1, 0), min(span[1] + 1, len(moments) - 1)
    return moments[after] - moments[before] <= RETURN


def _seldom(shown: Sequence[Span]) -> bool:
    there = sum(last - first + 1 for first, last in shown)
    return 2 * there < shown[-1][1] - shown[0][0] + 1


class _Places:
    """Where sentences stand among those that are not passed over; -1 is before and after all."""

    def __init__(
        self,
        texts: Sequence[Text],
        moments: Sequence[datetime],
        units: Units,
        passed_over: frozenset[int],
    ) -> None:
        self._texts = texts
        self._moments = moments
        self._units = units
        self._passed_over = passed_over
        self._orders: dict[int, dict[int, int]] = {}
        self._left: dict[int, list[int]] = {}

    def withdrawn(self, unit: int, span: Span) -> bool:
        """Tell whether a sentence's place went back to what it was before, within the window."""
        first, last = span
        if first == 0:
            return False
        start = self._moments[first - 1]
        before, after = self._around(unit, self._texts[first], self._texts[first - 1])
        if self._between(self._texts[first - 1], before, after) != []:
            return False
        for i in range(last + 1, len(self._texts)):
            if self._moments[i] - start > RETURN:
                return False
            if self._between(self._texts[i], before, after) == []:
                return True
        return False

    def passing(self, unit: int, span: Span) -> bool:
        """Tell whether a sentence came or went alone, and is a wording of no other on either side.

        On the one side it was put in or taken out and all around it stayed; on the other, where
        the policy changed as well, nothing that only stands there is a rewording of it.
        """
        first, last = span
        if first == 0 or last == len(self._texts) - 1:
            return False
        if not _within_weeks(span, self._moments) or not self.slots(unit, span):
            return False
        return not any(
            self._alike(unit, other)
            for at, beyond in ((first, first - 1), (last, last + 1))
            for other in self._texts[beyond].members - self._texts[at].members
        )

    def unseen(self, unit: int, span: Span, slots: set[tuple[int, int]]) -> bool:
        """Tell whether a sentence at an end of the series stands where passing ones have stood."""
        if span[0] > 0 and span[1] < len(self._texts) - 1:
            return False
        return _within_weeks(span, self._moments) and not slots.isdisjoint(self.slots(unit, span))

    def slots(self, unit: int, span: Span) -> set[tuple[int, int]]:
        """Return the neighbours between which a sentence, and little else, was put in or taken out.

        At either end of its span, where the capture beyond shows the two beside each other.
        """
        found = set[tuple[int, int]]()
        for at, beyond in ((span[0], span[0] - 1), (span[1], span[1] + 1)):
            if not 0 <= beyond < len(self._texts):
                continue
            before, after = self._around(unit, self._texts[at], self._texts[beyond])
            own = self._between(self._texts[at], before, after)
            if own is None or len(own) > _MOST:
                continue
            if self._between(self._texts[beyond], before, after) == []:
                found.add((before, after))
        return found

    def _around(self, unit: int, text: Text, other: Text) -> tuple[int, int]:
        """Return what stands before and after a sentence and is also in another text."""
        place = text.units.index(unit)
        before = next((u for u in reversed(text.units[:place]) if self._known(u, other)), -1)
        after = next((u for u in text.units[place + 1 :] if self._known(u, other)), -1)
        return before, after

    def _known(self, unit: int, other: Text) -> bool:
        return unit in other.members and unit not in self._passed_over

    def _between(self, text: Text, before: int, after: int) -> list[int] | None:
        """Return what stands between two sentences of a text, None where they do not stand so."""
        order = self._orders.get(id(text))
        if order is None:
            left = [unit for unit in text.units if unit not in self._passed_over]
            self._left[id(text)] = left
            order = self._orders[id(text)] = {unit: at for at, unit in enumerate(left)}
        left = self._left[id(text)]
        start = order.get(before, -1 if before == -1 else None)
        stop = order.get(after, len(left) if after == -1 else None)
        if start is None or stop is None or stop <= start:
            return None
        return left[start + 1 : stop]

    def _alike(self, one: int, other: int) -> bool:
        ours, theirs = (self._units.wordings[unit].split() for unit in (one, other))
        shared = (Counter(ours) & Counter(theirs)).total()
        return 2 * shared >= _ALIKE * (len(ours) + len(theirs))
