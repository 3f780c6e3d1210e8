"""Figures for Prometheus, in its text format 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import contextlib
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from storage import outbox, runs
from storage.errors import StorageError
from storage.notices import NoticeState
from tracker.errors import TrackerError
from tracker.schedule.health import health

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from storage.database import Connection, Database
    from tracker.clocks import Clock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]


def metrics(conn: Connection, now: datetime) -> str:
    """All figures, read from the database: the same whichever process is asked."""
    found = health(conn, now)
    totals = runs.totals(conn)
    kept = outbox.counts(conn)
    families: list[tuple[str, str, str, Iterable[Sample]]] = [
        ("runs_total", "counter", "Runs that ended, by outcome.", _by_outcome(totals, "runs")),
        ("due_total", "counter", "Due moments that they stand for.", _by_outcome(totals, "covers")),
        ("captures_total", "counter", "Captures fetched by runs.", _sum(totals, "captures")),
        ("late_captures_total", "counter", "Captures that came late.", _sum(totals, "late")),
        ("versions_total", "counter", "Versions that were new to a run.", _sum(totals, "versions")),
        (
            "requests_total",
            "counter",
            "Requests to the archive by runs.",
            [
                ({"kind": kind}, float(sum(one[f"requests_{kind}"] for one in totals.values())))
                for kind in ("cdx", "replay")
            ],
        ),
        ("runs_waiting", "gauge", "Runs that are due.", _one(found.waiting)),
        ("runs_running", "gauge", "Runs under way.", _one(found.running)),
        (
            "overdue_seconds",
            "gauge",
            "How long the run has waited that has waited longest.",
            _one(found.overdue.total_seconds()),
        ),
        ("schedules", "gauge", "Schedules that are not paused.", _one(found.schedules)),
        ("schedulers", "gauge", "Schedulers that are alive.", _one(found.alive)),
        ("sites_quarantined", "gauge", "Quarantined sites.", _one(len(found.quarantined))),
        (
            "last_success_timestamp_seconds",
            "gauge",
            "When a run went well last.",
            _one(found.last_good.timestamp()) if found.last_good else [],
        ),
        (
            "notices",
            "gauge",
            "Notices in the outbox, by state.",
            [({"state": state.value}, float(kept.get(state, 0))) for state in NoticeState],
        ),
    ]
    return "".join(_family(*family) for family in families)


def _family(name: str, kind: str, text: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP tracker_{name} {text}", f"# TYPE tracker_{name} {kind}"]
    for labels, value in samples:
        shown = ",".join(f'{key}="{label}"' for key, label in labels.items())
        braces = f"{{{shown}}}" if shown else ""
        lines.append(f"tracker_{name}{braces} {value!r}")
    return "\n".join(lines) + "\n"


def _by_outcome(totals: dict[str, dict[str, int]], column: str) -> list[Sample]:
    outcomes = ("done", "partial", "stopped", "failed")
    return [({"outcome": one}, float(totals.get(one, {}).get(column, 0))) for one in outcomes]


def _sum(totals: dict[str, dict[str, int]], column: str) -> list[Sample]:
    return _one(sum(one[column] for one in totals.values()))


def _one(value: float) -> list[Sample]:
    return [({}, float(value))]


@contextmanager
def served_metrics(db: Database, clock: Clock, port: int) -> Iterator[int]:
    """Serve the figures at ``http://127.0.0.1:PORT/metrics`` meanwhile; answers the port.

    Raises:
        TrackerError: the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] not in {"/metrics", "/"}:
                self.send_error(404)
                return
            try:
                text = db.retrieve(partial(_metrics, clock()))
            except StorageError as error:
                self.send_error(503, str(error))
                return
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
            """Who reads the figures is no event."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise TrackerError(f"cannot serve metrics on port {port}: {error.strerror}") from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _metrics(now: datetime, conn: Connection) -> str:
    return metrics(conn, now)
