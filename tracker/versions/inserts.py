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
) -> set[tuple[int, Span]]:
    """Return sentences, and the captures showing them, between two that stayed neighbours.

    ``spans`` gives, for each sentence, the captures that show it. A sentence that ever lasted is
    the policy's own, and its comings and goings are settled elsewhere.
    """
    brief = {unit for unit, shown in spans.items() if all(_brief(s, moments) for s in shown)}
    followers = _Followers(brief)
    found: set[tuple[int, Span]] = set()
    for unit in brief:
        for first, last in spans[unit]:
            before, after = followers.neighbours(texts[first], unit)
            if followers.of(texts[first - 1]).get(before) != after:
                continue
            for i in range(last + 1, len(texts)):
                if moments[i] - moments[first - 1] > RETURN:
                    break
                if followers.of(texts[i]).get(before) == after:
                    found.add((unit, (first, last)))
                    break
    return found


def _brief(span: Span, moments: Sequence[datetime]) -> bool:
    first, last = span
    return (
        first > 0
        and last + 1 < len(moments)
        and moments[last + 1] - moments[first - 1] <= RETURN
        and not settled(last - first + 1, moments[last] - moments[first], spells=3)
    )


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
