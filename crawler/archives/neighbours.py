"""What a memento tells of the captures beside it: a way along a page's history without an index.

The Wayback Machine answers for any instant with the nearest capture, and its ``Link`` header names
the first, the previous, the next and the last one (RFC 7089, section 2.2.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from crawler.archives.base import Ask, Budget, Redirected
from crawler.archives.link_format import read_links, replayed
from crawler.archives.replay import ACCEPT_ENCODING, read_memento
from crawler.errors import MementoError
from crawler.urls import url_key
from storage.records import Capture

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.archives.base import Answer, Headers
    from storage.records import Memento

RELATIONS: Final = ("first", "prev", "next", "last")


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """A capture's memento, and the captures around it by their relation to it."""

    memento: Memento
    around: dict[str, Capture]


def nearest_ask(timegate: str, url: str, timestamp: str) -> Ask:
    """The request for the capture of a URL that is nearest to an instant, raw."""
    address = f"{timegate}/{timestamp}id_/{url}"
    return Ask(url=address, budget=Budget.REPLAY, headers=ACCEPT_ENCODING)


def read_nearest(timegate: str, answer: Answer, fetched_at: datetime) -> Neighbourhood | Redirected:
    """Read the answer to `nearest_ask`, or to what it redirected to.

    Raises:
        ArchiveError: the archive has no capture, failed or refuses.
        MementoError: it answers with what is none of its captures.
    """
    form = replayed(answer.url)
    location = answer.header("location")
    if answer.header("memento-datetime") is None and location and 300 <= answer.status < 400:
        target = urljoin(answer.url, location)
        if replayed(target) is None or not target.startswith(f"{timegate}/"):
            raise MementoError(f"the archive redirects out of itself, to {target[:200]}")
        return Redirected(ask=Ask(url=target, budget=Budget.REPLAY, headers=ACCEPT_ENCODING))
    if form is None:
        raise MementoError(f"no address of a capture: {answer.url[:200]}")
    kind = (answer.header("content-type") or "unk").partition(";")[0].strip()
    capture = _capture(form.timestamp, form.original, mimetype=kind, status=answer.status)
    memento = read_memento(
        capture,
        answer,
        prefix=timegate,
        page_url=f"{timegate}/{form.timestamp}/{form.original}",
        fetched_at=fetched_at,
    )
    if isinstance(memento, Redirected):
        return memento
    return Neighbourhood(memento=memento, around=neighbours(answer.headers))


def neighbours(headers: Headers) -> dict[str, Capture]:
    """The captures that a memento's ``Link`` header names, by their relation to it.

    Of what they show nothing is known: they have no status and no digest.
    """
    found: dict[str, Capture] = {}
    for name, value in headers:
        if name.lower() != "link":
            continue
        for link in read_links(value):
            form = replayed(link.url)
            if form is None or "memento" not in link.relations:
                continue
            for relation in link.relations.intersection(RELATIONS):
                found[relation] = _capture(form.timestamp, form.original)
    return found


def _capture(
    timestamp: str, original: str, *, mimetype: str = "unk", status: int | None = None
) -> Capture:
    return Capture(
        urlkey=url_key(original),
        timestamp=timestamp,
        original=original,
        mimetype=mimetype,
        statuscode=status,
        digest="-",
    )
