"""An export as a WARC file (ISO 28500, WARC/1.1), which pywb and the Wayback tools replay.

Every kept snapshot is a response record under its original URL and instant, with the headers that
the archive preserved; a body that stands there already is a revisit record.
"""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage import snapshots
from storage.records import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from storage.database import Connection
    from storage.records import Site, Snapshot

PRESERVED = "x-archive-orig-"
"""How the Wayback Machine names the headers of the page that it archived."""

OF_THE_TRANSFER = {"content-encoding", "transfer-encoding", "content-length", "connection"}
OF_THE_ARCHIVE = {"memento-datetime", "link", "content-location", "preference-applied"}


class _Told(NamedTuple):
    url: str
    date: str
    digest: str


def write_warc(path: Path, conn: Connection, chosen: Iterable[Site]) -> None:
    """All kept snapshots of the sites, one gzip member a record (``.warc.gz``)."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True, warc_version="1.1")
        writer.write_record(
            writer.create_warcinfo_record(
                "policies.warc.gz",
                {"software": "policy-tracker", "format": "WARC File Format 1.1"},
            )
        )
        told: dict[str, _Told] = {}
        for site in chosen:
            for snapshot in snapshots.of_site(conn, site.id):
                _write(writer, conn, snapshot, told)


def _write(
    writer: WARCWriter, conn: Connection, snapshot: Snapshot, told: dict[str, _Told]
) -> None:
    url, date = snapshot.capture.original, format_time(snapshot.capture.moment)
    said = {"WARC-Date": date, "WARC-Source-URI": snapshot.archive_url}
    first = told.get(snapshot.body_sha256)
    if first is not None:
        headers = StatusAndHeaders(_status(snapshot), list(_headers(snapshot)), "HTTP/1.1")
        record = writer.create_revisit_record(
            url,
            digest=first.digest,
            refers_to_uri=first.url,
            refers_to_date=first.date,
            http_headers=headers,
            warc_headers_dict=said,
        )
    else:
        body = snapshots.body(conn, snapshot.id)
        length = [("Content-Length", str(len(body)))]
        headers = StatusAndHeaders(_status(snapshot), [*_headers(snapshot), *length], "HTTP/1.1")
        record = writer.create_warc_record(
            url,
            "response",
            payload=BytesIO(body),
            http_headers=headers,
            warc_headers_dict=said,
        )
        digest = record.rec_headers.get_header("WARC-Payload-Digest")
        told[snapshot.body_sha256] = _Told(url, date, digest)
    writer.write_record(record)


def _status(snapshot: Snapshot) -> str:
    try:
        return f"{snapshot.status} {HTTPStatus(snapshot.status).phrase}"
    except ValueError:
        return f"{snapshot.status} Unknown"


def _headers(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The page's own headers; the body is kept with its encodings undone."""
    preserved = any(name.lower().startswith(PRESERVED) for name, _ in snapshot.headers)
    for name, value in snapshot.headers:
        own = name.lower()
        if preserved and not own.startswith(PRESERVED) and own != "content-type":
            continue
        own = own.removeprefix(PRESERVED)
        if own not in OF_THE_TRANSFER | OF_THE_ARCHIVE and not own.startswith("x-archive-"):
            yield name[-len(own) :], value
