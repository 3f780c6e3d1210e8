"""From the captures of a policy to its versions, whatever order they came in.

A version is a maximal run of captures whose policy text is the same. The rules, in order: captures
that are no policy, stubs and other languages are left out (``fitness``); sentences that come and go
are settled (``toggles``); a text that returns within weeks makes a variant of what stood between
(``flicker``); a change whose every sentence still stands elsewhere on the other capture's page, or
that is formatting only, is none. docs/decisions/0003-what-is-a-version.md gives the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.versions.boundaries import compare
from tracker.versions.fitness import unfit
from tracker.versions.flicker import RETURN, stretches
from tracker.versions.records import Decision, Derivation, Run
from tracker.versions.toggles import State, settle
from tracker.versions.units import Text, Units

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.records import Observation

# A capture that lacks a fifth of the text that returns after it shows something else.
INCOMPLETE = 0.2
# One of which half comes and goes shows, for the most, something else.
FOREIGN = 0.5
# So many words of a sentence tell which it is.
_QUOTED = 12


@dataclass(slots=True)
class _Draft:
    """A version in the making: indices of the captures that show it, and of its variants."""

    shown: list[int]
    variants: list[int]
    reason: str
    notes: dict[int, str] = field(default_factory=dict)


def derive(
    observations: Sequence[Observation],
    surroundings: Callable[[Observation], tuple[str, ...]],
) -> Derivation:
    """Derive the versions of one policy from what its captures showed.

    ``surroundings`` gives the texts of the other blocks of a capture's page; it may be dear, and is
    asked only about the two captures on the sides of what looks like a change.
    """
    ordered = sorted(observations, key=lambda o: (o.timestamp, o.url, o.markdown, o.snapshot_id))
    units = Units()
    reasons = unfit(ordered, units)
    series = _Series(ordered, units, [i for i in range(len(ordered)) if i not in reasons])
    drafts = _merge(series, series.drafts(), surroundings)
    return _publish(series, drafts, reasons)


class _Series:
    """The usable captures of a series with their texts and settled states."""

    def __init__(self, ordered: Sequence[Observation], units: Units, usable: list[int]) -> None:
        self.ordered = ordered
        self.units = units
        texts = [units.text(ordered[i].markdown) for i in usable]
        moments = [ordered[i].moment for i in usable]
        settled = settle(texts, moments, units)
        self.texts: dict[int, Text] = dict(zip(usable, texts, strict=True))
        self.states: dict[int, State] = dict(zip(usable, settled.states, strict=True))
        self.noise = settled.noise
        self.usable = usable

    def drafts(self) -> list[_Draft]:
        whole = [i for i in self.usable if self.foreign(i) is None]
        drafts = self._stayed(whole, [self.states[i].weight for i in whole])
        drafts = [part for draft in drafts for part in self._by_order(draft)]
        self._attach(drafts)
        return drafts

    def foreign(self, i: int) -> str | None:
        """Say why a capture shows too little, or too much else, to witness a version."""
        state, text = self.states[i], self.texts[i]
        if state.missing > INCOMPLETE * state.words:
            return f"{state.missing / state.words:.0%} of the words are missing and return"
        if state.extra > FOREIGN * text.words:
            return f"{state.extra / text.words:.0%} of the words come and go"
        return None

    def _stayed(self, places: Sequence[int], keys: Sequence[object]) -> list[_Draft]:
        moments = [self.ordered[i].moment for i in places]
        return [
            _Draft([places[i] for i in s.shown], [places[i] for i in s.variants], "")
            for s in stretches(keys, moments)
        ]

    def _by_order(self, draft: _Draft) -> list[_Draft]:
        """Part captures of the same sentences where their order changed for good."""
        clean = [i for i in draft.shown if self.states[i].clean]
        if len({self.texts[i].units for i in clean}) < 2:
            return [draft]
        parts = self._stayed(clean, [self.texts[i].units for i in clean])
        if len(parts) < 2:
            return [draft]
        starts = [part.shown[0] for part in parts[1:]]
        return [
            _Draft(
                [i for i in draft.shown if low <= i < high],
                [i for i in draft.variants if low <= i < high],
                "",
            )
            for low, high in zip([-1, *starts], [*starts, len(self.ordered)], strict=True)
        ]

    def _attach(self, drafts: Sequence[_Draft]) -> None:
        """Give each capture that shows too little to the version in force."""
        if not drafts:
            return
        place = 0
        for i in self.usable:
            note = self.foreign(i)
            if note is None:
                continue
            while place + 1 < len(drafts) and drafts[place + 1].shown[0] < i:
                place += 1
            drafts[place].variants.append(i)
            drafts[place].notes[i] = note

    def representative(self, places: Sequence[int]) -> int:
        """Return the first of these captures that shows nothing that comes and goes."""
        return next((i for i in places if self.states[i].clean), places[0])


def _merge(
    series: _Series,
    drafts: Sequence[_Draft],
    surroundings: Callable[[Observation], tuple[str, ...]],
) -> list[_Draft]:
    """Join neighbours between which nothing of the policy changed."""
    merged: list[_Draft] = []
    for draft in drafts:
        if not merged:
            draft.reason = "the first capture that shows the policy"
            merged.append(draft)
            continue
        old = series.ordered[series.representative(merged[-1].shown[::-1])]
        new = series.ordered[series.representative(draft.shown)]
        verdict = compare(series.units, old, new, surroundings, series.noise)
        if verdict.changed:
            draft.reason = f"against version {len(merged)}: {verdict.reason}"
            merged.append(draft)
            continue
        before = merged[-1]
        before.shown += draft.shown
        before.variants += draft.variants
        before.notes |= draft.notes | dict.fromkeys(draft.shown, verdict.reason)
    return merged


def _publish(series: _Series, drafts: Sequence[_Draft], reasons: dict[int, str]) -> Derivation:
    decisions: dict[int, Decision] = {
        i: Decision(observation=series.ordered[i], number=None, shows=False, reason=reason)
        for i, reason in reasons.items()
    }
    runs = []
    for number, draft in enumerate(drafts, 1):
        shown = sorted(draft.shown)
        chosen = series.representative(shown)
        runs.append(
            Run(
                number=number,
                observation=series.ordered[chosen],
                observations=tuple(series.ordered[i] for i in shown),
                first_seen=series.ordered[shown[0]].moment,
                last_seen=series.ordered[shown[-1]].moment,
                reason=draft.reason,
            )
        )
        for i in shown:
            note = None if i == chosen else draft.notes.get(i)
            reason = note or _shown_reason(series, i, chosen)
            decisions[i] = Decision(
                observation=series.ordered[i], number=number, shows=True, reason=reason
            )
        for i in draft.variants:
            note = draft.notes.get(i, f"the other text returned within {RETURN.days} days")
            decisions[i] = Decision(
                observation=series.ordered[i],
                number=number,
                shows=False,
                reason=f"variant of version {number}: {note}",
            )
    return Derivation(
        runs=tuple(runs), decisions=tuple(decisions[i] for i in range(len(series.ordered)))
    )


def _shown_reason(series: _Series, i: int, chosen: int) -> str:
    if i == chosen:
        return "the version's text is this capture's"
    text, other = series.texts[i], series.texts[chosen]
    if text is other or text.units == other.units:
        return "same words"
    state = series.states[i]
    if not state.clean:
        differing = text.members ^ other.members
        sample = max(differing, key=lambda unit: (series.units.lengths[unit], unit), default=None)
        such = f", such as “{_begin(series.units.wordings[sample])}”" if sample is not None else ""
        return f"only sentences that come and go differ ({state.missing + state.extra} words{such})"
    return "same sentences"


def _begin(wording: str) -> str:
    words = wording.split(" ", _QUOTED)
    return " ".join(words[:_QUOTED]) + (" …" if len(words) > _QUOTED else "")
