"""A site's page: its policy's versions in time, drawn and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from storage.overviews import count_failures, edition, state_of_site
from storage.records import CaptureState
from tracker.history import history_document
from tracker.kept import capture_times, history_of
from tracker.reports.html import heat, shown_categories
from tracker.web import addresses, asking
from tracker.web.rendering import page
from tracker.web.shelf import shelved
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from storage.database import Connection
    from storage.records import Site, Version

COLUMNS = (
    "number",
    "id",
    "url",
    "first_seen",
    "last_seen",
    "captures",
    "stated_date",
    "language",
    "words",
    "practices",
    "after",
    "silent",
    "kind",
    "words_added",
    "words_removed",
    "practices_changed",
    "archive_url",
    "text_sha256",
)


def history(request: Request) -> Response:
    """``/site/SITE``: the story of a site, as ``tracker history`` tells it."""
    form = form_wanted(request)

    def look(conn: Connection) -> Response:
        site = asking.site(request, conn)
        if site.domain != request.path_params["site"]:
            return RedirectResponse(addresses.site(site.domain), status_code=303)
        if form == "html":
            return shelved(request, edition(conn, site.id), lambda: _page(request, conn, site))
        document = history_document(history_of(conn, site))
        return table_response(form, lambda: document, lambda: _rows(document), COLUMNS, site.domain)

    return asking.retrieve(request, look)


def _page(request: Request, conn: Connection, site: Site) -> Response:
    story = history_of(conn, site)
    return page(
        request,
        "site.html.j2",
        site=site,
        state=state_of_site(conn, site.id),
        failures=count_failures(conn, site.id),
        history=story,
        change_into={change.new_number: change for change in story.changes},
        heat_rows=heat_rows(story.versions),
        captures=capture_times(conn, site),
        unread=capture_times(conn, site, CaptureState.LISTED),
    )


def heat_rows(versions: Sequence[Version]) -> list[tuple[str, list[tuple[int, int]]]]:
    """The heat map: for each category the count in every version, and how dark that is."""
    rows = []
    for category in shown_categories(versions):
        levels: dict[int, int] = {}
        cells = []
        for version in versions:
            count = version.practices.get(category, 0)
            if count not in levels:
                levels[count] = heat(version, category, versions)
            cells.append((count, levels[count]))
        rows.append((category, cells))
    return rows


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a version, each with the change that made it."""
    changes = {change["to"]: change for change in document["changes"]}
    rows = []
    for version in document["versions"]:
        change = dict(changes.get(version["number"], {}))
        change["practices_changed"] = change.pop("practices", None)
        rows.append({**change, **version})
    return rows
