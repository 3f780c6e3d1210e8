"""Dates as policies write them, with every reading that a calendar allows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
    " dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro"
    " dezembro",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "nb": "januar februar mars april mai juni juli august september oktober november desember",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta"
    " syyskuuta lokakuuta marraskuuta joulukuuta",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października"
    " listopada grudnia",
    "pl nominative": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień"
    " październik listopad grudzień",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "sk": "januára februára marca apríla mája júna júla augusta septembra októbra novembra"
    " decembra",
    "ca": "gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie"
    " decembrie",
    "hu": "január február március április május június július augusztus szeptember október november"
    " december",
    "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "el": "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου"
    " οκτωβρίου νοεμβρίου δεκεμβρίου",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ru nominative": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь"
    " декабрь",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
}
_SHORT = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "oct": 10, "nov": 11, "dec": 12, "jän": 1, "jänner": 1, "mär": 3, "mrz": 3, "okt": 10,
    "dez": 12, "janv": 1, "févr": 2, "avr": 4, "juil": 7, "déc": 12, "ene": 1, "abr": 4,
    "ago": 8, "set": 9, "setiembre": 9, "dic": 12, "gen": 1, "mag": 5, "giu": 6, "lug": 7,
    "ott": 10, "mrt": 3, "mei": 5, "fev": 2, "mai": 5, "out": 10, "fevrier": 2, "aout": 8,
    "decembre": 12, "marco": 3, "maerz": 3,
}  # fmt: skip

MONTHS: dict[str, int] = _SHORT | {
    name: number for names in _NAMES.values() for number, name in enumerate(names.split(), 1)
}


def _folded(name: str) -> str:
    """A month's name as ``re.IGNORECASE`` tells it from others: without regard to Turkish dots."""
    return name.casefold().replace("\u0307", "").replace("ı", "i")


_NUMBERS = {_folded(name): number for name, number in MONTHS.items()}
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
_YEAR_MONTH_DAY = rf"(?<!\w){_YEAR}\.?\s+(?P<name>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?!\d)"
_AMERICAN = r"(?<![\w.\-/])(?P<one>\d{1,2})/(?P<two>\d{1,2}),\s?(?P<year>(?:19|20)\d\d)(?!\w)"
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
        _AMERICAN,
        _YEAR_MONTH_DAY,
        _MONTH_YEAR,
        _NUMERIC_MONTH,
    )
]
# Nearly every line of a policy fails here, at a tenth of the cost of the forms.
_HINT = re.compile(r"(?:19|20)\d\d|\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d\d")


EPOCH: Final = date(1970, 1, 1)


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
        if groups.get("sep") == "." and two <= 12:
            candidates = [(two, one)]
    else:
        named = groups.get("name")
        month = _NUMBERS[_folded(named)] if named else int(groups["month"])
        candidates = [(month, int(groups.get("day") or 1))]
    for month, day in candidates:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def days_named(text: str) -> frozenset[int]:
    """The days that a text names, whatever for, counted from 1970; months alone are none.

    Of a date that can be read in two ways both are given.
    """
    found = (one for line in text.split("\n") for one in find(line) if one.whole)
    return frozenset((day - EPOCH).days for one in found for day in one.readings)
