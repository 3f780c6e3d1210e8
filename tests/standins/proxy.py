"""An archive that says no: a proxy on loopback that spoils answers on their way, by a seed.

It stands before any server that speaks the Wayback's dialect. What befalls a request follows from
the seed, its address and how often that was asked, whatever the order of requests; an address is
spoilt ``PER_ADDRESS`` times at most and never twice in one way, so that every fault passes.
"""

from __future__ import annotations

import gzip
import http.client
import json
import random
import threading
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tests.standins.loopback import Handler, LoopbackServer, Server
from tests.standins.request_log import Request

if TYPE_CHECKING:
    from pathlib import Path

PER_ADDRESS = 3
IN_FLIGHT_SECONDS = 0.4
"""What arrives so soon after a refusal may have been under way when that was sent."""


class Trouble(StrEnum):
    """One way in which an answer is spoilt; the archive's own answer never reaches the client."""

    TOO_MANY = "429 without a time"
    TOO_MANY_NAMED = "429 with Retry-After"
    UNAVAILABLE = "503 of the archive"
    COLD = "504, then fine"
    RESET = "reset before the answer"
    RESET_MIDWAY = "reset within the body"
    TRUNCATED = "body cut off"
    CUT_UNSAID = "body cut off, without a length"
    TOO_SHORT_A_LENGTH = "a length that cuts the body"
    STALLED = "body stalls"
    WEB_PAGE = "a web page in its place"
    EMPTY = "200 and nothing"
    DOUBLED_GZIP = "packed twice"
    LEAVES = "redirect out of the archive"
    ELSEWHERE = "redirect to a capture months away"
    MALFORMED_ROWS = "malformed rows between the rows"


