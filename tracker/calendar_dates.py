"""Dates as policies write them, with every reading that a calendar allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tracker.date_words import MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTH = "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_OF = r"(?:\s+(?:of|de|del|di|do|d['’]))?"
_DAY_MONTH = (
    rf"(?<![\w.])(?P<day>\d{{1,2}})\s*(?:st|nd|rd|th|er|[.ºª°])?{_OF}[\s\-/.]*"
    rf"\b(?P<name>{_MONTH})\b\.?,?{_OF}[\s\-/.,]*{_YEAR}(?!\w)"
)
_MONTH_DAY = (
    rf"(?<!\w)(?P<name>{_MONTH})\b[.,]?[\s/\-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b"
    rf"(?:\s*,\s*|\s+of\s+|[\s\-/.]+){_YEAR}(?!\w)"
)
_ISO = (
    rf"(?<![\w.\-/]){_YEAR}(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})"
    r"(?![\w/]|[-.]\d)"
)
_EAST_ASIAN = rf"{_YEAR}\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월]\s*(?P<day>\d{{1,2}})\s*[日일]"
_NUMERIC = (
    r"(?<![\w.\-/])(?P<one>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<two>\d{1,2})\s?(?P=sep)\s?"
    r"(?P<year>(?:19|20)\d\d|\d\d)(?![\w/]|[-.]\d)"
)
_MONTH_YEAR = rf"(?<!\w)(?P<name>{_MONTH})\b\.?,?{_OF}[\s/\-]+{_YEAR}(?!\w)"
_NUMERIC_MONTH = rf"(?<![\w.\-/])(?P<month>\d{{1,2}})\s?[-/.]\s?{_YEAR}(?![\w/]|[-.]\d)"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        _DAY_MONTH,
        _MONTH_DAY,
        _ISO,
        _EAST_ASIAN,
        _NUMERIC,
        _MONTH_YEAR,
        _NUMERIC_MONTH,
    )
]
# Nearly every line of a policy fails here, at a tenth of the cost of the forms.
_HINT = re.compile(r"(?:19|20)\d\d|\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A date at ``start`` to ``end`` of a line; ``readings`` are day-first, then month-first.

    ``numeric`` ones (``3/4/2015``) keep their first and second number.
    ``whole`` is false where only month and year are given; the reading is then its first day.
    """

    start: int
    end: int
    readings: tuple[date, ...]
    whole: bool
    numeric: bool
    first: int = 0
    second: int = 0

    @property
    def day_first(self) -> bool | None:
        """Whether ``25/3/2015`` or ``3/25/2015``; None where both readings exist."""
        return self.first > 12 if max(self.first, self.second) > 12 else None


def find(line: str) -> list[Found]:
    """Return the dates of a line, in order, without overlaps; longer forms go first."""
    if not _HINT.search(line):
        return []
    taken: list[Found] = []
    for form in _FORMS:
        for match in form.finditer(line):
            if any(match.start() < f.end and f.start < match.end() for f in taken):
                continue
            readings = tuple(dict.fromkeys(_readings(match)))
            if readings:
                groups = match.groupdict()
                taken.append(
                    Found(
                        start=match.start(),
                        end=match.end(),
                        readings=readings,
                        whole="day" in groups or "one" in groups,
                        numeric="one" in groups,
                        first=int(groups.get("one") or 0),
                        second=int(groups.get("two") or 0),
                    )
                )
    return sorted(taken, key=lambda found: found.start)


def _readings(match: re.Match[str]) -> Iterator[date]:
    groups = match.groupdict()
    year = int(groups["year"])
    if year < 100:
        year += 1900 if year >= 80 else 2000
    if "one" in groups:
        one, two = int(groups["one"]), int(groups["two"])
        candidates = [(two, one), (one, two)]
        if groups["sep"] == "." and two <= 12:
            candidates = [(two, one)]
    else:
        named = groups.get("name")
        month = MONTHS[named.lower()] if named else int(groups["month"])
        candidates = [(month, int(groups.get("day") or 1))]
    for month, day in candidates:
        try:
            yield date(year, month, day)
        except ValueError:
            continue
