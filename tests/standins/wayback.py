"""A stand-in for the Wayback Machine on loopback: its CDX and replay dialects, before a pywb.

pywb decodes and serves the records; what differs between pywb and the Wayback Machine is done here:
the index's dialect, the redirect to the nearest capture's own time, archived redirects that stay in
the archive, the ``Link`` header, exclusions, and the faults a test switches on. It logs requests.
"""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from typing import TYPE_CHECKING

from tests.standins import cdx_index
from tests.standins.faults import Fault, FaultPlan, Faults
from tests.standins.loopback import Handler, LoopbackServer, Server
from tests.standins.replay import Replay, Reply, Wanted
from tests.standins.request_log import Request
from tests.standins.save import SavePage

if TYPE_CHECKING:
    from pathlib import Path

_CDX = frozenset({"/cdx/search/cdx", "/cdx/search"})
_REPLAY = re.compile(r"/web/(\d{1,14})([a-z]{2}_)?/(.+)")


class WaybackStandIn(LoopbackServer):
    """The server.

    ``collection`` is the URL of a pywb collection, ``index`` its CDXJ file, ``warc`` the file that
    the index's offsets point into, ``log`` where requests are written as JSON lines.
    """

    def __init__(
        self, *, collection: str, index: Path, warc: Path, log: Path, faults: Faults | None = None
    ) -> None:
        super().__init__(log, _Handler)
        self.rows = list(cdx_index.load(index))
        self.save_page = SavePage(self.rows)
        self.replay = Replay(rows=self.rows, collection=collection, warc=warc)
        self.plan = FaultPlan(faults or Faults())

    @property
    def faults(self) -> Faults:
        return self.plan.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.plan = FaultPlan(faults)


