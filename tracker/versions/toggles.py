"""Sentences that come and go: the presence of each over a series, smoothed.

A banner, a promotion or a half-loaded section takes sentences away and brings them back, often
beside a real change, so that no whole text ever returns. Each sentence is therefore judged alone:
an absence that ends within weeks is filled, and what keeps coming and going is left out of account.
One that comes once and goes once is kept: whether it was real, the whole texts tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from tracker.versions.clocks import clocks
from tracker.versions.flicker import RETURN, settled
from tracker.versions.inserts import inserts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tracker.versions.units import Text, Units

Span = tuple[int, int]
# From so many appearances on, chance alone tells which of them was a state that stayed.
_OFTEN = 3
_CHANCE = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What one capture shows once the sentences that come and go are settled.

    ``weight`` identifies the settled text (order aside); ``missing`` and ``extra`` are the words
    that were filled in and left out.
    """

    weight: int
    missing: int
    extra: int
    words: int

    @property
    def clean(self) -> bool:
        return not self.missing and not self.extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The settled state of each capture, and the sentences that are none of the policy's."""

    states: list[State]
    noise: frozenset[int]


def settle(texts: Sequence[Text], moments: Sequence[datetime], units: Units) -> Settled:
    """Settle the sentences of a series of captures in time order."""
    count = len(texts)
    weight, missing, extra = [0] * (count + 1), [0] * (count + 1), [0] * (count + 1)

    def correct(unit: int, span: Span, sign: int) -> None:
        first, last = span
        words = missing if sign > 0 else extra
        for place, direction in ((first, 1), (last + 1, -1)):
            weight[place] += sign * direction * units.weights[unit]
            words[place] += direction * units.lengths[unit]

    presences = _presences(texts)
    passing = clocks(texts, moments, presences) | inserts(texts, moments, presences, units)
    noise = set[int]()
    for unit, shown in presences.items():
        real: Sequence[Span] = shown
        if unit in passing:
            real = []
        elif len(shown) > 1:
            real = _settled_presence(shown, moments)
        if not real:
            noise.add(unit)
        for span in _without(real, shown):
            correct(unit, span, 1)
        for span in _without(shown, real):
            correct(unit, span, -1)
    states = [
        State(
            weight=text.weight + change,
            missing=lacking,
            extra=added,
            words=text.words + lacking - added,
        )
        for text, change, lacking, added in zip(
            texts, accumulate(weight), accumulate(missing), accumulate(extra), strict=False
        )
    ]
    return Settled(states=states, noise=frozenset(noise))


def _presences(texts: Sequence[Text]) -> dict[int, list[Span]]:
    """Return, for each sentence that is not always there, the spans of captures that show it."""
    spans: dict[int, list[Span]] = {}
    since: dict[int, int] = {}
    before: Text | None = None
    for i, text in enumerate(texts):
        if text is before:
            continue
        old = before.members if before else frozenset()
        for unit in old - text.members:
            spans.setdefault(unit, []).append((since.pop(unit), i - 1))
        for unit in text.members - old:
            since[unit] = i
        before = text
    for unit, start in since.items():
        spans.setdefault(unit, []).append((start, len(texts) - 1))
    return spans


def _settled_presence(shown: Sequence[Span], moments: Sequence[datetime]) -> list[Span]:
    if len(shown) >= _OFTEN and _is_coin(shown, len(moments)):
        return _beyond_chance(shown, len(moments))
    real: list[Span] = []
    group = [shown[0]]
    returns: list[list[Span]] = [group]
    for span in shown[1:]:
        if moments[span[0]] - moments[group[-1][1]] <= RETURN:
            group.append(span)
        else:
            group = [span]
            returns.append(group)
    for group in returns:
        for part in _split_at_settled_gaps(group, moments):
            real.extend(_filled(part, moments))
    return real


