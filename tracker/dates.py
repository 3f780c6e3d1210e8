"""The date that a policy states of itself: last updated, effective, version of.

A date counts where the policy says it of itself: beside a cue ("last updated", "in force since",
"Stand"), as a line of its own at the very top or end, or as the newest entry of its change log.
Dates in prose ("Effective January 1, 2020, the CCPA gives you …"), copyright years and dates of
earlier versions do not.

A month without a day is taken as its first day, and the kind says so ("last updated (month)"): left
out, a policy that states "November 2019" through three rewrites would not show as silent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.calendar_dates import Found, find
from storage.records import StatedDate
from tracker.date_words import CUES, ENGLISH, LINK, LOG, OTHERS, POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RANK = ("last updated", "version", "effective", "change log", "dated")
_TOP = 12
_END = 5
_AHEAD = timedelta(days=190)
_MONTH = " (month)"
# Rows of a table that all say when something was updated are the log of that.
_LOGGED = 3
# "Export your data (incomplete as of June 8)": words that part a version's cue from its policy.
_ASIDE = 3

_WORD = re.compile(r"[^\W_]+")
_MARKUP = re.compile(
    r"\]\((?:[^()\n]|\([^()\n]*\))*\)|^\s*#{1,6}\s+|^\s*(?:[-*+]|\d{1,3}[.)])\s+|[*_`\\\[\]]"
)
_STOP = re.compile(r"[.!?](?:[)\"”’]*)\s+(?=[\"“(]?[^\W\d_a-z])")
_BAR = re.compile(r"\s[|•·]\s")
_ALONE = re.compile(
    r"""(?:\W|\b(?:mon|tue|wed|thu|fri|sat|sun)\w*|\b(?:montag|dienstag|mittwoch|donnerstag|freitag)
        |\b(?:lundi|mardi|mercredi|jeudi|vendredi|lunes|martes|jueves|viernes)
        |\b\d{1,2}[.:]\d\d(?:\s?[ap]m)?|\b[A-Z]{2,4}\b|\b(?:le|the|date)\b)*""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    place: int
    near: bool
    stated: StatedDate


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A date that may be read in more than one way, and what the text says it is."""

    place: int
    near: bool
    kind: str
    logged: bool
    foreign: bool
    quote: str
    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    heading: bool
    row: bool
    dates: tuple[Found, ...]

    def around(self, found: Found) -> tuple[str, str]:
        """Return what the date's own sentence says before and after it."""
        start = max((m.end() for m in _STOP.finditer(self.text, 0, found.start)), default=0)
        stops = (_STOP.search(self.text, found.end), _BAR.search(self.text, found.end))
        end = min((stop.start() for stop in stops if stop), default=len(self.text))
        return self.text[start : found.start], self.text[found.end : end]

    def alone(self) -> bool:
        """Tell whether the line is a date and nothing else."""
        if len(self.dates) != 1:
            return False
        found = self.dates[0]
        return bool(_ALONE.fullmatch(self.text[: found.start])) and bool(
            _ALONE.fullmatch(self.text[found.end :])
        )


def stated_dates(
    markdown: str,
    language: str | None = None,
    *,
    others: Sequence[date] = (),
    seen: date | None = None,
) -> tuple[StatedDate, ...]:
    """Return all dates that a policy states of itself, in the order of the text.

    ``3/4/2015`` is read by the language (day first, but for English), else by an unambiguous date
    of the same text, by ``others`` (dates known of the same site) and by ``seen`` (the day of the
    capture, which a stated date does not run far ahead of). What stays ambiguous is left out.
    """
    return tuple(s.stated for s in _statements(markdown, language, others, seen))


def stated_date(
    markdown: str,
    language: str | None = None,
    *,
    others: Sequence[date] = (),
    seen: date | None = None,
) -> StatedDate | None:
    """Return the date that counts, None where the policy states none.

    Top and end come before the middle, last updated before effective. Arguments as for
    ``stated_dates``.
    """
    chosen = min(
        _statements(markdown, language, others, seen),
        key=lambda s: (not s.near, _RANK.index(s.stated.kind.removesuffix(_MONTH)), s.place),
        default=None,
    )
    return chosen.stated if chosen else None


def silent(old: date | None, new: date | None) -> bool:
    """Tell whether a policy that changed states the same date as before."""
    return old is not None and old == new


def _statements(
    markdown: str, language: str | None, others: Sequence[date], seen: date | None
) -> list[_Statement]:
    order = _Order(_lines(markdown), language, others, seen)
    found: list[_Statement] = []
    log: list[_Statement] = []
    for candidate in _candidates(markdown):
        day = order.read(candidate.found, foreign=candidate.foreign)
        if day is None:
            continue
        stated = StatedDate(
            day=day,
            kind=candidate.kind if candidate.found.whole else candidate.kind + _MONTH,
            quote=candidate.quote,
        )
        (log if candidate.logged else found).append(
            _Statement(place=candidate.place, near=candidate.near, stated=stated)
        )
    if log:
        found.append(max(log, key=lambda s: s.stated.day))
    return sorted(found, key=lambda s: s.place)


