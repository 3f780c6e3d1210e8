"""The Wayback's CDX dialect over the index of a pywb collection.

Source: the CDX server's documentation (github.com/internetarchive/wayback, wayback-cdx-server) and
what its clients report of the live service.
"""

from __future__ import annotations

import itertools
import json
import re
import urllib.parse
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
MAX_ROWS = 150_000


class BadQueryError(ValueError):
    """A query that the CDX server refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One capture, as the Wayback lists it, and where its record lies in the WARC."""

    urlkey: str
    timestamp: str
    original: str
    mimetype: str
    statuscode: str
    digest: str
    length: str
    offset: int

    def values(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in FIELDS)


def load(index: Path) -> tuple[Row, ...]:
    """Read a pywb index (CDXJ), in the order of the index; revisits get the status ``-``."""
    rows = []
    for line in index.read_text(encoding="utf-8").splitlines():
        urlkey, timestamp, text = line.split(" ", 2)
        data = json.loads(text)
        revisit = data.get("mime") == "warc/revisit"
        rows.append(
            Row(
                urlkey=urlkey,
                timestamp=timestamp,
                original=data["url"],
                mimetype=data.get("mime", "unk"),
                statuscode="-" if revisit else data.get("status", "-"),
                digest=data["digest"].removeprefix("sha1:"),
                length=data.get("length", "-"),
                offset=int(data["offset"]),
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.urlkey, row.timestamp)))


def surt(url: str) -> str:
    """The sort-friendly key of a URL: scheme, ``www.``, case and trailing slash do not count."""
    parts = urllib.parse.urlsplit((url if "://" in url else f"http://{url}").lower())
    host = re.sub(r"^www\d*\.", "", parts.hostname or "")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    path = urllib.parse.unquote(parts.path)
    path = (path.rstrip("/") or "/") if path else "/"
    query = "&".join(sorted(filter(None, parts.query.split("&"))))
    return ",".join(reversed(host.split("."))) + port + ")" + path + (f"?{query}" if query else "")


