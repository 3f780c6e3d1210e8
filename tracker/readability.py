"""How hard a policy is to read: the Flesch–Kincaid grade of its prose.

Kincaid, Fishburne, Rogers and Chissom, "Derivation of New Readability Formulas for Navy Enlisted
Personnel", 1975: the years of schooling in the United States that a text asks for. English alone:
the formula was fitted to it, and so are the rules that count syllables.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tracker.segment import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.segment import Segment

FEWEST_WORDS = 100
"""Of a shorter text no grade is told: Flesch measured samples of a hundred words."""

_PROSE = frozenset((Kind.PARAGRAPH, Kind.ITEM))

_ADDRESS_MARKS = ("@", "://", "www.")
_WORD = re.compile(r"[a-z]+(?:[-'][a-z]+)*")
_STOP = re.compile(r"[.!?]+[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9])")
# No end of a sentence: an abbreviation or initial that a name follows, a number at the beginning.
_ABBREVIATED = re.compile(
    r"(?:\b[A-Z]|^\d{1,2}|\b(?:No|no|Mr|Mrs|Ms|Dr|St|vs|Art|Sec|Inc|Ltd|Co|i\.e|e\.g))$"
)
_GOES_ON = re.compile(r"(?:[,;:–—-]|\b(?:and|or))$")
_STRAIGHT = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'))

_CONSONANT = "b-df-hj-np-tv-xz"
_NO_VOWEL = re.compile(rf"(?<![{_CONSONANT}])y(?=[aeiou])")
# Vowels that stand side by side and are two syllables: va-ri-ous, au-di-ence, cre-ate, be-ing.
_APART = re.compile(
    rf"(?<=[{_CONSONANT}])y(?=[aeiou])"
    r"|(?<![tscgxln])i(?=o)|(?<![tscgx])i(?=[au])|(?<=[scp])i(?=at[ei])|i(?=o[lt])"
    r"|(?<![tscg])(?<!fr)i(?=e[nrt])|i(?=ety)|(?<=sc)i(?=e)"
    r"|(?<![qg])u(?=a[lrt]|e[nl]|ou)|u(?=it[yi])"
    r"|e(?=o(?!p))|(?<=cr)e(?=at)|(?<=^ar)e(?=a)|(?<=rop)e(?=a)|(?<=id)e(?=a)|(?<=r)e(?=ali)"
    r"|[eo](?=ing)"
)
# Vowels that nobody says: use, used, state(ment), safe(ty), there(fore), typic(a)lly, bus(i)ness.
_MUTE = re.compile(
    r"(?<=[^aeiouy])(?<![bcdfgkpstz]l)e(?=s?$)(?<![cgsxz]e(?=s))(?<![cs]he(?=s))"
    r"|(?<=[^aeioudt])(?<![bcdfgkpstz]l)e(?=d$)|(?<=qu)e$"
    r"|(?<=[^aeioul])(?<!^r)e(?=(?:ments?|ful|fully|ly|less|ness)$)"
    rf"|(?<=^(?:som|saf|her|hom|fac))e(?=[{_CONSONANT}])"
    rf"|(?<=^(?:ther|wher|fram|guid))e(?=[{_CONSONANT}])"
    r"|(?<=ic)a(?=lly$)|(?<=bus)i(?=ness)|(?<=ev)e(?=ry)"
)
_VOWELS = re.compile(r"[aeiouy]+")


def reading_grade(segments: Sequence[Segment]) -> float | None:
    """The Flesch–Kincaid grade of a text's paragraphs and list items, to two decimals.

    Headings and tables are no prose and left out. An item or paragraph ends a sentence, except
    where it breaks off with a comma, colon, semicolon, "and" or "or": then the next goes on with
    it. Numbers, e-mail and web addresses are no words; a hyphenated word is one.

    None where fewer than `FEWEST_WORDS` words remain.
    """
    words = spoken = sentences = 0
    for text in (_said(one.text) for one in segments if one.kind in _PROSE):
        found = _WORD.findall(text.lower())
        if found:
            words += len(found)
            spoken += sum(map(syllables, found))
            sentences += _ends(text)
    if words < FEWEST_WORDS:
        return None
    return round(0.39 * words / max(1, sentences) + 11.8 * spoken / words - 15.59, 2)


@lru_cache(maxsize=50_000)
def syllables(word: str) -> int:
    """The syllables of an English word in lower case, by rules of its spelling; at least 1.

    Of a hundred words of policies, counted as often as they stand there, 97 get the number that
    CMU's Pronouncing Dictionary gives them (half of the rest is "our", 2 there and 1 here). Letters
    without a vowel are spelled out: http has 4.
    """
    letters = word.replace("'", "")
    if "-" in letters:
        return sum(map(syllables, filter(None, letters.split("-"))))
    letters = _NO_VOWEL.sub("w", letters)
    if not _VOWELS.search(letters):
        return max(1, len(letters))
    letters = _MUTE.sub("", _APART.sub(r"\g<0>.", letters))
    return max(1, len(_VOWELS.findall(letters)) + letters.endswith(("ism", "isms")))


def _said(text: str) -> str:
    """A block without its e-mail and web addresses, with straight quotation marks."""
    if not text.isascii():
        for curly, straight in _STRAIGHT:
            text = text.replace(curly, straight)
    if any(mark in text for mark in _ADDRESS_MARKS):
        words = (word for word in text.split() if not any(mark in word for mark in _ADDRESS_MARKS))
        text = " ".join(words)
    return text


def _ends(text: str) -> int:
    """How many sentences end in a block."""
    stops = sum(
        not _ABBREVIATED.search(text, max(0, stop.start() - 5), stop.start())
        for stop in _STOP.finditer(text)
    )
    return stops + (not _GOES_ON.search(text, max(0, len(text) - 4)))
