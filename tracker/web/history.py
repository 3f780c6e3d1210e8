"""A site's page: its policy's versions in time, drawn and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from storage.overviews import state_of_site
from tracker.history import history_document
from tracker.kept import capture_times, history_of
from tracker.web import addresses, asking
from tracker.web.rendering import page
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from storage.database import Connection

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
        story = history_of(conn, site)
        if form != "html":
            document = history_document(story)
            return table_response(
                form, lambda: document, lambda: _rows(document), COLUMNS, site.domain
            )
        return page(
            request,
            "site.html.j2",
            site=site,
            state=state_of_site(conn, site.id),
            history=story,
            change_into={change.new_number: change for change in story.changes},
            captures=capture_times(conn, site),
        )

    return asking.retrieve(request, look)


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """A row a version, each with the change that made it."""
    changes = {change["to"]: change for change in document["changes"]}
    rows = []
    for version in document["versions"]:
        change = dict(changes.get(version["number"], {}))
        change["practices_changed"] = change.pop("practices", None)
        rows.append({**change, **version})
    return rows