class _Handler(Handler):
    server: Server[WaybackStandIn]

    def answer(self) -> None:
        path, arrived = urllib.parse.urlsplit(self.path), time.time()
        is_cdx = path.path.rstrip("/") in _CDX
        match = None if is_cdx else _REPLAY.fullmatch(self.path)
        is_save = path.path == "/save" or path.path.startswith("/save/")
        service = "cdx" if is_cdx else "replay" if match else "save" if is_save else "other"
        fault = self.server.owner.plan.next(service, self.path)
        if is_cdx:
            refused, reply = self._cdx(urllib.parse.parse_qs(path.query), fault)
        elif match:
            refused, reply = self._replay(match, fault)
        elif is_save:
            refused, reply = self._save(fault)
        else:
            refused, reply = None, Reply(status=404, body=b"Not here.\n")
        self.server.owner.log.write(
            Request(
                time=arrived,
                service=service,
                method=self.command,
                path=self.path,
                status=reply.status,
                fault=fault or refused,
            )
        )
        self._send(reply, fault or refused)

    def do_POST(self) -> None:  # noqa: N802, the base class's name
        self.answer()

    def do_HEAD(self) -> None:  # noqa: N802, the base class's name
        self.answer()

    def _cdx(
        self, parameters: dict[str, list[str]], fault: Fault | None
    ) -> tuple[Fault | None, Reply]:
        standin = self.server.owner
        if reply := _archives_own_error(fault, standin.faults):
            return None, reply
        if refused := _refusal(parameters.get("url", [""])[0], standin.faults):
            reason = _REASONS[refused]
            body = f"org.archive.util.io.RuntimeIOException: org.archive.wayback.exception.{reason}"
            return refused, _text(403, body)
        if standin.faults.html_cdx:
            body = "<!DOCTYPE html><html><body><h1>Internet Archive: Scheduled Maintenance</h1>"
            return None, Reply(
                status=200, body=body.encode(), headers=[("Content-Type", "text/html")]
            )
        if "showNumPages" in parameters:
            return None, _text(200, "1\n")
        if parameters.get("page", ["0"])[0] not in ("0", ""):
            return None, _text(200, "")
        try:
            answer = cdx_index.query(standin.rows, parameters)
        except cdx_index.BadQueryError as error:
            return None, _text(400, f"{error}\n")
        rows = _broken(answer.rows, standin.faults.malformed_rows_every)
        if parameters.get("output", [""])[0] == "json":
            return None, _json(answer.fields, rows, answer.resume_key)
        lines = "".join(" ".join(row) + "\n" for row in rows)
        return None, _text(200, lines + (f"\n{answer.resume_key}\n" if answer.resume_key else ""))

    def _replay(self, match: re.Match[str], fault: Fault | None) -> tuple[Fault | None, Reply]:
        standin = self.server.owner
        if reply := _archives_own_error(fault, standin.faults):
            return None, reply
        timestamp, modifier, url = match.groups()
        url = re.sub(r"^(https?:/)(?=[^/])", r"\1/", url)
        if refused := _refusal(url, standin.faults):
            reply = _text(403, "This URL has been excluded from the Wayback Machine.\n")
            reply.headers.append(("X-Archive-Wayback-Runtime-Error", _REASONS[refused]))
            return refused, reply
        wanted = Wanted(
            base=standin.url,
            timestamp=timestamp,
            modifier=modifier or "",
            url=url,
            accept_encoding=self.headers.get("Accept-Encoding", "identity"),
            leave_archive=standin.faults.leave_archive,
            double_gzip=standin.faults.double_gzip,
        )
        return None, standin.replay.answer(wanted)

    def _save(self, fault: Fault | None) -> tuple[Fault | None, Reply]:
        standin = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if reply := _archives_own_error(fault, standin.faults):
            return None, reply
        headers = {name.lower(): value for name, value in self.headers.items()}
        return None, standin.save_page.answer(
            self.command, self.path, headers, body, standin.faults
        )

    def _send(self, reply: Reply, fault: Fault | None) -> None:
        if fault is Fault.RESET:
            self.reset()
            return
        length, body = len(reply.body), reply.body
        if fault is Fault.TRUNCATED:
            body = body[: length // 2]
        elif fault is Fault.WRONG_LENGTH:
            length = max(0, length - 10)
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        if fault in (Fault.TRUNCATED, Fault.WRONG_LENGTH):
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


_REASONS = {
    Fault.EXCLUDED: "AdministrativeAccessControlException: Blocked Site Error",
    Fault.ROBOTS: "RobotAccessControlException: Blocked By Robots",
}


def _refusal(url: str, faults: Faults) -> Fault | None:
    host = urllib.parse.urlsplit(url if "://" in url else f"http://{url}").hostname or ""
    for domains, fault in ((faults.excluded, Fault.EXCLUDED), (faults.robots, Fault.ROBOTS)):
        if any(host == domain or host.endswith(f".{domain}") for domain in domains):
            return fault
    return None


def _archives_own_error(fault: Fault | None, faults: Faults) -> Reply | None:
    if fault is Fault.TOO_MANY:
        reply = _text(429, "Too Many Requests\n")
        if faults.retry_after is not None:
            reply.headers.append(("Retry-After", str(faults.retry_after)))
        return reply
    if fault is Fault.UNAVAILABLE:
        return _text(503, "Service Unavailable\n")
    if fault is Fault.COLD:
        return _text(504, "Gateway Time-out\n")
    return None


def _broken(rows: tuple[tuple[str, ...], ...], every: int) -> list[tuple[str, ...]]:
    return [
        row[:2] if every and number % every == 0 else row
        for number, row in enumerate(rows, start=1)
    ]


def _json(fields: tuple[str, ...], rows: list[tuple[str, ...]], resume_key: str | None) -> Reply:
    table = [list(fields), *map(list, rows)] if rows else []
    if resume_key:
        table += [[], [resume_key]]
    body = json.dumps(table).encode() + b"\n"
    return Reply(status=200, body=body, headers=[("Content-Type", "application/json")])


def _text(status: int, text: str) -> Reply:
    return Reply(status=status, body=text.encode(), headers=[("Content-Type", "text/plain")])
