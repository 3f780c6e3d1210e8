"""The sites and their state, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.overviews import count_sites, page_of_sites
from storage.records import format_time
from tracker.web import asking
from tracker.web.rendering import page
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from storage.overviews import SiteState

PER_PAGE = 50
COLUMNS = (
    "site",
    "name",
    "versions",
    "first_seen",
    "last_seen",
    "changed",
    "silent",
    "crawled",
    "outcome",
    "reason",
)


def sites(request: Request) -> Response:
    """``/``: tracked sites by domain; ``?q=`` narrows them, ``?after=`` and ``?before=`` page."""
    form = form_wanted(request)
    match = asking.text(request, "q")
    after, before = asking.page_after(request), asking.text(request, "before")
    total, found = asking.retrieve(
        request,
        lambda conn: (
            count_sites(conn),
            page_of_sites(conn, match=match, after=after, before=before, limit=PER_PAGE + 1),
        ),
    )
    more = len(found) > PER_PAGE
    shown = found[1:] if before and more else found[:PER_PAGE]
    if form != "html":
        documents = [_document(state) for state in shown]
        return table_response(
            form, lambda: {"sites": documents}, lambda: documents, COLUMNS, "sites"
        )
    return page(
        request,
        "sites.html.j2",
        total=total,
        match=match,
        sites=shown,
        earlier=shown[0].domain if shown and (more if before else bool(after)) else None,
        later=shown[-1].domain if shown and (bool(before) or more) else None,
    )


def _document(state: SiteState) -> dict[str, Any]:
    return {
        "site": state.domain,
        "name": state.name,
        "versions": state.versions,
        "first_seen": _time(state.first_seen),
        "last_seen": _time(state.last_seen),
        "changed": _time(state.changed),
        "silent": state.silent,
        "crawled": _time(state.crawled),
        "outcome": state.outcome,
        "reason": state.reason,
    }


def _time(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None
