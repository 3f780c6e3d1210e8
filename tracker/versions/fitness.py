"""Captures that cannot witness a version: no policy, too little of it, another language."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from storage.records import Verdict
from tracker.versions.flicker import RETURN, settled_language, stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import Observation
    from tracker.versions.units import Units

SHARE = 0.15
LEAST = 400
_YEARS = timedelta(days=2 * 366)


def unfit(observations: Sequence[Observation], units: Units) -> dict[int, str]:
    """Return, by index, why an observation is left out of the comparison.

    ``observations`` are in time order.
    """
    reasons = {
        i: f"not compared: the capture is {o.verdict.value}"
        for i, o in enumerate(observations)
        if o.verdict is not Verdict.POLICY
    }
    left = [i for i in range(len(observations)) if i not in reasons]
    reasons |= _stubs(observations, left)
    left = [i for i in left if i not in reasons]
    return reasons | _strangers(observations, left, units)


def _stubs(observations: Sequence[Observation], places: Sequence[int]) -> dict[int, str]:
    """Find pages with too little text, unless the policy is that short or stays so."""
    lengths = {i: len(observations[i].markdown) for i in places}
    if not lengths:
        return {}
    usual = median(lengths.values())
    reasons: dict[int, str] = {}
    waiting: list[int] = []
    last = 0
    for i in places:
        length = lengths[i]
        if length < LEAST and usual >= 2 * LEAST:
            reasons[i] = f"unusable: {length} characters where the policy has {usual:.0f}"
        elif length < SHARE * last:
            waiting.append(i)
            reasons[i] = f"unusable: {length / last:.0%} of the last length"
            stayed = observations[i].moment - observations[waiting[0]].moment
            if len(waiting) > 1 and stayed >= RETURN:
                for j in waiting:
                    reasons.pop(j, None)
                waiting.clear()
                last = length
        else:
            waiting.clear()
            last = length
        if not length:
            reasons[i] = "unusable: no text"
    return reasons


def _strangers(
    observations: Sequence[Observation], places: Sequence[int], units: Units
) -> dict[int, str]:
    """Find captures in a language that the page left again."""
    known = [i for i in places if observations[i].language]
    languages = [observations[i].language for i in known]
    if len(set(languages)) < 2:
        return {}
    moments = [observations[i].moment for i in known]
    reasons: dict[int, str] = {}
    for stretch in stretches(languages, moments, window=_YEARS, settled=settled_language):
        home = units.text(observations[known[stretch.shown[0]]].markdown)
        for place in stretch.variants:
            text = units.text(observations[known[place]].markdown)
            # A guess at the language that errs must not cost a version: the sentences decide.
            if 5 * len(text.members & home.members) < len(text.members):
                reasons[known[place]] = (
                    f"variant: served in {languages[place]} between captures in {stretch.key}"
                )
    return reasons
