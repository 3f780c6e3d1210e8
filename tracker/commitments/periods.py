"""How long a sentence lets data be kept, or lets a service take, in days."""

from __future__ import annotations

import re

_NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
        ],
        start=1,
    )
} | {"fifteen": 15, "eighteen": 18, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90}
_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365 / 12, "year": 365.0}
_PERIOD = re.compile(
    rf"\b(\d{{1,4}}|{'|'.join(_NUMBERS)})(?:\s*\(\d+\))?[\s-]*"
    r"(?:(?:calendar|business|working|consecutive|full)\s+)?(hour|day|week|month|year)s?\b"
    r"(?!\s*(?:old\b|of\s+age))",
    re.IGNORECASE,
)
_KEEPING = re.compile(
    r"\b(?:retain\w*|retention|stor(?:e[sd]?|ing|age)|keep\w*|kept|held|hold|delet\w+|eras\w+|"
    r"purg\w+|expir\w+|lifetime|duration|valid|logs?|respond\w*|reply|process(?:ed)?|within|"
    r"cookies?|remain\w*|maintain\w*|anonymi[sz]\w+|discard\w*|destroy\w*)\b",
    re.IGNORECASE,
)


def periods(sentence: str) -> list[tuple[float, str]]:
    """The periods that a sentence on keeping, deleting or answering names: days, and the words."""
    if not _KEEPING.search(sentence):
        return []
    found = []
    for match in _PERIOD.finditer(sentence):
        number = match[1].lower()
        count = _NUMBERS[number] if number in _NUMBERS else int(number)
        found.append((count * _DAYS[match[2].lower()], match[0]))
    return found
