"""What ran, what runs next, and what could not be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage import captures
from storage.records import CaptureState
from tracker.clocks import utc_now
from tracker.kept import find_site
from tracker.schedule.health import health, health_line
from tracker.schedule.listing import ran, upcoming
from tracker.web import addresses, asking
from tracker.web.rendering import page
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from storage.database import Connection
    from storage.records import ListedCapture, Site

LIMIT, NEXT = 100, 20
COLUMNS = (
    "site",
    "due",
    "started",
    "ended",
    "outcome",
    "captures",
    "versions",
    "requests",
    "reason",
    "state",
    "covers",
    "attempts",
    "late",
    "seconds",
)
FAILURE_COLUMNS = ("site", "timestamp", "url", "role", "reason", "transient", "attempts")


def runs(request: Request) -> Response:
    """``/runs``: the latest runs; ``?site=`` and ``?failed=1`` narrow them, ``?next=1`` turns to
    what is to come.
    """
    form = form_wanted(request)
    key, failed = asking.text(request, "site"), asking.chosen(request, "failed")
    later = asking.chosen(request, "next")
    now = utc_now()

    def look(conn: Connection) -> tuple[Site | None, list[dict[str, Any]]]:
        site = find_site(conn, key) if key else None
        if later:
            return site, upcoming(conn, site, now, limit=LIMIT)
        return site, ran(conn, site, failed=failed, limit=LIMIT)

    site, found = asking.retrieve(request, look)
    if form != "html":
        return table_response(form, lambda: found, lambda: found, COLUMNS, "runs")
    coming, line = asking.retrieve(
        request,
        lambda conn: (upcoming(conn, site, now, limit=NEXT), health_line(health(conn, now))),
    )
    return page(
        request,
        "runs.html.j2",
        site=key,
        failed=failed,
        runs=[] if later else found,
        coming=found if later else coming,
        health=line,
        path=addresses.address("runs", site=key, failed=failed, next=later),
    )


def failures(request: Request) -> Response:
    """``/site/SITE/failures``: the captures that an archive lists and would not give."""
    form = form_wanted(request)

    def look(conn: Connection) -> tuple[Site, list[dict[str, Any]]]:
        site = asking.site(request, conn)
        found = captures.of_site(conn, site.id, state=CaptureState.FAILED)
        return site, [_failure(site, one) for one in found]

    site, found = asking.retrieve(request, look)
    if form != "html":
        name = f"{site.domain}-failures"
        return table_response(form, lambda: found, lambda: found, FAILURE_COLUMNS, name)
    return page(request, "failures.html.j2", site=site, failures=found)


def _failure(site: Site, listed: ListedCapture) -> dict[str, Any]:
    return {
        "site": site.domain,
        "url": listed.capture.original,
        "timestamp": listed.capture.timestamp,
        "reason": listed.reason,
        "transient": listed.transient,
        "role": listed.role.value,
        "attempts": listed.attempts,
    }
