"""The date that a policy states of itself: last updated, effective, version of.

A date counts where the policy says it of itself: beside a cue ("last updated", "in force since",
"Stand"), as a line of its own at the very top or end, or as the newest entry of its change log. Dates
in prose ("Effective January 1, 2020, the CCPA gives you …"), copyright years and dates of earlier
versions do not.

A month without a day is taken as its first day, and the kind says so ("last updated (month)"): left
out, a policy that states "November 2019" through three rewrites would not show as silent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from storage.records import StatedDate
from tracker.calendar_dates import Found, find
from tracker.date_words import CUES, LINK, LOG, OTHERS, POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RANK = ("last updated", "version", "effective", "change log", "dated")
_TOP = 12
_END = 5
_AHEAD = timedelta(days=190)

_MARKUP = re.compile(r"\]\((?:[^()\n]|\([^()\n]*\))*\)|^\s*#{1,6}\s+|^\s*(?:[-*+]|\d{1,3}[.)])\s+|[*_`\\\[\]]")
_STOP = re.compile(r"[.!?](?:[)\"”’]*)\s+(?=[\"“(]?[^\W\d_a-z])|\s[|]\s|\s[•·]\s")
_ALONE = re.compile(
    r"""(?:\W|\b(?:mon|tue|wed|thu|fri|sat|sun)\w*|\b(?:montag|dienstag|mittwoch|donnerstag|freitag)
        |\b(?:lundi|mardi|mercredi|jeudi|vendredi|lunes|martes|jueves|viernes)
        |\b\d{1,2}[.:]\d\d(?:\s?[ap]m)?|\b[A-Z]{2,4}\b|\b(?:le|the|date)\b)*""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    heading: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    place: int
    near: bool
    stated: StatedDate


def stated_dates(
    markdown: str,
    language: str | None = None,
    *,
    others: Sequence[date] = (),
    seen: date | None = None,
) -> tuple[StatedDate, ...]:
    """Return all dates that a policy states of itself, in the order of the text.

    ``3/4/2015`` is read by the language (day first, but for English), else by an unambiguous date of
    the same text, by ``others`` (dates known of the same site) and by ``seen`` (the day of the
    capture, which a stated date does not run far ahead of). What stays ambiguous is left out.
    """
    reader = _Reader(markdown, language, others, seen)
    return tuple(statement.stated for statement in reader.statements())


def stated_date(
    markdown: str,
    language: str | None = None,
    *,
    others: Sequence[date] = (),
    seen: date | None = None,
) -> StatedDate | None:
    """Return the date that counts: at the top or end before the middle, last updated before effective.

    Takes the arguments of ``stated_dates``.
    """
    reader = _Reader(markdown, language, others, seen)
    return min(
        reader.statements(),
        key=lambda s: (not s.near, _RANK.index(s.stated.kind.partition(" (")[0]), s.place),
        default=None,
    ) and min(
        reader.statements(),
        key=lambda s: (not s.near, _RANK.index(s.stated.kind.partition(" (")[0]), s.place),
    ).stated
