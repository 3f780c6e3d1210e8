"""What lies between two neighbouring captures that look different: a change, or none."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from tracker.versions.titles import same_document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.records import Observation
    from tracker.versions.units import Text, Units

# Shorter sentences ("Contact us") stand in any menu by chance.
_TELLING = 5
_QUOTED_WORDS = 20
# Of two sentences that begin alike, as many words are quoted before those that differ.
_LEAD = 5
_LINKS = re.compile(r"\]\([^()\s]*\)|[\[\]\\]")


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
    noise: frozenset[int] = frozenset(),
) -> Comparison:
    """Compare two captures, with their whole pages where the texts differ.

    A sentence that left the policy and stands around it instead has only crossed the region's edge;
    one that stands there as before and is now in the policy too is new. So each must stand as often
    on the one page as on the other. ``noise`` are the sentences of the series that come and go.
    """
    before, after = units.text(old.markdown), units.text(new.markdown)
    if before.units == after.units:
        return Comparison(changed=False, reason="same words")
    if before.words == after.words and units.key(before) == units.key(after):
        return Comparison(changed=False, reason="formatting only")
    removed = before.members - after.members - noise
    added = after.members - before.members - noise
    if _without(noise, before) == _without(noise, after):
        return Comparison(changed=False, reason="only sentences that come and go differ")
    if not removed and not added:
        return Comparison(changed=True, reason="the same sentences in another order")
    changed = {units.wordings[unit] for unit in removed | added}
    pages = [
        _Page(units, text, surroundings(observation))
        for text, observation in ((before, old), (after, new))
    ]
    if all(pages[0].count(sentence) == pages[1].count(sentence) for sentence in changed):
        return Comparison(
            changed=False, reason="the changed sentences stand elsewhere on the other page"
        )
    if _only_retitled(units, (before, old.url, removed), (after, new.url, added)):
        return Comparison(changed=False, reason="the site's or the document's name as its title")
    return Comparison(changed=True, reason=_described(units, before, after, removed, added))


def _without(noise: frozenset[int], text: Text) -> list[int]:
    return [unit for unit in text.units if unit not in noise]


def _only_retitled(units: Units, *sides: tuple[Text, str, frozenset[int]]) -> bool:
    """Tell whether nothing but the heading over all changed, and that only in naming the same."""
    titles: list[list[str]] = []
    for text, _, changed in sides:
        headed = text.markdown.startswith("#")
        if changed and not (headed and changed == {text.units[0]}):
            return False
        titles.append([word for unit in changed for word in units.wordings[unit].split()])
    old, new = titles
    return same_document(old, new, [url for _, url, _ in sides])


class _Page:
    """All sentences of a page, the policy's and those around it."""

    def __init__(self, units: Units, text: Text, surroundings: Sequence[str]) -> None:
        around = [
            sentence
            for block in surroundings
            for line in block.split("\n")
            for sentence in units.sentences(line)
        ]
        sentences = [units.wordings[unit] for unit in text.units] + around
        self._counts = Counter(sentences)
        self._whole = f" {'  '.join(sentences)} "

    def count(self, sentence: str) -> int:
        """Count a sentence on the page, a telling one also inside longer blocks."""
        if sentence.count(" ") + 1 < _TELLING:
            return self._counts[sentence]
        return self._whole.count(f" {sentence} ")


def _described(
    units: Units, before: Text, after: Text, removed: frozenset[int], added: frozenset[int]
) -> str:
    come, gone = _longest(units, added), _longest(units, removed)
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(come, gone, strict=False))
    shared = max(0, len(list(alike)) - _LEAD)
    told = [
        _told(len(changed), verb, _quoted(words, shared, text.markdown))
        for changed, verb, words, text in (
            (added, "added", come, after),
            (removed, "removed", gone, before),
        )
    ]
    return f"{'; '.join(told)}{_repeated(units, before, after, removed, added)}"


def _longest(units: Units, changed: frozenset[int]) -> list[str]:
    longest = max(sorted(changed), key=lambda unit: units.lengths[unit], default=None)
    return [] if longest is None else units.wordings[longest].split()


def _told(number: int, verb: str, quoted: str) -> str:
    if not number:
        return f"none {verb}"
    return (
        f"1 sentence {verb}: {quoted}"
        if number == 1
        else (f"{number} sentences {verb}, such as {quoted}")
    )


def _repeated(
    units: Units, before: Text, after: Text, removed: frozenset[int], added: frozenset[int]
) -> str:
    """Say so where nothing new is said and nothing is said no more, only once more or less."""
    old, new = ({units.wordings[unit] for unit in text.units} for text in (before, after))
    here = all(units.wordings[unit] in old for unit in added)
    there = all(units.wordings[unit] in new for unit in removed)
    return " (all stand elsewhere in the text too, as in a table of contents)" * (here and there)


def _quoted(words: Sequence[str], start: int, markdown: str) -> str:
    """Some words of a sentence as they stand in the text, in quotation marks if they are found."""
    part = words[start : start + _QUOTED_WORDS]
    before = "… " if start else ""
    rest = " …" if len(words) > start + len(part) else ""
    spelled = r"[\W_]+".join(re.escape(word) for word in part)
    found = re.search(rf"(?<!\w){spelled}(?!\w)", _LINKS.sub("", markdown), re.IGNORECASE)
    if found is None:
        return f"{before}{' '.join(part)}{rest}"
    return f"“{before}{' '.join(found[0].split())}{rest}”"
