"""Save Page Now: asking the Wayback Machine to capture a page.

Two ways, as its documentation has them (docs.google.com, "Save Page Now 2 Public API Docs"): with
keys (SPN2) a job is made and asked for later; without, ``/save/URL`` answers with the capture, or
sends there. waybackpy builds the latter's request. It is not let near the network, where it has no
time-out, tries forty times and sleeps in between.
"""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from waybackpy import WaybackMachineSaveAPI

from crawler.archives.base import is_loopback
from crawler.archives.cdx import excluded, retry_after
from crawler.errors import ArchiveError, ExcludedError
from crawler.plain_http import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.archives.base import Answer

_CAPTURE = re.compile(r"/web/(\d{14})(?:[a-z]{2}_)?/")
REFUSALS = frozenset(
    {"error:too-many-daily-captures", "error:user-session-limit", "error:too-many-requests"}
)
"""SPN2's reasons that only say "not now"."""

PASSING = frozenset(
    {
        "error:bad-gateway",
        "error:browsing-timeout",
        "error:celery",
        "error:gateway-timeout",
        "error:internal-server-error",
        "error:job-failed",
        "error:no-browsers-available",
        "error:proxy-error",
        "error:read-timeout",
        "error:service-unavailable",
        "error:soft-time-limit-exceeded",
        "error:capture-location-error",
    }
)
"""SPN2's reasons after which another try may succeed."""


class SaveOutcome(StrEnum):
    """What an archive said: still at work, captured, or that it cannot."""

    PENDING = "pending"
    SAVED = "saved"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveAnswer:
    """The archive's answer: ``job`` to ask for later, ``timestamp`` of the capture, 14 digits."""

    outcome: SaveOutcome
    job: str | None = None
    timestamp: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SaveKeys:
    """The S3-like keys of an account (archive.org/account/s3.php)."""

    access: str
    secret: str


class SavePageNow:
    """An archive's Save Page Now; ``keys`` go to it over https, or to this machine, alone."""

    def __init__(
        self, server: str, *, user_agent: str, timeout: float, keys: SaveKeys | None
    ) -> None:
        safe = urlsplit(server).scheme == "https" or is_loopback(server)
        self._server = server.rstrip("/")
        self._user_agent = user_agent
        self._timeout = timeout
        self._keys = keys if safe else None

    def ask(self, url: str) -> SaveAnswer:
        """Ask for a capture of a page.

        Raises:
            ArchiveError: it refuses for now or does not answer; ``transient`` says whether to ask
                again. It may capture the page all the same.
        """
        return self._ask_with_keys(url) if self._keys else self._ask_without(url)

    def status(self, job: str) -> SaveAnswer:
        """What became of a job.

        Raises:
            ArchiveError: as of `ask`.
        """
        answer = self._send(f"{self._server}/save/status/{quote(job, safe='')}", self._headers())
        document = _document(answer)
        match document.get("status"):
            case "success" if _is_timestamp(document.get("timestamp")):
                return SaveAnswer(
                    outcome=SaveOutcome.SAVED, job=job, timestamp=document["timestamp"]
                )
            case "pending":
                return SaveAnswer(outcome=SaveOutcome.PENDING, job=job)
            case "error":
                _refuse_passing(document)
                return SaveAnswer(outcome=SaveOutcome.FAILED, job=job, reason=_reason(document))
        raise ArchiveError(f"the archive knows no job {job}", transient=False)

    def _ask_with_keys(self, url: str) -> SaveAnswer:
        form = {"url": url, "skip_first_archive": "1"}
        answer = self._send(
            f"{self._server}/save",
            self._headers() | {"Content-Type": "application/x-www-form-urlencoded"},
            method="POST",
            body=urlencode(form).encode(),
        )
        document = _document(answer)
        job = document.get("job_id")
        if isinstance(job, str) and job:
            return SaveAnswer(outcome=SaveOutcome.PENDING, job=job)
        _refuse_passing(document)
        return SaveAnswer(outcome=SaveOutcome.FAILED, reason=_reason(document))

    def _ask_without(self, url: str) -> SaveAnswer:
        with warnings.catch_warnings():
            # waybackpy asks for utcnow().
            warnings.simplefilter("ignore", DeprecationWarning)
            built = WaybackMachineSaveAPI(url, user_agent=self._user_agent)
        answer = self._send(f"{self._server}/save/{built.url}", built.request_headers)
        said = (answer.header(name) or "" for name in ("location", "content-location", "link"))
        found = next((match for text in said if (match := _CAPTURE.search(text))), None)
        if found:
            return SaveAnswer(outcome=SaveOutcome.SAVED, timestamp=found[1])
        if answer.status < 400:
            # It has taken the request, and shows people a page that waits for the capture.
            return SaveAnswer(outcome=SaveOutcome.PENDING)
        reason = f"the archive answers {answer.status} to the request to save it"
        return SaveAnswer(outcome=SaveOutcome.FAILED, reason=reason)

    def _headers(self) -> dict[str, str]:
        headers = {"User-Agent": self._user_agent, "Accept": "application/json"}
        if self._keys:
            headers["Authorization"] = f"LOW {self._keys.access}:{self._keys.secret}"
        return headers

    def _send(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        answer = ask(address, method=method, headers=headers, body=body, timeout=self._timeout)
        head = answer.body[:4096].decode("utf-8", "replace")
        if excluded(head) or answer.status == 451:
            raise ExcludedError("the archive excludes this page")
        if answer.status in {401, 403} and self._keys:
            raise ArchiveError("the archive does not take the keys: archive.org/account/s3.php")
        if answer.status in {403, 408, 425, 429, 509} or answer.status >= 500:
            # The archive's own error, except where SPN2 says in JSON what is wrong with the page.
            raise ArchiveError(
                f"the archive answers {answer.status} to the request to save",
                transient=True,
                retry_after=retry_after(answer),
            )
        return answer


def _document(answer: Answer) -> dict[str, Any]:
    try:
        document = json.loads(answer.body)
    except ValueError as error:
        raise ArchiveError("the archive answers no JSON", transient=True) from error
    return document if isinstance(document, dict) else {}


def _refuse_passing(document: Mapping[str, Any]) -> None:
    """Raises ArchiveError where the document's reason only says "not now"."""
    if document.get("status_ext") in REFUSALS | PASSING:
        raise ArchiveError(_reason(document), transient=True)


def _reason(document: Mapping[str, Any]) -> str:
    said = document.get("message") or document.get("status_ext") or "no reason given"
    return f"the archive says: {' '.join(str(said).split())[:200]}"


def _is_timestamp(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d{14}", value) is not None
