"""The sentences that a changed segment lost, gained and kept in another form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.markup import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_END = re.compile(
    r"(?<=[.!?;])(?<!e\.g\.)(?<!i\.e\.)(?<!\bInc\.)(?<!\bLtd\.)(?<!\bNo\.)(?<!\bArt\.)"
    r"[\"'”’)\]]*\s+(?=[^a-z\s])|\s*\|\s*|\n{2,}|<br>"
)
_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")
_LONGEST = 3_000
_ALIKE = 0.45
_HERE = 0.75
_LEAD = 0.8
_ENOUGH = 3
_DENIALS = frozenset({"not", "never", "no", "cannot", "without"})
_LITTLE = frozenset(
    _WORD.findall(
        "a an and any are as at be by can do for from has have if in is it its may not of on or "
        "our such that the their these they this to us we will with you your"
    )
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as a person reads it, and its distinct words."""

    text: str
    words: frozenset[str]


def sentences(markdown: str) -> list[Sentence]:
    """The sentences, items and cells of a segment's Markdown, a few hundred words at most each.

    What is longer is a list without stops or no prose at all, and tells nothing.
    """
    parts = (" ".join(part.split()) for part in _END.split(plain(markdown, item=False)))
    return [Sentence(one, bag(one)) for one in parts if 0 < len(one) <= _LONGEST and bag(one)]


def bag(text: str) -> frozenset[str]:
    """The distinct words of a text in lower case."""
    return frozenset(_WORD.findall(text.casefold()))


def matched(
    old: Sequence[Sentence], new: Sequence[Sentence]
) -> tuple[list[tuple[Sentence, Sentence]], list[Sentence], list[Sentence]]:
    """Pairs of sentences that were edited, those that are gone, and those that came.

    Sentences of the same words are in none of the three. The most alike are paired first.
    """
    same = {one.words for one in old} & {one.words for one in new}
    gone = [one for one in old if one.words not in same]
    came = [one for one in new if one.words not in same]
    near = sorted(
        (
            (-alike, i, j)
            for i, left in enumerate(gone)
            for j, right in enumerate(came)
            if (alike := likeness(left.words, right.words)) >= _ALIKE
        ),
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in near:
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return (
        [(gone[i], came[j]) for i, j in sorted(pairs.items())],
        [one for i, one in enumerate(gone) if i not in pairs],
        [one for j, one in enumerate(came) if j not in taken],
    )


def stands_in(
    sentence: Sentence, others: Iterable[frozenset[str]], *, denied: bool = False
) -> bool:
    """Whether one of the other text's segments holds nearly all that a sentence says.

    Of a sentence that is `denied` only where the segment denies something too.
    """
    telling = sentence.words - _LITTLE or sentence.words
    wanted = _HERE * len(telling)
    return any(
        len(telling & other) >= wanted and not (denied and other.isdisjoint(_DENIALS))
        for other in others
    )


def says(clause: str, others: Iterable[frozenset[str]]) -> bool:
    """Whether one of the other text's segments has all telling words of a clause."""
    telling = bag(clause) - _LITTLE
    return len(telling) >= _ENOUGH and any(telling <= other for other in others)


def holds(others: Iterable[frozenset[str]], lead: str) -> bool:
    """Whether one of the other text's segments is, or holds, what a list hangs on."""
    words = bag(lead)
    return any(len(words & other) >= _LEAD * len(words) for other in others)


def speaks_of(phrase: str, others: Iterable[frozenset[str]], *, denied: bool = False) -> bool:
    """Whether a segment of the other text has the telling words of a phrase, denied if it is."""
    telling = bag(phrase) - _LITTLE - _DENIALS
    return bool(telling) and any(
        telling <= other and not (denied and other.isdisjoint(_DENIALS)) for other in others
    )


def shares(phrase: str, text: str) -> bool:
    """Whether a text has one of the telling words of a phrase."""
    return not bag(text).isdisjoint(bag(phrase) - _LITTLE - _DENIALS)


def likeness(left: frozenset[str], right: frozenset[str]) -> float:
    """The Dice coefficient of two sets of words."""
    return 2 * len(left & right) / (len(left) + len(right))


class Bags:
    """The words of each of some texts, worked out when they are first asked for."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts
        self._bags: list[frozenset[str]] | None = None

    def __iter__(self) -> Iterator[frozenset[str]]:
        if self._bags is None:
            self._bags = [bag(text) for text in self._texts]
        return iter(self._bags)
