"""An index of WARC files in memory, and records by their offset.

Formats: WARC/1.1 (https://iipc.github.io/warc-specifications/) and WACZ 1.1.1, a ZIP file whose
WARC files are stored uncompressed (https://specs.webrecorder.net/wacz/1.1.1/).
"""

from __future__ import annotations

import base64
import bisect
import re
import struct
import zipfile
from dataclasses import dataclass
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from crawler.archives.decoding import MAX_BODY, TooLargeError
from crawler.errors import ArchiveError
from crawler.urls import url_key
from storage.records import Capture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crawler.archives.base import Headers, Question

WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x20<>\"]+")

KINDS = ("response", "revisit", "resource")
UNREADABLE = (ArchiveLoadFailed, OSError, EOFError, ValueError)
"""What warcio raises on damaged files; zlib's and gzip's errors come wrapped or as OSError."""


@dataclass(frozen=True, slots=True)
class _Entry:
    capture: Capture
    file: Path
    offset: int


class WarcIndex:
    """Every capture in a WARC or WACZ file, or in a folder of them.

    ``damaged`` names the files that could not be read to their end; what stands before the damage
    is indexed.

    Raises:
        ArchiveError: there is no capture at all.
    """

    def __init__(self, path: Path) -> None:
        self.damaged: list[str] = []
        entries: list[_Entry] = []
        for file, start in _warc_files(path, self.damaged):
            entries.extend(self._entries(file, start))
        if not entries:
            why = f": {self.damaged[0]}" if self.damaged else ""
            raise ArchiveError(f"no captures in {path}{why}")
        entries.sort(key=lambda entry: (entry.capture.urlkey, entry.capture.timestamp))
        self._entries_by_key = entries
        self._keys = [entry.capture.urlkey for entry in entries]
        self._by_capture = {(e.capture.timestamp, e.capture.original): e for e in entries}
        self._by_digest = {
            e.capture.digest: e for e in entries if e.capture.mimetype != "warc/revisit"
        }

    def captures(self) -> Iterator[Capture]:
        """All captures, by key and time."""
        return (entry.capture for entry in self._entries_by_key)

    def find(self, question: Question) -> list[Capture]:
        """The captures that answer a question, by key and time.

        Raises:
            ValueError: its URL or pattern is none.
        """
        first, last = question.first or "", (question.last or "9").ljust(14, "9")
        pattern = re.compile(question.pattern) if question.pattern else None
        found = [
            capture
            for capture in self._matching(question)
            if first <= capture.timestamp <= last
            and (pattern is None or pattern.fullmatch(capture.original))
        ]
        return found[: question.limit]

    def read(self, timestamp: str, original: str) -> tuple[int, Headers, bytes]:
        """Status, headers and body of a capture; the body without transfer encoding.

        Raises:
            KeyError: there is no such capture.
            ArchiveError: its record is damaged, or a revisit of what is not here.
            TooLargeError: its body is.
        """
        entry = self._by_capture[timestamp, original]
        try:
            status, headers, body = _record(entry)
            if entry.capture.mimetype != "warc/revisit":
                return status, headers, body
            full = self._by_digest.get(entry.capture.digest)
            if full is None:
                raise ArchiveError("the files hold a revisit of a capture that they do not hold")
            full_status, full_headers, body = _record(full)
        except UNREADABLE as error:
            raise ArchiveError(f"the record is damaged: {error}") from error
        return (status, headers, body) if headers else (full_status, full_headers, body)

    def _matching(self, question: Question) -> Iterator[Capture]:
        key = _key(question.url)
        if question.match == "exact":
            yield from self._between(key, key + "\0")
        elif question.match == "prefix":
            yield from self._between(key, key + "\U0010ffff")
        else:
            host = key.partition(")")[0]
            for capture in self._between(host + ")", host + ",\U0010ffff"):
                if capture.urlkey.startswith((host + ")", host + ",")):
                    yield capture

    def _between(self, start: str, stop: str) -> Iterator[Capture]:
        low, high = bisect.bisect_left(self._keys, start), bisect.bisect_left(self._keys, stop)
        return (entry.capture for entry in self._entries_by_key[low:high])

    def _entries(self, file: Path, start: int) -> Iterator[_Entry]:
        try:
            with file.open("rb") as stream:
                stream.seek(start)
                records = ArchiveIterator(stream)
                for record in records:
                    capture = _capture(record)
                    if capture is not None:
                        offset = start + int(records.get_record_offset())
                        yield _Entry(capture, file, offset)
        except UNREADABLE as error:
            self.damaged.append(f"{file}: {error}")


