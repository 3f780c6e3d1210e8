"""Which archives there are, by the words of ``--archive``.

Each kind is imported where it is named: what reads WARC files does not wait for an HTTP client.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.errors import CrawlError, JobError

if TYPE_CHECKING:
    from collections.abc import Callable

    from crawler.archives.base import Archive


def open_archive(where: str) -> Archive:
    """The archive that ``--archive`` names.

    Raises:
        CrawlError: there is no such kind of archive, or its address or path is none.
    """
    kind, _, place = where.strip().partition(":")
    if kind not in ARCHIVES:
        raise JobError(f"unknown archive {where!r}: give {', '.join(FORMS)}")
    return ARCHIVES[kind](place)


def _wayback(place: str) -> Archive:
    from crawler.archives.wayback import WaybackArchive

    return WaybackArchive(_server(place, "wayback")) if place else WaybackArchive()


def _pywb(place: str) -> Archive:
    from crawler.archives.pywb import PywbArchive

    return PywbArchive(_server(place, "pywb"))


def _warc(place: str) -> Archive:
    if not place:
        raise JobError("warc: needs the path of a WARC or WACZ file, or of a folder of them")
    from crawler.archives.warc import WarcArchive

    path = Path(place).expanduser().resolve()
    if not path.exists():
        raise CrawlError(f"no WARC file or folder at {path}")
    return WarcArchive(path)


def _memento(place: str) -> Archive:
    from crawler.archives.memento import MementoArchive

    timemaps = _server(place, "memento", "http://127.0.0.1:8090/dev/timemap/link/")
    return MementoArchive(timemaps if timemaps.endswith(("/", "=")) else f"{timemaps}/")


def _server(place: str, kind: str, example: str = "http://127.0.0.1:8090") -> str:
    parts = urlsplit(place)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise JobError(f"{kind}: needs an address such as {example}, not {place!r}")
    return place


ARCHIVES: dict[str, Callable[[str], Archive]] = {
    "wayback": _wayback,
    "pywb": _pywb,
    "warc": _warc,
    "memento": _memento,
}

FORMS = ("wayback", "wayback:URL", "pywb:URL", "memento:URL", "warc:PATH")