def _is_coin(shown: Sequence[Span], captures: int) -> bool:
    """Tell whether a sentence toggles as independent draws would, not from state to state.

    A coin that shows it with probability p turns 2 p (1 - p) times a capture; what turns less than
    half as often was put in and taken out by someone.
    """
    there = sum(map(_length, shown))
    turns = 2 * len(shown) - (shown[0][0] == 0) - (shown[-1][1] == captures - 1)
    return turns * captures >= there * (captures - there)


def _beyond_chance(shown: Sequence[Span], captures: int) -> list[Span]:
    """Return where a sentence that toggles often stood for longer than its toggling explains.

    Toggling is taken for a coin that shows it as often as the captures outside a run do: a run,
    with the sentence or without, is a state of its own where such a coin would hardly give one as
    long in as many runs. Where the sentence toggles at an end of the series it is of the policy if
    it is there more often than not, as of two wordings that are tried on the readers one is.
    """
    there = sum(map(_length, shown))

    def stays(length: int, others: int) -> bool:
        share = (others + 1) / (captures - length + 2)
        return 2 * len(shown) * share**length < _CHANCE

    def gone(length: int) -> bool:
        return stays(length, captures - there - length)

    real: list[Span] = []
    part: list[Span] = []
    start = 0 if not gone(shown[0][0]) else shown[0][0]
    for span, after in zip(shown, [*shown[1:], None], strict=True):
        part.append(span)
        end = after[0] - 1 if after else captures - 1
        if after and not gone(end - span[1]):
            continue
        stop = span[1] if after or gone(end - span[1]) else captures - 1
        lasting = [s for s in part if stays(_length(s), there - _length(s))]
        if lasting:
            early = start == 0 and _often(part, 0, lasting[0][0] - 1)
            real.append((0 if early else lasting[0][0], stop))
        elif (start == 0 or stop == captures - 1) and _often(part, start, stop):
            real.append((start, stop))
        part = []
        start = after[0] if after else captures
    return real


def _often(shown: Sequence[Span], first: int, last: int) -> bool:
    """Tell whether a sentence is there in at least half of some captures."""
    there = sum(_length((start, min(end, last))) for start, end in shown if start <= last)
    return 2 * there >= last - first + 1


def _length(span: Span) -> int:
    return span[1] - span[0] + 1


def _split_at_settled_gaps(
    group: Sequence[Span], moments: Sequence[datetime]
) -> list[Sequence[Span]]:
    parts, start = [], 0
    for i in range(1, len(group)):
        gone, back = group[i - 1][1] + 1, group[i][0] - 1
        if settled(back - gone + 1, moments[back] - moments[gone], spells=2 * len(group) - 1):
            parts.append(group[start:i])
            start = i
    parts.append(group[start:])
    return parts


def _filled(part: Sequence[Span], moments: Sequence[datetime]) -> list[Span]:
    """Return the one span in which a sentence with short absences stood, or none."""
    if len(part) == 1:
        return list(part)
    anchors = [
        span
        for span in part
        if settled(span[1] - span[0] + 1, moments[span[1]] - moments[span[0]], spells=2 * len(part))
    ]
    whole = part[-1][1] - part[0][0] + 1
    shown = sum(last - first + 1 for first, last in part)
    if anchors:
        start = part[0][0] if part[0][0] == 0 else anchors[0][0]
        return [(start, part[-1][1])]
    at_edge = part[0][0] == 0 or part[-1][1] == len(moments) - 1
    if len(part) == 2 or (at_edge and 2 * shown >= whole):
        return [(part[0][0], part[-1][1])]
    return []


def _without(spans: Sequence[Span], holes: Sequence[Span]) -> list[Span]:
    """Return what is left of ascending spans outside ascending holes."""
    left: list[Span] = []
    place = 0
    for first, last in spans:
        start = first
        while place < len(holes) and holes[place][1] < start:
            place += 1
        index = place
        while index < len(holes) and holes[index][0] <= last:
            if holes[index][0] > start:
                left.append((start, holes[index][0] - 1))
            start = max(start, holes[index][1] + 1)
            index += 1
        if start <= last:
            left.append((start, last))
    return left
