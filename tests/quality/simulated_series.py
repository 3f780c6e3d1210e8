"""Series of captures of known truth: real histories of policies, seen through simulated calendars.

The texts and the times of their changes are real (``longitudinal`` of the shared folder); which
instants an archive captured, the digests and unusable captures are drawn, each service
with a seed of its own, so that every run draws the same.
"""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from crawler.calendar_dates import days_named
from crawler.wording import word_key
from storage.records import (
    Capture,
    CaptureState,
    ListedCapture,
    Role,
    format_timestamp,
    parse_timestamp,
)

if TYPE_CHECKING:
    from pathlib import Path

Calendar = Literal["daily", "gaps", "weekly"]
CALENDARS: Final[tuple[Calendar, ...]] = ("daily", "gaps", "weekly")

UNUSABLE: Final = 0.02
"""Share of captures that show an error or a wall under status 200."""

ALIKE: Final = 0.1
"""Share of services whose pages carry no nonce: equal text has an equal digest."""

FLICKERING: Final = 0.1
"""Share of services that show some visitors another text for a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The listed captures of one policy, in time order, and what fetching each would show.

    ``truth`` has a word key for each capture id, None where the capture is unusable; ``days`` the
    days since 1970 that a text of such a key names.
    """

    name: str
    listed: tuple[ListedCapture, ...]
    truth: dict[int, str | None]
    days: dict[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class _Text:
    moment: datetime
    key: str
    days: frozenset[int]


@cache
def _histories(shared: Path) -> dict[str, tuple[_Text, ...]]:
    with gzip.open(shared / "longitudinal" / "versions.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows.sort(key=lambda row: (row["service"], row["time"]))
    return {
        service: tuple(
            _Text(
                parse_timestamp(row["time"]),
                word_key(row["text"]),
                days_named(row["text"]),
            )
            for row in texts
        )
        for service, texts in groupby(rows, key=lambda row: row["service"])
    }


def _moments(
    draw: random.Random, first: datetime, last: datetime, calendar: Calendar
) -> list[datetime]:
    """When an archive came by.

    ``daily`` is once a day; ``weekly`` once a week on the average; ``gaps`` goes through spells of
    daily visits (some days several), of one visit a week, and of none, as crawls of the Wayback
    Machine come and go.
    """
    found: list[datetime] = []
    day, spell, ends = first, "daily", first
    while day <= last:
        if calendar == "gaps" and day >= ends:
            spell = draw.choice(["daily", "weekly", "none"])
            ends = day + timedelta(days=draw.expovariate(1 / 60))
        chance = {"daily": 1.0, "weekly": 1 / 7, "none": 0.0}[
            spell if calendar == "gaps" else calendar
        ]
        if draw.random() < chance:
            visits = draw.randint(2, 6) if calendar == "gaps" and draw.random() < 0.05 else 1
            found += [day + timedelta(seconds=draw.randrange(86_400)) for _ in range(visits)]
        day += timedelta(days=1)
    return sorted(set(found))


def simulated(shared: Path, calendar: Calendar) -> list[Series]:
    """One series a service."""
    return [
        _series(service, texts, calendar, number)
        for number, (service, texts) in enumerate(_histories(shared).items())
    ]


def _series(service: str, texts: tuple[_Text, ...], calendar: Calendar, number: int) -> Series:
    draw = random.Random(f"{service} {calendar}")
    alike = number % 10 < ALIKE * 10
    flickers = number % 10 >= 10 - FLICKERING * 10
    last = texts[-1].moment + timedelta(days=60)
    moments = _moments(draw, texts[0].moment, last, calendar)
    span = (texts[0].moment + (last - texts[0].moment) * draw.random(), timedelta(days=150))
    days = {text.key: text.days for text in texts}
    days |= {_variant(text.key): text.days for text in texts}
    listed, truth = [], {}
    place = 0
    for i, moment in enumerate(moments):
        while place + 1 < len(texts) and texts[place + 1].moment <= moment:
            place += 1
        shown: str | None = texts[place].key
        if flickers and abs(moment - span[0]) < span[1] and draw.random() < 0.3:
            shown = _variant(texts[place].key)
        if draw.random() < UNUSABLE:
            shown = None
        same = shown if alike and shown else f"{service} {i}"
        listed.append(_listed(i, service, moment, digest=f"sha1 {same}"))
        truth[i] = shown
    return Series(name=service, listed=tuple(listed), truth=truth, days=days)


def _variant(key: str) -> str:
    return f"variant of {key}"


def _listed(number: int, service: str, moment: datetime, *, digest: str) -> ListedCapture:
    return ListedCapture(
        id=number,
        site_id=1,
        archive="simulated",
        role=Role.POLICY,
        state=CaptureState.LISTED,
        capture=Capture(
            urlkey=f"{service})/privacy",
            timestamp=format_timestamp(moment.astimezone(UTC)),
            original=f"https://{service}/privacy",
            mimetype="text/html",
            statuscode=200,
            digest=digest,
        ),
    )


def recorded(shared: Path) -> list[Series]:
    """The real captures of the shared archive: one series a document, truth by its gold texts."""
    folder = shared / "archive"
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["doc"] and row["record"] is not None]
    rows.sort(key=lambda row: (row["site"], row["doc"], row["timestamp"]))
    found = []
    for (site, doc), group in groupby(rows, key=lambda row: (row["site"], row["doc"])):
        listed, truth, days = [], {}, {}
        for i, row in enumerate(group):
            listed.append(_row(i, row))
            gold = row.get("gold") if row["kind"] == "policy" else None
            texts = [_text(folder / path) for path in gold or ()]
            truth[i] = key = " ".join(text.key for text in texts) or None
            if key is not None:
                days[key] = frozenset[int]().union(*(text.days for text in texts))
        found.append(Series(name=f"{site} {doc}", listed=tuple(listed), truth=truth, days=days))
    return found


NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment of a text of which only captures tell."""


@cache
def _text(path: Path) -> _Text:
    text = path.read_text(encoding="utf-8")
    return _Text(NEVER, word_key(text), days_named(text))


def _row(number: int, row: dict[str, str]) -> ListedCapture:
    revisit = row["record"] == "revisit"
    return ListedCapture(
        id=number,
        site_id=1,
        archive="recorded",
        role=Role.POLICY,
        state=CaptureState.LISTED,
        capture=Capture(
            urlkey=row["url"],
            timestamp=row["timestamp"],
            original=row["url"],
            mimetype="warc/revisit" if revisit else row["mimetype"].partition(";")[0],
            statuscode=None if revisit else int(row["status"]),
            digest=row["digest"],
        ),
    )
