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
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<![\w.])(?P<day>\d{{1,2}})\s*(?:st|nd|rd|th|er|[.ºª°])?{_OF}[\s\-/.]*"
        rf"\b(?P<name>{_MONTH})\b\.?,?{_OF}[\s\-/.,]*{_YEAR}(?!\w)",
        rf"(?<!\w)(?P<name>{_MONTH})\b[.,]?[\s/\-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b"
        rf"(?:\s*,\s*|\s+of\s+|[\s\-/.]+){_YEAR}(?!\w)",
        rf"(?<![\w.\-/]){_YEAR}(?P<sep>[-/.])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?![\w/]|[-.]\d)",
        rf"{_YEAR}\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월]\s*(?P<day>\d{{1,2}})\s*[日일]",
        r"(?<![\w.\-/])(?P<one>\d{1,2})\s?(?P<sep>[-/.])\s?(?P<two>\d{1,2})\s?(?P=sep)\s?"
        r"(?P<year>(?:19|20)\d\d|\d\d)(?![\w/]|[-.]\d)",
        rf"(?<!\w)(?P<name>{_MONTH})\b\.?,?{_OF}[\s/\-]+{_YEAR}(?!\w)",
        rf"(?<![\w.\-/])(?P<month>\d{{1,2}})\s?[-/.]\s?{_YEAR}(?![\w/]|[-.]\d)",
    )
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A date at ``start`` to ``end`` of a line; ``readings`` are day-first, then month-first.

    ``whole`` is false where only month and year are given; the reading is then its first day.
    """

    start: int
    end: int
    readings: tuple[date, ...]
    whole: bool
    numeric: bool


def find(line: str) -> list[Found]:
    """Return the dates of a line, in order, without overlaps; longer forms go first."""
    if not any(map(str.isdigit, line)):
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
