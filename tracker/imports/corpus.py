"""The Princeton-Leuven corpus of privacy policies, as its Git repository has it.

``f/fa/fac/facebook.com.html`` and ``….md`` are a policy's page and its text; each has a head that
names the capture of the Wayback Machine that it was taken from (Amos et al., "Privacy Policies over
Time: Curation and Analysis of a Million-Document Dataset", WWW 2021;
https://github.com/citp/privacy-policy-historical).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from crawler.urls import canonical, site_of
from storage.records import How, parse_timestamp
from tracker.imports.intake import Collected

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tracker.imports.git_history import Bodies, FileState, GitHistory

NAME = "Princeton-Leuven corpus"
HEAD = 2_000
"""Bytes in which a file's head stands."""

_SOURCE = re.compile(rb"\(?(https?://web\.archive\.org/web/(\d{14})[a-z_]*/([^\s()]+))\)?")
_QUOTED = re.compile(rb"\A(?:\xef\xbb\xbf)?> \*The following text is extracted[^\n]*\n+")


def collected(history: GitHistory, bodies: Bodies) -> Iterator[tuple[int, Collected | str]]:
    """What the repository holds, with the number of its commit; a path where that is no policy's.

    Pages and texts come as they were committed. Of a capture that is there both ways the page
    tells, since our own reading goes first.

    Raises:
        TrackerError: Git fails.
    """
    for number, state in history.states("*.html", "*.md"):
        if "/" not in state.path:
            continue  # the repository's own README
        yield number, _collected(state, bodies.read(state.blob), history.address(state))


def _collected(state: FileState, body: bytes, address: str) -> Collected | str:
    stem, _, kind = state.path.rpartition("/")[2].rpartition(".")
    try:
        domain = site_of(stem)
    except ValueError:
        return state.path
    url, when, source = _source(body, domain, state.when)
    page = kind == "html"
    return Collected(
        domain=domain,
        name=None,
        url=url,
        when=when,
        body=body if page else _QUOTED.sub(b"", body),
        content_type=f"text/{'html' if page else 'markdown'}; charset=utf-8",
        how=How.IMPORT if page else How.TEXT,
        address=source or address,
        notes=(("Git-Commit", state.commit), ("Git-Path", state.path), ("Git-Blob", state.blob)),
    )


def _source(body: bytes, domain: str, committed: datetime) -> tuple[str, datetime, str | None]:
    """URL and time of the capture, and its address; what Git knows where no head names it."""
    found = _SOURCE.search(body[:HEAD])
    if found is not None:
        try:
            url = canonical(unquote(found[3].decode("utf-8", "replace")))
            return url, parse_timestamp(found[2].decode()), found[1].decode("utf-8", "replace")
        except ValueError:
            pass  # a head that was cut or mistyped
    return f"https://{domain}/", committed, None
