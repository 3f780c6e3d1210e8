"""What changed lately on all sites, as a page, a table and feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from storage import versions
from storage.overviews import Place, recent_changes
from tracker.comparison import compare
from tracker.history import change_document
from tracker.practice_filter import category_named, known_categories
from tracker.web import addresses, asking
from tracker.web.feeds import Entry, passages, render_feed
from tracker.web.rendering import page
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from storage.database import Connection
    from storage.overviews import RecentChange
    from tracker.web.feeds import Passages

PER_PAGE = 50
ENTRIES = 25
REMEMBERED = 2_000
_REMEMBERED: dict[str, Passages] = {}
COLUMNS = (
    "id",
    "site",
    "from",
    "to",
    "after",
    "before",
    "silent",
    "kind",
    "score",
    "words_added",
    "words_removed",
    "practices",
)


def changes(request: Request) -> Response:
    """``/changes``: the latest of all sites; ``?category=`` and ``?silent=1`` narrow them."""
    form = form_wanted(request)
    known = known_categories(asking.config(request).classifier.path)
    category, silent = asking.text(request, "category"), asking.chosen(request, "silent")
    chosen = category_named(category, known) if category else None
    after = _place(asking.page_after(request))
    found = asking.retrieve(
        request,
        lambda conn: recent_changes(
            conn, category=chosen, silent=silent, after=after, limit=PER_PAGE + 1
        ),
    )
    shown = found[:PER_PAGE]
    if form != "html":
        documents = [_document(one) for one in shown]
        return table_response(form, lambda: documents, lambda: documents, COLUMNS, "changes")
    return page(
        request,
        "changes.html.j2",
        changes=shown,
        known=known,
        category=chosen,
        silent=silent,
        first=after is None,
        later=_key(shown[-1].place) if len(found) > PER_PAGE else None,
    )


def feed(request: Request) -> Response:
    """``/feed.atom``: the latest changes of all sites; ``?category=`` those of one category."""
    known = known_categories(asking.config(request).classifier.path)
    category = asking.text(request, "category")
    chosen = category_named(category, known) if category else None
    return _feed(
        request,
        f"Policy changes: {chosen}" if chosen else "Policy changes",
        addresses.address("feed.atom", category=chosen),
        lambda conn: recent_changes(conn, category=chosen, limit=ENTRIES),
    )


def feed_of_site(request: Request) -> Response:
    """``/site/SITE/feed.atom``: of one site."""

    def found(conn: Connection) -> list[RecentChange]:
        site = asking.site(request, conn)
        return recent_changes(conn, site_id=site.id, limit=ENTRIES)

    name = request.path_params["site"]
    return _feed(request, f"Policy changes: {name}", addresses.site(name, "feed.atom"), found)


def _feed(
    request: Request,
    title: str,
    address: str,
    find: Callable[[Connection], list[RecentChange]],
) -> Response:
    def look(conn: Connection) -> list[Entry]:
        return [Entry(change=one, passages=_passages(conn, one)) for one in find(conn)]

    base = f"{request.url.scheme}://{request.headers['host']}"
    text = render_feed(title, base, address, asking.retrieve(request, look))
    return Response(text.encode("utf-8", "replace"), media_type="application/atom+xml")


def _passages(conn: Connection, one: RecentChange) -> Passages:
    """What changed, in words; remembered, since the texts of two versions never change."""
    known = _REMEMBERED.get(one.id)
    if known is None:
        markdown = [versions.document(conn, key).markdown for key in (one.old_id, one.new_id)]
        known = _REMEMBERED[one.id] = passages(compare(*markdown, directions=False)["segments"])
        while len(_REMEMBERED) > REMEMBERED:
            _REMEMBERED.pop(next(iter(_REMEMBERED)), None)
    return known


def _document(one: RecentChange) -> dict[str, Any]:
    return {"id": one.id, "site": one.site, **change_document(one.change)}


def _key(place: Place) -> str:
    return f"{asking.stamp(place.before)}.{place.site_id}.{place.number}"


def _place(key: str) -> Place | None:
    if not key:
        return None
    try:
        moment, site_id, number = key.split(".")
        return Place(asking.moment(moment), int(site_id), int(number))
    except ValueError as error:
        raise HTTPException(400, "That is no place in the list of changes") from error