def moment(timestamp: str, *, last: bool = False) -> str:
    """Fill a partial timestamp up to 14 digits, to its first or its last moment."""
    return timestamp + ("99991231235959" if last else "00000101000000")[len(timestamp) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows of a query in the asked-for fields, and the key with which to go on."""

    fields: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    resume_key: str | None


def query(rows: Sequence[Row], parameters: Mapping[str, list[str]]) -> Answer:
    """Answer a CDX query.

    Raises:
        BadQueryError: no url, or a parameter that the server does not take.
    """
    get = _Getter(parameters)
    found = _matching(rows, get.text("url"), get.text("matchType"))
    found = [row for row in found if get.in_span(row.timestamp)]
    for text in get.many("filter"):
        found = list(_filtered(found, text))
    for text in get.many("collapse"):
        found = list(_collapsed(found, text))
    if resume := get.text("resumeKey"):
        after = tuple(urllib.parse.unquote_plus(resume).split(" "))
        found = [row for row in found if (row.urlkey, row.timestamp) > after]
    if get.text("sort") == "reverse":
        found.reverse()
    if closest := get.text("closest"):
        found.sort(key=lambda row: abs(int(row.timestamp) - int(moment(closest))))
    fields = tuple((get.text("fl") or ",".join(FIELDS)).split(","))
    if unknown := set(fields) - set(FIELDS):
        raise BadQueryError(f"unknown field: {', '.join(sorted(unknown))}")
    page, more = get.page(found)
    resume_key = None
    if get.text("showResumeKey") == "true":
        if "urlkey" not in fields:
            raise BadQueryError("showResumeKey needs urlkey in fl")
        if more and page:
            resume_key = urllib.parse.quote_plus(f"{page[-1].urlkey} {page[-1].timestamp}")
    picked = tuple(tuple(str(getattr(row, name)) for name in fields) for row in page)
    return Answer(fields=fields, rows=picked, resume_key=resume_key)


@dataclass(frozen=True, slots=True)
class _Getter:
    parameters: Mapping[str, list[str]]

    def text(self, name: str) -> str:
        return self.parameters.get(name, [""])[0]

    def many(self, name: str) -> list[str]:
        """All values of ``name``, ``name0``, ``name1``: clients number repeated parameters."""
        return [
            value
            for key, values in self.parameters.items()
            if re.fullmatch(rf"{name}\d*", key)
            for value in values
        ]

    def number(self, name: str) -> int:
        try:
            return int(self.text(name) or 0)
        except ValueError as error:
            raise BadQueryError(f"{name} is no number: {self.text(name)}") from error

    def in_span(self, timestamp: str) -> bool:
        start, end = self.text("from"), self.text("to")
        return (not start or timestamp >= moment(start)) and (
            not end or timestamp <= moment(end, last=True)
        )

    def page(self, rows: list[Row]) -> tuple[list[Row], bool]:
        limit = self.number("limit") or MAX_ROWS
        rows = rows[self.number("offset") :]
        if limit < 0:
            return rows[limit:], False
        limit = min(limit, MAX_ROWS)
        return rows[:limit], len(rows) > limit


def _matching(rows: Sequence[Row], url: str, match_type: str) -> list[Row]:
    if not url:
        raise BadQueryError("The url param is required")
    if not match_type:
        match_type = "exact"
        if url.startswith("*."):
            url, match_type = url[2:], "domain"
        elif url.endswith("*"):
            url, match_type = url[:-1], "prefix"
    key = surt(url)
    host = key.split(")")[0]
    if match_type == "exact":
        return _with_key(rows, key)
    if match_type == "prefix":
        if url.endswith("/") and not key.endswith("/"):
            key += "/"
        return [row for row in rows if row.urlkey.startswith(key)]
    if match_type == "host":
        return [row for row in rows if row.urlkey.startswith(f"{host})")]
    if match_type == "domain":
        return [row for row in rows if row.urlkey.startswith((f"{host})", f"{host},"))]
    raise BadQueryError(f"matchType: {match_type}")


def _with_key(rows: Sequence[Row], key: str) -> list[Row]:
    start = bisect_left(rows, key, key=lambda row: row.urlkey)
    return list(itertools.takewhile(lambda row: row.urlkey == key, rows[start:]))


def nearest(rows: Sequence[Row], url: str, timestamp: str) -> Row | None:
    """The capture of a URL that lies nearest to a moment, None where there is none."""
    wanted = int(moment(timestamp))
    captures = _with_key(rows, surt(url))
    return min(captures, key=lambda row: abs(int(row.timestamp) - wanted), default=None)


def neighbours(rows: Sequence[Row], row: Row) -> dict[str, Row]:
    """The mementos that a ``Link`` header names, by relation: first, prev, next and last."""
    captures = _with_key(rows, row.urlkey)
    here = captures.index(row)
    found = {"first memento": captures[0], "last memento": captures[-1]}
    if here > 0:
        found["prev memento"] = captures[here - 1]
    if here + 1 < len(captures):
        found["next memento"] = captures[here + 1]
    return found


def _field(name: str) -> str:
    if name not in FIELDS:
        raise BadQueryError(f"unknown field: {name}")
    return name


def _filtered(rows: Iterable[Row], text: str) -> Iterable[Row]:
    negated = text.startswith("!")
    name, colon, expression = text.removeprefix("!").partition(":")
    if not colon:
        raise BadQueryError(f"filter: {text}")
    try:
        pattern = re.compile(expression)
    except re.error as error:
        raise BadQueryError(f"filter: {text}: {error}") from error
    field = _field(name)
    return (row for row in rows if bool(pattern.fullmatch(getattr(row, field))) != negated)


def _collapsed(rows: Iterable[Row], text: str) -> Iterable[Row]:
    """Only adjacent rows collapse, and the first of them survives, be it a revisit."""
    name, _, digits = text.partition(":")
    field, length = _field(name), int(digits) if digits else None
    groups = itertools.groupby(rows, key=lambda row: str(getattr(row, field))[:length])
    return (next(group) for _, group in groups)
