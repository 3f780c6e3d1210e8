"""How much memory a crawl takes of a policy that has very many captures.

Run ``python -m tests.benchmarks.bench_memory [CAPTURES]...`` (by default 1,000, 100,000 and a
million). An invented archive on loopback lists them, 25 versions in 20 years, each capture with a
digest of its own; the crawling process's memory is read from /proc while it works.
"""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.config import ArchiveConfig
from crawler.job import Job, SiteDone, SiteJob, event_from_json, job_to_json
from storage import sites
from storage.database import open_database
from storage.records import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE, VERSIONS = "huge.example", 25
BEGIN, SPAN = datetime(2005, 1, 1, tzinfo=UTC), timedelta(days=20 * 365)
FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
HOME = f"<html><body><footer><a href='http://{SITE}/privacy'>Privacy Policy</a></footer></body>"
TEXT = (
    "We collect your name, address and payment details when you use our service. We share personal"
    " information with partners who help us. We keep your data for {} months and protect it with"
    " encryption. You may ask us for a copy of your personal data, and for its deletion. "
)


class Archive(http.server.ThreadingHTTPServer):
    """Speaks as much of the Wayback Machine's dialect as one crawl needs; counts its answers."""

    daemon_threads = True

    def __init__(self, captures: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.captures = captures
        self.asked = {"cdx": 0, "web": 0}

    def rows(self, first: int, count: int) -> Iterator[list[str]]:
        """Rows of the policy's index."""
        for number in range(first, min(first + count, self.captures)):
            stamp = format_timestamp(BEGIN + SPAN * (number / self.captures))
            digest = f"{number:032X}".translate(str.maketrans("0189", "GHIJ"))
            url = f"http://{SITE}/privacy"
            yield ["example,huge)/privacy", stamp, url, "text/html", "200", digest, "4321"]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Archive
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing."""

    def do_GET(self) -> None:
        parts = urllib.parse.urlsplit(self.path)
        if parts.path.startswith("/cdx"):
            self.server.asked["cdx"] += 1
            self._send(self._index(dict(urllib.parse.parse_qsl(parts.query))))
            return
        self.server.asked["web"] += 1
        stamp, _, url = parts.path.removeprefix("/web/").partition("id_/")
        moment = parse_timestamp(stamp)
        number = int((moment - BEGIN) / SPAN * VERSIONS)
        text = f"<h1>Privacy Policy</h1><p>{TEXT.format(number + 1)}</p>" * 3
        page = text if url.endswith("/privacy") else HOME
        self._send(page.encode(), ("Memento-Datetime", format_datetime(moment, usegmt=True)))

    def _index(self, asked: dict[str, str]) -> bytes:
        if not asked["url"].endswith("/privacy"):
            stamp = format_timestamp(BEGIN)
            row = ["example,huge)/", stamp, f"http://{SITE}/", "text/html", "200", "H" * 32, "99"]
            return json.dumps([FIELDS, row]).encode()
        first, limit = int(asked.get("resumeKey", 0)), int(asked["limit"])
        rows: list[list[str]] = [FIELDS, *self.server.rows(first, limit)]
        if first + limit < self.server.captures:
            rows += [[], [str(first + limit)]]
        return json.dumps(rows).encode()

    def _send(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A crawl's peak memory in MB, its seconds, its requests, and how it ended."""

    megabytes: float
    seconds: float
    asked: dict[str, int]
    listed: int
    fetched: int
    outcome: str


def measured(captures: int, strategy: str = "adaptive") -> Measured:
    """Crawl a policy of so many captures in a process of its own."""
    archive = Archive(captures)
    threading.Thread(target=archive.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        database = str(Path(folder) / "tracker.db")
        with open_database(database) as db, db.write() as conn:
            site = sites.add(conn, SITE)
        where = f"wayback:http://127.0.0.1:{archive.server_address[1]}"
        job = Job(
            database=database,
            sites=(SiteJob(id=site.id, domain=SITE),),
            archive=ArchiveConfig(where=where, cdx_per_minute=0.0, replay_per_minute=0.0),
            strategy=strategy,
        )
        began = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-m", "crawler"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as child:
            peak = _Peak(Path(f"/proc/{child.pid}/status"))
            peak.start()
            said, _ = child.communicate(job_to_json(job).encode())
            peak.join()
    seconds = time.monotonic() - began
    archive.shutdown()
    archive.server_close()
    events = [event_from_json(line) for line in said.decode().splitlines()]
    (done,) = (event for event in events if isinstance(event, SiteDone))
    return Measured(
        megabytes=peak.kilobytes / 1024,
        seconds=seconds,
        asked=archive.asked,
        listed=done.captures_listed,
        fetched=done.captures_fetched,
        outcome=done.outcome,
    )


class _Peak(threading.Thread):
    """Reads a process's high-water mark until it is gone."""

    def __init__(self, status: Path) -> None:
        super().__init__(daemon=True)
        self._status = status
        self.kilobytes = 0

    def run(self) -> None:
        while True:
            try:
                lines = self._status.read_text(encoding="ascii").splitlines()
            except OSError:
                return
            marks = [line.split()[1] for line in lines if line.startswith("VmHWM")]
            if not marks:
                return
            self.kilobytes = max(self.kilobytes, int(marks[0]))
            time.sleep(0.1)


def main() -> None:
    """Print a line for each number of captures."""
    numbers = [int(text) for text in sys.argv[1:]] or [1_000, 100_000, 1_000_000]
    print(f"{'captures':>10}{'peak MB':>9}{'seconds':>9}{'fetched':>9}  requests")
    for number in numbers:
        one = measured(number)
        print(
            f"{one.listed:>10}{one.megabytes:>9.0f}{one.seconds:>9.1f}{one.fetched:>9}"
            f"  {one.asked['cdx']} index, {one.asked['web']} replay; {one.outcome}",
            flush=True,
        )


if __name__ == "__main__":
    main()
