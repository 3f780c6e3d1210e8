"""An archive of invented sites with as many captures as a test wants, as a WARC file."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FIRST = datetime(2012, 3, 4, 5, 6, 7, tzinfo=UTC)

POLICY = (
    "We collect the name and the e-mail address that you give us when you open an account. "
    "We use this personal information to provide the service, to answer your questions and to "
    "improve our site. We do not sell personal information. We share it with service providers "
    "who process it for us, and where the law requires it. We keep it for as long as you have an "
    "account, and delete it thirty days after you close it. You may ask us at any time which data "
    "we hold of you, and have them corrected or deleted. Cookies are used to keep you signed in; "
    "your browser can refuse them. We protect your data by encryption and strict access rules. "
    "If this privacy policy changes we will say so on this page and by e-mail. "
)


def policy_url(domain: str) -> str:
    """Where an invented site has its policy."""
    return f"https://{domain}/privacy"


def write_archive(path: Path, domains: Iterable[str], captures: int, *, hours: float) -> None:
    """Captures of each domain's policy, so many hours apart: one text, and no two bodies alike."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for domain in domains:
            for number in range(captures):
                moment = FIRST + timedelta(hours=number * hours)
                _write(writer, policy_url(domain), moment, _page(domain, number))


def _page(domain: str, number: int) -> bytes:
    parts = "".join(f"<h2>{n}. Your data</h2><p>{POLICY}</p>" for n in range(1, 4))
    text = (
        f"<title>Privacy Policy</title><!-- build {number} --><h1>Privacy Policy of {domain}</h1>"
    )
    return f"<!DOCTYPE html><html lang=en>{text}{parts}</html>".encode()


def _write(writer: WARCWriter, url: str, moment: datetime, body: bytes) -> None:
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    record = writer.create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body),
        http_headers=headers,
        warc_headers_dict={"WARC-Date": moment.strftime("%Y-%m-%dT%H:%M:%SZ")},
    )
    writer.write_record(record)
