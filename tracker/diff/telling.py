"""The expressions that a lawyer looks for first: dates, periods, amounts, negations, modal verbs.

They are found whole, so that "may not" stands out where only "not" was put in, and "June 1, 2019"
where only its day changed. Word lists are English, German, French and Spanish; figures need none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.calendar_dates import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.diff.words import Edit


class Telling(StrEnum):
    """What an expression is."""

    DATE = "date"
    PERIOD = "period"
    AMOUNT = "amount"
    NUMBER = "number"
    NEGATION = "negation"
    MODAL = "modal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """One expression that an edit touches, at ``start`` to ``end`` of the old or the new text."""

    side: int
    start: int
    end: int
    kind: Telling


_NUMERAL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    "|sixteen|seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    "(?:-(?:one|two|three|four|five|six|seven|eight|nine))?|hundred|thousand|zwei|drei|vier|fünf"
    "|sechs|sieben|acht|neun|zehn|zwölf|deux|trois|quatre|cinq|sept|huit|neuf|dix|douze|dos|tres"
    "|cuatro|cinco|seis|siete|ocho|nueve|diez|doce"
)
_FIGURE = r"\d+(?:[.,:/\-]\d+)*"
_UNIT = (
    r"seconds?|minutes?|hours?|days?|weeks?|months?|quarters?|years?|decades?"
    r"|Stunden?|Tage?n?|Wochen?|Monate?n?|Jahre?n?|heures?|jours?|semaines?|mois|ans?|années?"
    r"|horas?|días?|semanas?|mes(?:es)?|años?"
)
_CURRENCY = r"percent|per\s+cent|euros?|dollars?|pounds?|EUR|USD|GBP|CHF"
_VERB = (
    r"may|might|must|shall|should|will|would|can|could|(?:has|have|had|need|needs|ought)\s+to"
    r"|(?:is|are|was|were|be|been|being)\s+(?:required|obliged|entitled|permitted|allowed)\s+to"
)
_FORMS = (
    rf"(?P<period>(?:{_FIGURE}|{_NUMERAL})(?:\s*\({_FIGURE}\))?[\s\-]+"
    rf"(?:(?:calendar|business|working|consecutive)\s+)?(?:{_UNIT})(?!\w))"
    rf"|(?P<amount>[$€£¥₹]\s?{_FIGURE}(?:\s?(?:million|billion)(?!\w))?"
    rf"|{_FIGURE}(?:\s?[%€£]|\s(?:{_CURRENCY})(?!\w)))"
    rf"|(?P<number>{_FIGURE}|(?:{_NUMERAL})(?!\w))"
    rf"|(?P<negation>(?:{_VERB}|(?:do|does|did|is|are|was|were|has|have|had))\s+(?:not|never)"
    r"|(?:can|don|doesn|didn|isn|aren|wasn|weren|won|wouldn|couldn|shouldn|hasn|haven|hadn|mustn)"
    r"['’]t|cannot|no\s+longer|not|never|no|none|nor|neither|without|unless|except"
    r"|nicht(?:\s+mehr)?|nie|niemals|kein|keine|keinen|keinem|keiner|keines|weder|ohne"
    r"|jamais|aucun|aucune|sans|ni|nunca|ningún|ninguna|ninguno|sin)(?!\w)"
    rf"|(?P<modal>{_VERB}|darf|dürfen|kann|können|muss|müssen|soll|sollen|wird|werden"
    r"|peut|peuvent|pouvons|pouvez|doit|doivent|devons|devez|puede|pueden|podemos|debe|deben)(?!\w)"
)
_EXPRESSION = re.compile(_FORMS, re.IGNORECASE)
_BEGINNING = re.compile(r"(?<![\w.,/\-])(?:[^\W\d_]+|\d|[$€£¥₹])")
# Every word of the forms and more: a word that is none of these begins no expression.
_FIRST_WORDS = frozenset(re.findall(r"[^\W\d_]+", _FORMS.casefold()))


REMEMBERED = 500
"""Texts: of successive versions, what one change puts in a later one takes out."""


@lru_cache(maxsize=REMEMBERED)
def expressions(text: str) -> tuple[tuple[int, int, Telling], ...]:
    """(start, end, kind) of every telling expression of a text, in order, without overlaps."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[tuple[int, int, Telling]]:
    dates = [(found.start, found.end, Telling.DATE) for found in find(text)]
    others = _others(text)
    if not dates:
        yield from others
        return
    place = 0
    for start, end, kind in others:
        while place < len(dates) and dates[place][0] < end:
            yield dates[place]
            place += 1
        if not place or dates[place - 1][1] <= start:
            yield start, end, kind
    yield from dates[place:]


def _others(text: str) -> Iterator[tuple[int, int, Telling]]:
    """What is no date. Most words can begin nothing, and a set tells so faster than the forms."""
    end = 0
    for begins in _BEGINNING.finditer(text):
        word = begins[0]
        if begins.start() < end or (word.isalpha() and word.casefold() not in _FIRST_WORDS):
            continue
        if match := _EXPRESSION.match(text, begins.start()):
            end = match.end()
            yield match.start(), end, Telling(match.lastgroup or "")


def highlights(edits: Sequence[Edit]) -> list[Highlight]:
    """The telling expressions that an edit touches, those of the old text first."""
    return [*_touched(edits, -1), *_touched(edits, 1)]


def _touched(edits: Sequence[Edit], side: int) -> Iterator[Highlight]:
    changed: list[tuple[int, int]] = []
    at = 0
    for op, text in edits:
        if op == side:
            changed.append((at, at + len(text)))
        at += len(text) if op in (0, side) else 0
    if not changed:
        return
    place = 0
    for start, end, kind in expressions("".join(text for op, text in edits if op in (0, side))):
        while place < len(changed) and changed[place][1] <= start:
            place += 1
        if place < len(changed) and changed[place][0] < end:
            yield Highlight(side=side, start=start, end=end, kind=kind)