ONLY_INDEX = (Trouble.MALFORMED_ROWS,)
ONLY_REPLAY = (Trouble.DOUBLED_GZIP, Trouble.LEAVES, Trouble.ELSEWHERE)
REFUSALS = (Trouble.TOO_MANY, Trouble.TOO_MANY_NAMED, Trouble.UNAVAILABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes wrong how often: shares of requests, from 0 to 1.

    ``pause``: how long nothing may be asked after a refusal that names no time.
    ``window_after``: after so many answers all are 429 for ``window_seconds``; 0: never.
    """

    seed: int = 0
    index: float = 0.0
    replay: float = 0.0
    kinds: tuple[Trouble, ...] = tuple(Trouble)
    pause: float = 0.5
    stall_seconds: float = 30.0
    window_after: int = 0
    window_seconds: float = 0.0


@dataclass(slots=True)
class Upstream:
    """An answer of the server behind."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(slots=True)
class _State:
    """What the proxy remembers of one plan; used under a lock."""

    plan: Plan
    asked: Counter[str] = field(default_factory=Counter)
    met: dict[str, list[Trouble]] = field(default_factory=dict)
    refused_at: float = 0.0
    closed_until: float = 0.0
    served: int = 0


class FaultProxy(LoopbackServer):
    """The proxy.

    ``injected`` counts what was done, ``into_pauses`` the requests that came while the archive had
    asked for none, ``bad_rows`` the malformed rows that were put between good ones.
    """

    def __init__(self, upstream: str, log: Path, plan: Plan | None = None) -> None:
        super().__init__(log, _Handler)
        self.upstream = upstream.rstrip("/")
        self.injected: Counter[Trouble] = Counter()
        self.into_pauses = 0
        self.in_windows = 0
        self.bad_rows = 0
        self._state = _State(plan or Plan())
        self._lock = threading.Lock()

    @property
    def plan(self) -> Plan:
        return self._state.plan

    @plan.setter
    def plan(self, plan: Plan) -> None:
        with self._lock:
            self._state = _State(plan)

    def next(self, service: str, path: str) -> tuple[Trouble | None, float]:
        """What befalls this request, and for how many seconds nothing more may be asked."""
        with self._lock:
            state, now = self._state, time.monotonic()
            if now < state.closed_until:
                self.in_windows += 1
                self.into_pauses += now > state.refused_at + IN_FLIGHT_SECONDS
                return Trouble.TOO_MANY, state.closed_until - now
            state.asked[path] += 1
            state.served += 1
            trouble = self._drawn(service, path)
            rest = 0.0
            if state.plan.window_after and state.served > state.plan.window_after:
                trouble, rest, state.served = Trouble.TOO_MANY, state.plan.window_seconds, 0
            elif trouble in REFUSALS:
                rest = 1.0 if trouble is Trouble.TOO_MANY_NAMED else state.plan.pause
            if trouble:
                self.injected[trouble] += 1
            if rest:
                state.refused_at, state.closed_until = now, now + rest
            return trouble, rest

    def _drawn(self, service: str, path: str) -> Trouble | None:
        state = self._state
        met = state.met.setdefault(path, [])
        draw = random.Random(f"{state.plan.seed} {path} {state.asked[path]}")
        share = {"cdx": state.plan.index, "replay": state.plan.replay}.get(service, 0.0)
        if len(met) >= PER_ADDRESS or draw.random() >= share:
            return None
        others = ONLY_REPLAY if service == "cdx" else ONLY_INDEX
        possible = [kind for kind in state.plan.kinds if kind not in (*met, *others)]
        if not possible:
            return None
        met.append(draw.choice(possible))
        return met[-1]

    def count_bad_rows(self, number: int) -> None:
        with self._lock:
            self.bad_rows += number


class _Handler(Handler):
    server: Server[FaultProxy]

    def answer(self) -> None:
        proxy, arrived = self.server.owner, time.time()
        service = "cdx" if self.path.startswith("/cdx/") else "replay"
        trouble, rest = proxy.next(service, self.path)
        if trouble in (*REFUSALS, Trouble.COLD, Trouble.RESET):
            answer = _refused(trouble, rest)
        else:
            answer = self._fetch(proxy)
            if trouble is not None:
                answer = self._spoilt(trouble, answer)
        proxy.log.write(
            Request(
                time=arrived,
                service=service,
                method=self.command,
                path=self.path,
                status=answer.status,
                fault=trouble,
            )
        )
        self._send(answer, trouble)

    def _fetch(self, proxy: FaultProxy) -> Upstream:
        server = urllib.parse.urlsplit(proxy.upstream)
        connection = http.client.HTTPConnection(server.netloc, timeout=60)
        wanted = self.headers.get("Accept-Encoding", "identity")
        try:
            connection.request("GET", self.path, headers={"Accept-Encoding": wanted})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        headers = [
            (name, value.replace(proxy.upstream, proxy.url))
            for name, value in response.getheaders()
            if name.lower() not in {"content-length", "connection", "date", "server"}
        ]
        return Upstream(response.status, headers, body)

    def _spoilt(self, trouble: Trouble, answer: Upstream) -> Upstream:
        if trouble is Trouble.WEB_PAGE:
            page = b"<!DOCTYPE html><title>Internet Archive: Scheduled Maintenance</title>"
            return Upstream(200, [("Content-Type", "text/html")], page)
        if trouble is Trouble.EMPTY:
            return Upstream(200, [("Content-Type", "text/html")], b"")
        if trouble is Trouble.LEAVES:
            return Upstream(302, [("Location", "http://archive.example/login?next=/")], b"")
        if trouble is Trouble.ELSEWHERE:
            _, web, timestamp, url = self.path.split("/", 3)
            year = int(timestamp[:4]) + 1
            away = f"{self.server.owner.url}/{web}/{year}{timestamp[4:]}/{url}"
            return Upstream(302, [("Location", away)], b"")
        if trouble is Trouble.DOUBLED_GZIP:
            headers = [pair for pair in answer.headers if pair[0].lower() != "content-encoding"]
            body = gzip.compress(gzip.compress(answer.body))
            return Upstream(answer.status, [*headers, ("Content-Encoding", "gzip")], body)
        if trouble is Trouble.MALFORMED_ROWS:
            body, number = _with_bad_rows(answer.body)
            self.server.owner.count_bad_rows(number)
            return Upstream(answer.status, answer.headers, body)
        return answer

    def _send(self, answer: Upstream, trouble: Trouble | None) -> None:
        if trouble is Trouble.RESET:
            self.reset()
            return
        body, length = answer.body, len(answer.body)
        spoils = (
            Trouble.RESET_MIDWAY,
            Trouble.TRUNCATED,
            Trouble.CUT_UNSAID,
            Trouble.STALLED,
            Trouble.TOO_SHORT_A_LENGTH,
        )
        if trouble in spoils:
            body, self.close_connection = body[: length // 2], True
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if trouble is Trouble.TOO_SHORT_A_LENGTH:
            length = len(body)
        if trouble is not Trouble.CUT_UNSAID:
            self.send_header("Content-Length", str(length))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
        if trouble is Trouble.RESET_MIDWAY:
            self.reset()
        elif trouble is Trouble.STALLED:
            self._stall()

    def _stall(self) -> None:
        """Say no more until the client has had enough."""
        self.connection.settimeout(self.server.owner.plan.stall_seconds)
        try:
            self.connection.recv(1)
        except TimeoutError:
            return


def _refused(trouble: Trouble | None, rest: float) -> Upstream:
    plain = [("Content-Type", "text/plain")]
    if trouble is Trouble.UNAVAILABLE:
        return Upstream(503, plain, b"Service Unavailable\n")
    if trouble is Trouble.COLD:
        return Upstream(504, plain, b"Gateway Time-out\n")
    if trouble is Trouble.TOO_MANY_NAMED:
        return Upstream(429, [*plain, ("Retry-After", str(round(rest)))], b"Too Many Requests\n")
    return Upstream(429, plain, b"Too Many Requests\n")


def _with_bad_rows(body: bytes) -> tuple[bytes, int]:
    """An index's answer with each of its rows once more, in a form that cannot be read."""
    table = json.loads(body or b"[]")
    rows: list[object] = table[:1]
    spoilt = 0
    for number, row in enumerate(table[1:]):
        rows.append(row)
        if len(row) < 7:
            # The end of a page: an empty row and the key of the next one.
            continue
        bad: tuple[object, ...] = (
            row[:2],
            None,
            " ".join(row),
            [*row, "one more"],
            [row[0], "20150231", *row[2:]],
            [row[0], row[1], "not a URL", *row[3:]],
            [row[0], "????????000000", *row[2:]],
        )
        rows.append(bad[number % len(bad)])
        spoilt += 1
    return json.dumps(rows).encode(), spoilt
