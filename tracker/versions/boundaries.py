"""What lies between two neighbouring captures that look different: a change, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from storage.records import Observation
    from tracker.versions.units import Text, Units

# Shorter sentences ("Contact us") stand in any menu by chance.
_TELLING = 5


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether a policy changed between two captures, and why so, in words."""

    changed: bool
    reason: str


def compare(
    units: Units,
    old: Observation,
    new: Observation,
    surroundings: Callable[[Observation], tuple[str, ...]],
) -> Comparison:
    """Compare two captures, with their pages where the texts differ."""
    before, after = units.text(old.markdown), units.text(new.markdown)
    if before.units == after.units:
        return Comparison(changed=False, reason="same words")
    if before.words == after.words and units.key(before) == units.key(after):
        return Comparison(changed=False, reason="formatting only")
    removed = before.members - after.members
    added = after.members - before.members
    if not removed and not added:
        return Comparison(changed=True, reason="the same sentences in another order")
    if _stands(units, removed, after, surroundings, new) and _stands(
        units, added, before, surroundings, old
    ):
        return Comparison(
            changed=False, reason="the changed sentences still stand elsewhere on the page"
        )
    return Comparison(changed=True, reason=_described(units, removed, added))


def _stands(
    units: Units,
    sentences: Iterable[int],
    text: Text,
    surroundings: Callable[[Observation], tuple[str, ...]],
    observation: Observation,
) -> bool:
    """Tell whether every sentence stands in the policy's own text or around it on the page."""
    own = {units.wordings[unit] for unit in text.members}
    missing = {
        units.wordings[unit]
        for unit in sentences
        if units.lengths[unit] < _TELLING or units.wordings[unit] not in own
    }
    if not missing:
        return True
    around = [
        sentence
        for block in surroundings(observation)
        for line in block.split("\n")
        for sentence in units.sentences(line)
    ]
    missing.difference_update(around)
    page = f" {' '.join(around)} "
    return all(
        sentence.count(" ") + 1 >= _TELLING and f" {sentence} " in page for sentence in missing
    )


def _described(units: Units, removed: Iterable[int], added: Iterable[int]) -> str:
    gone = sorted(removed)
    come = sorted(added)
    counts = f"{_count(len(come))} added, {_count(len(gone))} removed"
    sample = max((come or gone), key=lambda unit: units.lengths[unit])
    wording = units.wordings[sample]
    if len(wording) > 120:
        wording = wording[:120].rsplit(" ", 1)[0] + " …"
    return f"{counts}, such as “{wording}”"


def _count(number: int) -> str:
    return f"{number} sentence{'' if number == 1 else 's'}"
