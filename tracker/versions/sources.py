"""Several collectors' readings of one policy, joined into one series.

Two readings of the same page differ (where the policy begins, how a list is written), so that their
texts are never compared: each span of time is told by one collector, our own reading of captures
first, and where the telling passes on, the new version says so and claims no change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from storage.records import Verdict
from tracker.versions.records import Decision, Derivation, Run
from tracker.versions.series import derive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from storage.records import Observation

OWN = ""


@dataclass(frozen=True, slots=True)
class _Span:
    """What one collector tells: the first and last of its captures that count."""

    source: str
    observations: tuple[Observation, ...]


def derive_joined(
    observations: Sequence[Observation],
    surroundings: Callable[[Observation], tuple[str, ...]],
) -> Derivation:
    """As `tracker.versions.series.derive`, of a series that may have several sources.

    The runs at which another collector takes over are the derivation's ``seams``.
    """
    if not any(o.source for o in observations):
        return derive(observations, surroundings)
    spans, surplus = _spans(sorted(observations, key=lambda o: (o.timestamp, o.snapshot_id)))
    runs: list[Run] = []
    decisions: list[Decision] = list(surplus)
    seams = set()
    for span in spans:
        part = derive(list(_settled(span.observations)), surroundings)
        offset = len(runs)
        if runs and part.runs:
            seams.add(offset + 1)
        for run in part.runs:
            told = f"{run.reason}; {_told_by(span.source)}" if run.number == 1 else run.reason
            runs.append(replace(run, number=offset + run.number, reason=told))
        decisions += [
            one if one.number is None else replace(one, number=offset + one.number)
            for one in part.decisions
        ]
    decisions.sort(key=lambda one: (one.observation.timestamp, one.observation.snapshot_id))
    return Derivation(runs=tuple(runs), decisions=tuple(decisions), seams=frozenset(seams))


def _spans(ordered: Sequence[Observation]) -> tuple[list[_Span], list[Decision]]:
    """The series cut where its teller changes, and decisions on what another tells already."""
    tellers = _tellers(ordered)
    told, surplus = [], []
    for one in ordered:
        teller = next((s for s, (first, last) in tellers if first <= one.timestamp <= last), None)
        if teller is None or one.source == teller:
            told.append(one)
        else:
            why = f"left out: {_told_by(teller)} at this time"
            surplus.append(Decision(observation=one, number=None, shows=False, reason=why))
    grouped = groupby(_with_speakers(told), key=lambda pair: pair[0])
    spans = [_Span(source, tuple(one for _, one in group)) for source, group in grouped]
    return spans, surplus


def _with_speakers(told: Sequence[Observation]) -> Iterator[tuple[str, Observation]]:
    """Each with the source whose span it falls into: what shows no policy parts none."""
    speaker = next((one.source for one in told if one.verdict == Verdict.POLICY), OWN)
    for one in told:
        if one.verdict == Verdict.POLICY:
            speaker = one.source
        yield speaker, one


def _tellers(ordered: Sequence[Observation]) -> list[tuple[str, tuple[str, str]]]:
    """Each source with its first and last timestamp that shows a policy, those that count first.

    Our own goes before all others; of those, one with more captures.
    """
    found: dict[str, list[str]] = {}
    for one in ordered:
        if one.verdict == Verdict.POLICY:
            found.setdefault(one.source, []).append(one.timestamp)
    ranked = sorted(found, key=lambda source: (source != OWN, -len(found[source]), source))
    return [(source, (found[source][0], found[source][-1])) for source in ranked]


def _settled(observations: Sequence[Observation]) -> Iterator[Observation]:
    """What was only taken anew stands for what it was taken from, too: the page is the same."""
    pending: list[Observation] = []
    for one in observations:
        if pending and not one.technical:
            yield from _as_last(pending)
            pending = []
        pending.append(one)
    yield from _as_last(pending)


def _as_last(group: Sequence[Observation]) -> Iterator[Observation]:
    for one in group:
        yield replace(one, markdown=group[-1].markdown, language=group[-1].language)


def _told_by(source: str) -> str:
    return f"told by {source}" if source else "told by captures of the page itself"