def _warc_files(path: Path, damaged: list[str]) -> Iterator[tuple[Path, int]]:
    """Files with the offset at which a WARC begins in them."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if file.name.endswith(".wacz"):
            try:
                yield from _in_wacz(file)
            except (zipfile.BadZipFile, OSError, struct.error) as error:
                damaged.append(f"{file}: {error}")
        elif not path.is_dir() or file.name.endswith((".warc", ".warc.gz")):
            yield file, 0


def _in_wacz(file: Path) -> Iterator[tuple[Path, int]]:
    with zipfile.ZipFile(file) as packed, file.open("rb") as stream:
        for item in packed.infolist():
            stored = item.compress_type == zipfile.ZIP_STORED
            if stored and item.filename.endswith((".warc", ".warc.gz")):
                # The local header repeats name and extra field, with lengths of its own.
                stream.seek(item.header_offset + 26)
                name, extra = struct.unpack("<HH", stream.read(4))
                yield file, item.header_offset + 30 + name + extra


def _capture(record: Any) -> Capture | None:
    if record.rec_type not in KINDS:
        return None
    original = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    timestamp = re.sub(r"\D", "", record.rec_headers.get_header("WARC-Date") or "")[:14]
    try:
        key = _key(original)
    except ValueError:
        return None
    if len(timestamp) < 14:
        return None
    status = record.http_headers.get_statuscode() if record.http_headers else ""
    return Capture(
        urlkey=key,
        timestamp=timestamp,
        original=original,
        mimetype=_mimetype(record),
        statuscode=int(status) if status.isdigit() else _status_without(record),
        digest=_digest(record),
        memento_url=_source(record),
    )


def _source(record: Any) -> str | None:
    """Where the page was taken from, if it was taken from another archive and that is said."""
    source = (record.rec_headers.get_header("WARC-Source-URI") or "").strip("<>")
    return source if WEB_ADDRESS.fullmatch(source) else None


def _key(url: str) -> str:
    """A URL's key as archives file it: tracking parameters make a page of its own there."""
    bare, _, query = url.partition("#")[0].partition("?")
    pieces = sorted(piece for piece in query.lower().split("&") if piece)
    return url_key(bare) + ("?" + "&".join(pieces) if pieces else "")


def _status_without(record: Any) -> int | None:
    return 200 if record.rec_type == "resource" else None


def _mimetype(record: Any) -> str:
    if record.rec_type == "revisit":
        return "warc/revisit"
    source = record.http_headers or record.rec_headers
    kind: str = (source.get_header("Content-Type") or "unk").partition(";")[0].strip().lower()
    return kind or "unk"


def _digest(record: Any) -> str:
    stated = record.rec_headers.get_header("WARC-Payload-Digest") or ""
    if stated.lower().startswith("sha1:"):
        return str(stated[5:].upper())
    if record.rec_type == "revisit":
        return "-"
    counted = sha1(usedforsecurity=False)
    while chunk := record.raw_stream.read(1 << 16):
        counted.update(chunk)
    return base64.b32encode(counted.digest()).decode("ascii")


def _record(entry: _Entry) -> tuple[int, Headers, bytes]:
    with entry.file.open("rb") as stream:
        stream.seek(entry.offset)
        record = next(ArchiveIterator(stream))
        headers: Headers = ()
        if record.http_headers:
            headers = tuple((str(name), str(value)) for name, value in record.http_headers.headers)
        elif record.rec_type == "resource":
            headers = (("Content-Type", record.rec_headers.get_header("Content-Type") or ""),)
        status = entry.capture.statuscode or 200
        source = record.raw_stream
        sent = next((v for name, v in headers if name.lower() == "transfer-encoding"), "")
        if "chunked" in sent.lower():
            source = ChunkedDataReader(source)
        return status, headers, _all_of(source)


def _all_of(source: Any) -> bytes:
    parts, size = [], 0
    while chunk := source.read(1 << 20):
        parts.append(chunk)
        size += len(chunk)
        if size > MAX_BODY:
            raise TooLargeError(f"the body is larger than {MAX_BODY} bytes")
    return b"".join(parts)
