"""Any two versions of a site side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from storage import changes, versions
from storage.overviews import count_versions, edition
from tracker.classified_languages import is_classified
from tracker.comparison import compare
from tracker.history import version_document
from tracker.practice_filter import category_named, known_categories, restricted
from tracker.reporting import KeptLabels
from tracker.segment import segment
from tracker.web import addresses, asking
from tracker.web.pairs import folded, places, side_by_side
from tracker.web.rendering import page
from tracker.web.shelf import shelved
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from storage.database import Connection
    from storage.records import Site, Version
    from tracker.comparison import ComparisonJson

CONTEXT = 2
COLUMNS = (
    "op",
    "old",
    "new",
    "old_text",
    "new_text",
    "words_added",
    "words_removed",
    "practices",
    "direction",
)


def diff(request: Request) -> Response:
    """``/site/SITE/diff/OLD/NEW``: ``?all=1`` shows unchanged text too, ``?only=`` a category."""

    def look(conn: Connection) -> Response:
        site = asking.site(request, conn)
        return shelved(request, edition(conn, site.id), lambda: _made(request, conn, site))

    return asking.retrieve(request, look)


def _made(request: Request, conn: Connection, site: Site) -> Response:
    form = form_wanted(request)
    old = asking.version(request, conn, site, "old")
    new = asking.version(request, conn, site, "new")
    known = known_categories(asking.config(request).classifier.path)
    only = asking.text(request, "only")
    chosen = (category_named(only, known),) if only else ()
    compared = compare_versions(conn, site, old, new)
    shown = restricted(compared, chosen)
    if form != "html":
        sides = {
            name: {"site": site.domain, **version_document(version)}
            for name, version in (("old", old), ("new", new))
        }
        name = f"{site.domain}-{old.number}-{new.number}"
        document = {**shown, **sides}
        return table_response(form, lambda: document, lambda: shown["segments"], COLUMNS, name)
    rows, whole = compared["segments"], asking.chosen(request, "all")
    pairs = side_by_side(rows) if whole else folded(rows, CONTEXT, only=chosen)
    return page(
        request,
        "diff.html.j2",
        site=site,
        old=old,
        new=new,
        newest=count_versions(conn, site.id),
        compared=shown,
        pairs=pairs,
        places=places(pairs),
        whole=whole,
        only=chosen[0] if chosen else "",
        known=known,
    )


def choose(request: Request) -> Response:
    """``/site/SITE/diff?old=&new=``: where a form sends someone who chose two versions."""
    old, new = (asking.number(asking.text(request, name)) for name in ("old", "new"))
    target = addresses.diff(request.path_params["site"], old, new)
    return RedirectResponse(target, status_code=303)


def compare_versions(conn: Connection, site: Site, old: Version, new: Version) -> ComparisonJson:
    """What ``tracker diff`` says of two versions of a site."""
    labels = KeptLabels(conn, [(site, old), (site, new)])
    change = changes.to_version(conn, site.id, new.number)
    # Half of the work; where it found nothing when the change was derived, it finds nothing now.
    claimed = change is None or change.old_number != old.number or bool(change.directions)
    before, after = (versions.document(conn, version.id).markdown for version in (old, new))
    return compare(
        before,
        after,
        classify=labels,
        old_practices=labels(segment(before)),
        directions=claimed and is_classified(new.language),
    )
