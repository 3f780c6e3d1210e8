"""Places in a text that show something new at nearly every capture: a clock, a counter.

No policy rewrites one sentence six times in two months. What replaces itself that often in one
place is no wording; but digits are never masked: dates and amounts are what changes in policies.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tracker.versions.units import Text

_TIMES = 6
_WITHIN = timedelta(days=60)
# A clock is a line or two; more at once is an edit.
_MOST = 4


def clocks(
    texts: Sequence[Text],
    moments: Sequence[datetime],
    spans: Mapping[int, Sequence[tuple[int, int]]],
) -> set[int]:
    """Return the sentences that only tell the time.

    ``spans`` gives, for each sentence, the captures that show it. Two sentences have the same place
    where the same lasting sentence stands before them.
    """
    places: dict[int, list[tuple[int, int, int]]] = {}
    for i, text in enumerate(texts):
        other = texts[i - 1] if i else next((t for t in texts if t is not text), text)
        if other is text:
            continue
        fresh = text.members - other.members
        # Of a greater edit, only what stands first after a lasting sentence.
        whole = len(fresh) <= _MOST
        before, first = -1, True
        for unit in text.units:
            if unit not in fresh:
                before, first = unit, True
            elif len(spans[unit]) == 1 and (whole or first):
                places.setdefault(before, []).append((i, spans[unit][0][1], unit))
                first = False
    found: set[int] = set()
    for shown in places.values():
        for run in _replaced(shown):
            found.update(_hurried(run, moments))
    return found


def _replaced(shown: Sequence[tuple[int, int, int]]) -> list[list[tuple[int, int, int]]]:
    """Cut the sentences of one place into runs in which each is gone when the next stands there."""
    runs: list[list[tuple[int, int, int]]] = []
    for entry in shown:
        if runs and runs[-1][-1][1] < entry[0]:
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return runs


def _hurried(run: Sequence[tuple[int, int, int]], moments: Sequence[datetime]) -> set[int]:
    found: set[int] = set()
    for last in range(_TIMES - 1, len(run)):
        first = last - _TIMES + 1
        if moments[run[last][0]] - moments[run[first][0]] <= _WITHIN:
            found.update(
                unit
                for start, end, unit in run[first : last + 1]
                if moments[end] - moments[start] <= _WITHIN
            )
    return found
