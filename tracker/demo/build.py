"""Builds the sample archive from its pages: ``python -m tracker.demo.build [PATH]``.

The same pages give the same file: record ids derive from URL and time, no clock is read.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tracker.demo.render import Answer, render
from tracker.demo.timeline import load_sites
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.demo.timeline import DemoCapture, DemoSite

ARCHIVE = Path(__file__).resolve().parent / "archive.warc.gz"
_REASONS = {
    200: "OK",
    301: "Moved Permanently",
    403: "Forbidden",
    404: "Not Found",
    503: "Service Unavailable",
}
_REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def build() -> bytes:
    """Write all captures of all sites, in order of time, as one WARC/1.1 file, gzipped."""
    sites = load_sites()
    captures = sorted(
        ((site, capture) for site in sites for capture in site.captures),
        key=lambda pair: (pair[1].timestamp, pair[1].url),
    )
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.1")
    _write_info(writer, captures[0][1])
    latest: dict[str, tuple[DemoCapture, Answer]] = {}
    for site, capture in captures:
        if capture.repeat:
            earlier, answer = latest[capture.url]
            _write_revisit(writer, capture, answer, earlier)
        else:
            answer = _write_response(writer, site, capture)
            latest[capture.url] = (capture, answer)
    return out.getvalue()


def _write_info(writer: WARCWriter, first: DemoCapture) -> None:
    text = (
        b"description: sample archive of four invented companies, written for this project\r\n"
        b"format: WARC File Format 1.1\r\n"
    )
    record = writer.create_warc_record(
        "",
        "warcinfo",
        payload=io.BytesIO(text),
        length=len(text),
        warc_content_type="application/warc-fields",
        warc_headers_dict={
            "WARC-Record-ID": _record_id("warcinfo"),
            "WARC-Date": _warc_date(first),
        },
    )
    writer.write_record(record)


def _write_response(writer: WARCWriter, site: DemoSite, capture: DemoCapture) -> Answer:
    answer = render(site, capture)
    record = writer.create_warc_record(
        capture.url,
        "response",
        payload=io.BytesIO(answer.body),
        length=len(answer.body),
        http_headers=_http(answer, answer.headers),
        warc_headers_dict=_warc_headers(capture),
    )
    writer.write_record(record)
    return answer


def _write_revisit(
    writer: WARCWriter, capture: DemoCapture, answer: Answer, earlier: DemoCapture
) -> None:
    headers = dict(answer.headers) | {"Date": capture.moment.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    record = writer.create_revisit_record(
        capture.url,
        digest=_payload_digest(answer.body),
        refers_to_uri=earlier.url,
        refers_to_date=_warc_date(earlier),
        http_headers=_http(answer, headers.items()),
        warc_headers_dict=_warc_headers(capture) | {"WARC-Profile": _REVISIT},
    )
    writer.write_record(record)


def _http(answer: Answer, headers: Iterable[tuple[str, str]]) -> StatusAndHeaders:
    status = f"{answer.status} {_REASONS[answer.status]}"
    return StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")


def _warc_headers(capture: DemoCapture) -> dict[str, str]:
    return {
        "WARC-Record-ID": _record_id(f"{capture.timestamp} {capture.url}"),
        "WARC-Date": _warc_date(capture),
    }


def _warc_date(capture: DemoCapture) -> str:
    return capture.moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _payload_digest(body: bytes) -> str:
    # SHA-1 because that is what archives and their indexes name payloads by.
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return "sha1:" + base64.b32encode(digest).decode()


def _record_id(name: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ARCHIVE
    try:
        target.write_bytes(build())
    except TrackerError as error:
        sys.exit(str(error))
    sys.stderr.write(f"{target}: {target.stat().st_size} bytes\n")
