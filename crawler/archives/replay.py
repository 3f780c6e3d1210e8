"""Reading replayed captures: what the archive serves, and what it says of it in its headers.

The rules are those of RFC 7089 and of the Wayback Machine's and pywb's replay: ``Memento-Datetime``
says that the archive succeeded, whatever the status, for that is then the captured page's own.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha1
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.archives.base import Ask, Budget, Redirected
from crawler.archives.cdx import excluded, retry_after
from crawler.archives.decoding import decoded
from crawler.errors import ArchiveError, ExcludedError, MementoError, OtherCaptureError
from crawler.urls import original_location
from storage.records import Memento, format_timestamp

if TYPE_CHECKING:
    from crawler.archives.base import Answer, Headers
    from storage.records import Capture

ACCEPT_ENCODING = (("Accept-Encoding", "gzip"),)
"""Bodies stored in gzip then come as they were stored; the rest may be packed for the way only."""

SHA1_BASE32 = 32

TOLERANCE = timedelta(0)
"""How far a memento may lie from the capture that was asked for: an archive that has not the very
capture serves the nearest, which may be months away and would be dated wrongly."""

IMPOSSIBLE_TOLERANCE = timedelta(days=31)
"""The same for index rows whose timestamp no calendar has (month or day 00)."""


class RawReplay:
    """Replay at ``<prefix>/<timestamp>id_/<URL>``, as the Wayback Machine and pywb have it."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def replay_ask(self, capture: Capture) -> Ask:
        """The raw replay (``id_``) of a capture."""
        url = f"{self._prefix}/{capture.timestamp}id_/{capture.original}"
        return Ask(url=url, budget=Budget.REPLAY, headers=ACCEPT_ENCODING)

    def read_replay(
        self, capture: Capture, answer: Answer, fetched_at: datetime
    ) -> Memento | Redirected:
        """Read a replayed capture.

        Raises:
            ArchiveError: the archive's own failure, or its refusal for good.
            MementoError: another capture than the one asked for (pywb serves the nearest in place,
                always so for a redirect of a page to itself), or too large a body.
        """
        return read_memento(
            capture,
            answer,
            prefix=self._prefix,
            page_url=self.page_url(capture),
            fetched_at=fetched_at,
        )

    def page_url(self, capture: Capture) -> str:
        """The capture as the archive shows it to people."""
        return f"{self._prefix}/{capture.timestamp}/{capture.original}"


def read_memento(
    capture: Capture, answer: Answer, *, prefix: str | None, page_url: str, fetched_at: datetime
) -> Memento | Redirected:
    """Read a replay server's answer.

    ``prefix`` is where all its replay addresses begin, a timestamp next; None where they have no
    such form, so that only the memento itself tells which capture it is.

    Raises:
        ArchiveError: the archive's own failure, or its refusal for good.
        MementoError: another capture than the one asked for, or too large a body.
    """
    said = answer.header("memento-datetime")
    if said is None:
        return _without_memento(capture, answer, prefix)
    _check_moment(capture, said)
    content_type = answer.header("content-type") or ""
    body = decoded(answer.body, answer.header("content-encoding") or "", content_type)
    return Memento(
        capture=capture,
        archive_url=page_url,
        status=answer.status,
        headers=_own_headers(capture, answer),
        body=body,
        fetched_at=fetched_at,
    )


def is_whole(capture: Capture, answer: Answer, body: bytes) -> bool:
    """Whether an answer is, to the byte, what the index says was stored (or cannot be checked).

    The digest is that of the stored body; the way may have added or taken a content encoding.
    """
    if len(capture.digest) != SHA1_BASE32:
        return True
    return capture.digest in (sha1_base32(answer.body), sha1_base32(body))


def sha1_base32(body: bytes) -> str:
    """The digest of a body as CDX files have it."""
    return base64.b32encode(sha1(body, usedforsecurity=False).digest()).decode("ascii")


def _without_memento(capture: Capture, answer: Answer, prefix: str | None) -> Redirected:
    location = answer.header("location")
    if location is not None and 300 <= answer.status < 400:
        return _redirected(capture, answer.url, location, prefix)
    text = answer.body[:4096].decode("utf-8", "replace")
    if excluded(text) or answer.status == 451:
        raise ExcludedError("the archive excludes this capture")
    transient = answer.status >= 500 or answer.status in (403, 408, 425, 429)
    if answer.status == 200:
        # A page of the archive about itself ("we are down for maintenance") comes with 200.
        raise ArchiveError("the archive answers with a page of its own", transient=True)
    said = "" if text.lstrip().startswith("<") else " ".join(text.split())[:120]
    raise ArchiveError(
        f"the archive answers {answer.status} for this capture" + (f": {said}" if said else ""),
        transient=transient,
        retry_after=retry_after(answer),
    )


def _redirected(capture: Capture, asked: str, location: str, prefix: str | None) -> Redirected:
    """An archive's own redirect: to another spelling of the same capture, or to another one."""
    try:
        target = urljoin(asked, location)
        there, here = urlsplit(target), urlsplit(prefix or asked)
    except ValueError as error:
        raise MementoError(f"the archive redirects to no URL: {location[:200]}") from error
    folder = here.path.rstrip("/") + "/" if prefix else "/"
    if there.netloc != here.netloc or not there.path.startswith(folder):
        out = f"the archive redirects out of itself, to {target[:200]}"
        if prefix is None:
            raise MementoError(out)
        # To a login or a page on maintenance: that says nothing of the capture.
        raise ArchiveError(out, transient=True)
    offered = there.path[len(folder) :].partition("/")[0].rstrip("abcdefghijklmnopqrstuvwxyz_")
    if prefix and offered != capture.timestamp:
        raise OtherCaptureError(f"not available: the archive offers the capture of {offered[:14]}")
    return Redirected(ask=Ask(url=target, budget=Budget.REPLAY, headers=ACCEPT_ENCODING))


def _check_moment(capture: Capture, said: str) -> None:
    try:
        moment = parsedate_to_datetime(said).astimezone(UTC)
    except (ValueError, TypeError) as error:
        raise ArchiveError(f"the archive dates the capture {said!r}", transient=True) from error
    possible = format_timestamp(capture.moment) == capture.timestamp
    tolerance = TOLERANCE if possible else IMPOSSIBLE_TOLERANCE
    if abs(moment - capture.moment) > tolerance:
        offered = format_timestamp(moment)
        why = ""
        if capture.statuscode is not None and 300 <= capture.statuscode < 400:
            why = " in place of this redirect to itself"
        raise MementoError(f"not available: the archive serves the capture of {offered}{why}")


def _own_headers(capture: Capture, answer: Answer) -> Headers:
    """The answer's headers, those that the archive rewrote being the captured page's own again."""
    original_type = answer.header("x-archive-orig-content-type")
    kept = []
    for name, value in answer.headers:
        if name.lower() == "location":
            try:
                kept.append((name, original_location(value, capture.original)))
            except ValueError:
                kept.append((name, value))
        elif name.lower() == "content-type" and original_type is not None:
            kept.append((name, original_type))
        else:
            kept.append((name, value))
    return tuple(kept)
