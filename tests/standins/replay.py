"""Replay as the Wayback Machine does it, with a pywb collection to decode and serve the records."""

from __future__ import annotations

import gzip
import http.client
import urllib.parse
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING

from warcio.archiveiterator import ArchiveIterator

from storage.records import parse_timestamp
from tests.standins import cdx_index

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.standins.cdx_index import Row

_DROPPED = frozenset(
    {"transfer-encoding", "content-length", "connection", "server", "date", "link", "set-cookie"}
)
_KEPT = frozenset({"content-type", "content-encoding"})


@dataclass(slots=True, kw_only=True)
class Reply:
    """An answer before it is sent."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A memento as a client asks for it: ``base`` is the address under which it reached us."""

    base: str
    timestamp: str
    modifier: str
    url: str
    accept_encoding: str
    leave_archive: bool = False
    double_gzip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """``collection`` is the URL of a pywb collection, ``warc`` the file its index points into."""

    rows: Sequence[Row]
    collection: str
    warc: Path

    def answer(self, wanted: Wanted) -> Reply:
        row = cdx_index.nearest(self.rows, wanted.url, wanted.timestamp)
        if row is None:
            text = "<html><body>The Wayback Machine has not archived that URL.</body></html>"
            return Reply(status=404, body=text.encode(), headers=[("Content-Type", "text/html")])
        if row.timestamp != wanted.timestamp:
            location = f"{wanted.base}/web/{row.timestamp}{wanted.modifier}/{row.original}"
            return Reply(status=302, headers=[("Location", location)])
        reply = self._redirect(row, wanted) if row.statuscode[0] == "3" else self.page(row, wanted)
        moment = format_datetime(parse_timestamp(row.timestamp), usegmt=True)
        reply.headers += [("Memento-Datetime", moment), ("Link", self._links(row, wanted.base))]
        return reply

    def _redirect(self, row: Row, wanted: Wanted) -> Reply:
        # From the WARC: pywb never replays a redirect to a URL of the same key (http to https).
        location, body = self.record(row)
        target = urllib.parse.urljoin(row.original, location)
        if not wanted.leave_archive:
            target = f"{wanted.base}/web/{row.timestamp}{wanted.modifier}/{target}"
        headers = [("Content-Type", row.mimetype), ("Location", target)]
        return Reply(status=int(row.statuscode), body=body, headers=headers)

    def record(self, row: Row) -> tuple[str | None, bytes]:
        """A record's Location header and body."""
        with self.warc.open("rb") as file:
            file.seek(row.offset)
            record = next(iter(ArchiveIterator(file)))
            return record.http_headers.get_header("Location"), record.content_stream().read()

    def page(self, row: Row, wanted: Wanted) -> Reply:
        pywb = urllib.parse.urlsplit(self.collection)
        connection = http.client.HTTPConnection(pywb.netloc, timeout=60)
        path = f"{pywb.path}/{row.timestamp}{wanted.modifier}/{row.original}"
        try:
            connection.request("GET", path, headers={"Accept-Encoding": wanted.accept_encoding})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        headers = [
            (name if name.lower() in _KEPT else f"X-Archive-Orig-{name}", value)
            for name, value in response.getheaders()
            if name.lower() not in _DROPPED and not name.lower().startswith("memento")
        ]
        if wanted.double_gzip:
            headers = [pair for pair in headers if pair[0].lower() != "content-encoding"]
            body = gzip.compress(gzip.compress(body))
            headers.append(("Content-Encoding", "gzip"))
        return Reply(status=response.status, body=body, headers=headers)

    def _links(self, row: Row, base: str) -> str:
        links = [
            f'<{row.original}>; rel="original"',
            f'<{base}/web/timemap/link/{row.original}>; rel="timemap"',
            f'<{base}/web/{row.original}>; rel="timegate"',
        ]
        for relation, other in cdx_index.neighbours(self.rows, row).items():
            moment = format_datetime(parse_timestamp(other.timestamp), usegmt=True)
            address = f"{base}/web/{other.timestamp}/{other.original}"
            links.append(f'<{address}>; rel="{relation}"; datetime="{moment}"')
        return ", ".join(links)
