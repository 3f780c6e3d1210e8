"""Reading the answers of CDX servers, row by row: one bad row never costs a history.

Formats: the Wayback CDX server's array of arrays (https://archive.org/developers/wayback-cdx-server.html)
and pywb's JSON lines (https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from crawler.archives.base import BadRow, IndexPage
from crawler.errors import ArchiveError, ExcludedError
from storage.records import Capture, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crawler.archives.base import Answer

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")

EXCLUSIONS = (
    "AdministrativeAccessControlException",
    "RobotAccessControlException",
    "URL has been excluded",
    "Blocked Site Error",
)
"""How the Wayback Machine says that a site is kept from everyone, for good."""


def check_answer(answer: Answer) -> None:
    """Refuse what is no answer of an index, whatever its body looks like.

    Raises:
        ArchiveError: an exclusion, an error status, or a web page in the index's place.
    """
    check_status(answer)
    if answer.body[:4096].lstrip().startswith(b"<"):
        raise ArchiveError("the index answers with a web page", transient=True)


def check_status(answer: Answer) -> None:
    """Refuse an exclusion and an error status; the body may be anything.

    Raises:
        ArchiveError: as said; ``transient`` says whether to ask again.
    """
    head = answer.body[:4096].decode("utf-8", "replace")
    if excluded(head):
        raise ExcludedError("the archive excludes this site")
    if answer.status != 200:
        transient = answer.status >= 500 or answer.status in (403, 408, 429)
        said = " ".join(head.split())[:120]
        raise ArchiveError(
            f"the index answers {answer.status}" + (f": {said}" if said else ""),
            transient=transient,
            retry_after=retry_after(answer),
        )


def excluded(text: str) -> bool:
    """Whether an answer says that the archive keeps the capture from everyone."""
    return any(sign in text for sign in EXCLUSIONS)


def retry_after(answer: Answer) -> float | None:
    """The seconds that an answer's Retry-After header names; None without one."""
    return seconds_named(answer.header("retry-after") or "", datetime.now(UTC))


def seconds_named(header: str, now: datetime) -> float | None:
    """The seconds of a Retry-After header, a number or a date (RFC 9110, 10.2.3)."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def read_arrays(body: bytes) -> IndexPage:
    """Read the Wayback's ``output=json``: a header row, rows, and maybe an empty row and a key.

    Raises:
        ArchiveError: it is not JSON, has no header row or nothing at all (not even ``[]``): all of
            these come with a cut-off answer.
    """
    try:
        rows = json.loads(body)
    except ValueError as error:
        raise ArchiveError(f"the index answers no JSON: {error}", transient=True) from error
    if rows == []:
        return IndexPage(captures=())
    if not isinstance(rows, list) or not isinstance(rows[0], list) or "urlkey" not in rows[0]:
        raise ArchiveError("the index answers without a header row", transient=True)
    names = [str(name) for name in rows[0]]
    resume = None
    if len(rows) >= 3 and rows[-2] == [] and isinstance(rows[-1], list) and len(rows[-1]) == 1:
        resume = str(rows[-1][0])
        rows = rows[:-2]
    captures, bad = _sort_out(_named(names, row) for row in rows[1:])
    return IndexPage(captures=captures, bad_rows=bad, resume=resume)


PYWB_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}


def read_lines(body: bytes) -> IndexPage:
    """Read pywb's JSON lines; an empty body is an empty answer."""
    captures, bad = _sort_out(_parsed(line) for line in body.split(b"\n") if line.strip())
    return IndexPage(captures=captures, bad_rows=bad)


def _parsed(line: bytes) -> tuple[str, dict[str, Any] | None]:
    text = line.decode("utf-8", "replace")
    try:
        raw = json.loads(text)
    except ValueError:
        return text, None
    if not isinstance(raw, dict):
        return text, None
    return text, {PYWB_NAMES.get(str(name), str(name)): value for name, value in raw.items()}


def _named(names: list[str], row: object) -> tuple[str, dict[str, Any] | None]:
    if not isinstance(row, list) or len(row) != len(names):
        return json.dumps(row), None
    return json.dumps(row), dict(zip(names, row, strict=True))


def _sort_out(
    rows: Iterable[tuple[str, dict[str, Any] | None]],
) -> tuple[tuple[Capture, ...], tuple[BadRow, ...]]:
    bad: list[BadRow] = []
    return tuple(_good(rows, bad)), tuple(bad)


def _good(
    rows: Iterable[tuple[str, dict[str, Any] | None]], bad: list[BadRow]
) -> Iterator[Capture]:
    seen: set[tuple[str, str]] = set()
    for text, row in rows:
        try:
            capture = capture_of(row or {})
        except ValueError as error:
            bad.append(BadRow(row=text[:500], reason=str(error)))
            continue
        identity = (capture.timestamp, capture.original)
        if identity not in seen:
            seen.add(identity)
            yield capture


def capture_of(row: dict[str, Any]) -> Capture:
    """A capture of a row's named fields.

    Raises:
        ValueError: what identifies it is missing or is no timestamp or URL.
    """
    timestamp, original = str(row.get("timestamp") or ""), str(row.get("original") or "")
    if len(timestamp) != 14:
        raise ValueError(f"not a timestamp of 14 digits: {timestamp[:40]!r}")
    parse_timestamp(timestamp)
    if "://" not in original or any(c.isspace() or c < " " for c in original):
        raise ValueError(f"not a URL: {original[:80]!r}")
    return Capture(
        urlkey=str(row.get("urlkey") or ""),
        timestamp=timestamp,
        original=original,
        mimetype=str(row.get("mimetype") or "unk"),
        statuscode=_number(row.get("statuscode")),
        digest=str(row.get("digest") or "-"),
        length=_number(row.get("length")),
        memento_url=_text(row.get("memento_url")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value != "-" else None


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