# The captures of a series show the same text over and over.
@lru_cache(maxsize=16)
def _candidates(markdown: str) -> tuple[_Candidate, ...]:
    """The dates that a text states of itself, each in all its readings."""
    lines = _lines(markdown)
    candidates: list[_Candidate] = []
    in_log = False
    for place, line in enumerate(lines):
        near = place < _TOP or place >= len(lines) - _END
        opens_log = (line.heading or line.text.endswith(":")) and bool(LOG.search(line.text))
        if opens_log or (line.heading and not line.dates):
            in_log = opens_log
        for found in line.dates:
            kind, cue = _kind(lines, place, found)
            logged = kind is None and in_log and _is_entry(line, found)
            if kind is None and not logged:
                continue
            candidates.append(
                _Candidate(
                    place=place,
                    near=near or logged,
                    kind=kind or "change log",
                    logged=logged,
                    foreign=bool(cue) and not ENGLISH.search(cue),
                    quote=_quote(line.text, found),
                    found=found,
                )
            )
    return tuple(_logs_of_rows(candidates, lines))


def _logs_of_rows(candidates: Sequence[_Candidate], lines: Sequence[_Line]) -> Iterator[_Candidate]:
    """Take rows of one table that follow each other and state the same for the log they are."""
    stretches: list[list[_Candidate]] = []
    for candidate in candidates:
        last = stretches[-1][-1] if stretches else None
        goes_on = (
            last is not None
            and lines[candidate.place].row
            and lines[last.place].row
            and candidate.place - last.place <= 1
            and candidate.kind == last.kind
        )
        if goes_on:
            stretches[-1].append(candidate)
        else:
            stretches.append([candidate])
    for stretch in stretches:
        if len(stretch) >= _LOGGED:
            yield from (replace(one, logged=True, near=True) for one in stretch)
        else:
            yield from stretch


@lru_cache(maxsize=16)
def _lines(markdown: str) -> tuple[_Line, ...]:
    found: list[_Line] = []
    for raw in markdown.split("\n"):
        text = " ".join(_MARKUP.sub(" ", raw).split())
        if text.strip("=-—*· "):
            found.append(
                _Line(
                    text=text,
                    heading=_is_heading(raw, text),
                    row=raw.lstrip().startswith("|"),
                    dates=tuple(find(text)),
                )
            )
    return tuple(found)


def _is_heading(raw: str, text: str) -> bool:
    bold = raw.strip().strip("_").startswith("**") and raw.strip().strip("_").endswith("**")
    return raw.lstrip().startswith("#") or (bold and len(text) < 100)


def _kind(lines: Sequence[_Line], place: int, found: Found) -> tuple[str | None, str]:
    """What a date is of the policy, None where it is not the policy's, and the words of its cue."""
    line = lines[place]
    if line.alone():
        before = lines[place - 1] if place else None
        if before and not before.dates and len(before.text.split()) <= 6:
            kind, start = _cue(before.text)
            if kind:
                return kind, before.text[start:]
        if place < _TOP or place >= len(lines) - 2:
            return "dated", ""
    prefix, suffix = line.around(found)
    kind, start = _cue(prefix)
    if kind is None or OTHERS.search(prefix, max(0, start - 30)):
        return None, ""
    return (kind if _of_itself(prefix, start, suffix, kind) else None), prefix[start:]


def _cue(prefix: str) -> tuple[str | None, int]:
    """Return the kind of the cue that leads up to the end of ``prefix``, and where it starts."""
    for kind, pattern in CUES.items():
        for match in pattern.finditer(prefix):
            if LINK.fullmatch(prefix, match.end()):
                return kind, match.start()
    return None, 0


def _of_itself(prefix: str, start: int, suffix: str, kind: str) -> bool:
    """Tell a policy's statement about itself from prose that happens to hold a cue and a date."""
    before, after = len(_WORD.findall(prefix[:start])), len(_WORD.findall(suffix))
    goes_on = suffix.lstrip().startswith(",") and after > 2
    if POLICY.search(prefix[:start]) and not OTHERS.search(prefix[:start]):
        return kind != "version" or before + after <= 12
    if kind == "version" and before > _ASIDE:
        return False
    if before + after <= 8:
        return not goes_on
    if before > 6 or kind == "version":
        return False
    return ":" in prefix[start:] or (kind == "last updated" and not before and not goes_on)


def _is_entry(line: _Line, found: Found) -> bool:
    return not _WORD.search(line.text[: found.start]) and (
        line.alone() or line.text[found.end :].lstrip(" )]").startswith((":", "-", "–", "—"))
    )


def _quote(text: str, found: Found) -> str:
    start = max(0, found.start - 60)
    start = text.find(" ", start) + 1 if start else 0
    return text[min(start, found.start) : found.end + 20].strip()


class _Order:
    """How ``3/4/2015`` is to be read in one text."""

    def __init__(
        self,
        lines: Sequence[_Line],
        language: str | None,
        others: Sequence[date],
        seen: date | None,
    ) -> None:
        self._others = set(others)
        self._latest = seen + _AHEAD if seen else None
        self._day_first: bool | None = None
        if language and not language.lower().startswith("en"):
            self._day_first = True
        else:
            votes = {found.day_first for line in lines for found in line.dates if found.numeric} - {
                None
            }
            if len(votes) == 1:
                self._day_first = votes.pop()

    def read(self, found: Found, *, foreign: bool) -> date | None:
        """Return the one reading that holds, None where two do.

        ``foreign`` tells that the words beside the date are not English: the day stands first.
        """
        readings = found.readings
        day_first = True if foreign else self._day_first
        if len(readings) > 1 and self._latest:
            readings = tuple(r for r in readings if r <= self._latest)
        if len(readings) > 1 and day_first is not None:
            readings = readings[:1] if day_first else readings[1:]
        if len(readings) > 1:
            known = tuple(r for r in readings if r in self._others)
            readings = known or readings
        return readings[0] if len(readings) == 1 else None
