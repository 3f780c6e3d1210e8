"""Sentences put in and taken out again: a promotion, a notice, between two lines of the policy.

The place goes back to what it was within weeks, so the text returned, if only there. A sentence
that replaced another, or that another replaced, is an edit, however short its life.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.versions.flicker import RETURN, settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tracker.versions.units import Text

Span = tuple[int, int]
_APPEARANCES = 3


def inserts(
    texts: Sequence[Text], moments: Sequence[datetime], spans: Mapping[int, Sequence[Span]]
) -> set[int]:
    """Return the sentences that stood for a short while between two that stayed neighbours.

    ``spans`` gives, for each sentence, the captures that show it. One that ever lasted is the
    policy's own, and its comings and goings are settled elsewhere; of the others, one such
    excursion, or a third appearance wherever, tells what they all are.
    """
    brief = {unit for unit, shown in spans.items() if not any(_lasts(s, moments) for s in shown)}
    found = {unit for unit, shown in spans.items() if _keeps_returning(shown, moments)}
    # What is found clears the view between neighbours for another look; twice does.
    for _ in range(2):
        followers = _Followers(frozenset(found))
        found |= {
            unit
            for unit in brief - found
            if any(_withdrawn(unit, span, texts, moments, followers) for span in spans[unit])
        }
    return found


def _lasts(span: Span, moments: Sequence[datetime]) -> bool:
    first, last = span
    return settled(last - first + 1, moments[last] - moments[first], spells=3)


def _keeps_returning(shown: Sequence[Span], moments: Sequence[datetime]) -> bool:
    """Tell whether a sentence came a third time, never stayed, and was seldom there."""
    if len(shown) < _APPEARANCES:
        return False
    if all(not _lasts(span, moments) for span in shown):
        return True
    there = sum(last - first + 1 for first, last in shown)
    return 2 * there < shown[-1][1] - shown[0][0] + 1 and all(
        moments[last] - moments[first] <= RETURN for first, last in shown
    )


def _withdrawn(
    unit: int,
    span: Span,
    texts: Sequence[Text],
    moments: Sequence[datetime],
    followers: _Followers,
) -> bool:
    """Tell whether the place of a sentence went back to what it was before, within the window."""
    first, last = span
    if first == 0:
        return False
    before, after = followers.around(texts[first], texts[first - 1], unit)
    if followers.of(texts[first - 1]).get(before) != after:
        return False
    for i in range(last + 1, len(texts)):
        if moments[i] - moments[first - 1] > RETURN:
            return False
        if followers.of(texts[i]).get(before) == after:
            return True
    return False


class _Followers:
    """Which sentence follows which in a text, some passed over; -1 stands before and after all."""

    def __init__(self, passed_over: frozenset[int]) -> None:
        self._passed_over = passed_over
        self._known: dict[int, dict[int, int]] = {}

    def of(self, text: Text) -> dict[int, int]:
        known = self._known.get(id(text))
        if known is None:
            left = [unit for unit in text.units if unit not in self._passed_over]
            known = self._known[id(text)] = dict(zip([-1, *left], [*left, -1], strict=True))
        return known

    def around(self, text: Text, other: Text, unit: int) -> tuple[int, int]:
        """Return what stands before and after a sentence and what came with it."""
        known = {*other.members} - self._passed_over
        place = text.units.index(unit)
        before = next((u for u in reversed(text.units[:place]) if u in known), -1)
        after = next((u for u in text.units[place + 1 :] if u in known), -1)
        return before, after
