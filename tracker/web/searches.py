"""Full text search over all versions: who said it, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import overviews, search
from tracker.kept import find_site
from tracker.practice_filter import category_named, known_categories
from tracker.searching import excerpt, parse, said_document
from tracker.web import asking
from tracker.web.rendering import page
from tracker.web.shelf import shelved
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from storage.database import Connection
    from storage.search import Said

LIMIT = 50
COLUMNS = (
    "site",
    "first_version",
    "last_version",
    "versions",
    "in_force",
    "after",
    "first_seen",
    "last_seen",
    "practices",
    "text",
    "archive_url",
)


def searches(request: Request) -> Response:
    """``/search?q=``: ``first=1`` finds for each site the first version that says it."""
    form = form_wanted(request)
    query, site = asking.text(request, "q"), asking.text(request, "site")
    category, first = asking.text(request, "category"), asking.chosen(request, "first")
    known = known_categories(asking.config(request).classifier.path)
    terms = parse(query) if query else ()

    def look(conn: Connection) -> list[Said]:
        where = search.Where(
            site_ids=(find_site(conn, site).id,) if site else (),
            category=category_named(category, known) if category else None,
        )
        find = search.firsts if first else search.spans
        return find(conn, terms, where, limit=LIMIT + 1)

    def listed() -> Response:
        found = asking.retrieve(request, look) if terms else []
        return page(
            request,
            "search.html.j2",
            query=query,
            site=site,
            category=category,
            first=first,
            known=known,
            found=[(said, excerpt(said.text, terms)) for said in found[:LIMIT]],
            more=len(found) > LIMIT,
        )

    if form != "html":
        found = asking.retrieve(request, look) if terms else []
        documents = [said_document(said, terms) for said in found[:LIMIT]]
        return table_response(form, lambda: documents, lambda: documents, COLUMNS, "search")
    # Until anything is derived anew, whoever asks again is answered at once.
    return shelved(request, asking.retrieve(request, overviews.edition_of_all), listed)
