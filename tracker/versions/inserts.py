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


def inserts(
    texts: Sequence[Text], moments: Sequence[datetime], spans: Mapping[int, Sequence[Span]]
) -> set[int]:
    """Return the sentences that stood for a short while between two that stayed neighbours.

    ``spans`` gives, for each sentence, the captures that show it. One that ever lasted is the
    policy's own, and its comings and goings are settled elsewhere; of the others, one such
    excursion tells what all their appearances are.
    """
    brief = {unit for unit, shown in spans.items() if not any(_lasts(s, moments) for s in shown)}
    followers = _Followers(brief)
    return {
        unit
        for unit in brief
        if any(_withdrawn(unit, span, texts, moments, followers) for span in spans[unit])
    }


def _lasts(span: Span, moments: Sequence[datetime]) -> bool:
    first, last = span
    return settled(last - first + 1, moments[last] - moments[first], spells=3)


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
    before, after = followers.neighbours(texts[first], unit)
    if followers.of(texts[first - 1]).get(before) != after:
        return False
    for i in range(last + 1, len(texts)):
        if moments[i] - moments[first - 1] > RETURN:
            return False
        if followers.of(texts[i]).get(before) == after:
            return True
    return False


class _Followers:
    """Which sentence follows which in a text, the brief ones passed over; -1 is both ends."""

    def __init__(self, brief: set[int]) -> None:
        self._brief = brief
        self._known: dict[int, dict[int, int]] = {}

    def of(self, text: Text) -> dict[int, int]:
        known = self._known.get(id(text))
        if known is None:
            lasting = [unit for unit in text.units if unit not in self._brief]
            known = self._known[id(text)] = dict(zip([-1, *lasting], [*lasting, -1], strict=True))
        return known

    def neighbours(self, text: Text, unit: int) -> tuple[int, int]:
        place = text.units.index(unit)
        before = next((u for u in reversed(text.units[:place]) if u not in self._brief), -1)
        return before, self.of(text)[before]
