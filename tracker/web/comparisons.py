"""Any two versions of a site side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from storage import versions
from storage.overviews import count_versions
from tracker.comparison import compare
from tracker.history import version_document
from tracker.labels import is_classified
from tracker.practice_filter import category_named, known_categories, restricted
from tracker.reporting import KeptLabels
from tracker.segment import segment
from tracker.web import addresses, asking
from tracker.web.pairs import folded, keys, side_by_side
from tracker.web.rendering import page
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
    form = form_wanted(request)
    whole, only = asking.chosen(request, "all"), asking.text(request, "only")

    def look(conn: Connection) -> Response:
        site = asking.site(request, conn)
        old = asking.version(request, conn, site, "old")
        new = asking.version(request, conn, site, "new")
        known = known_categories(asking.config(request).classifier.path)
        chosen = (category_named(only, known),) if only else ()
        compared = compare_versions(conn, site, old, new)
        if form != "html":
            sides = {
                name: {"site": site.domain, **version_document(version)}
                for name, version in (("old", old), ("new", new))
            }
            name = f"{site.domain}-{old.number}-{new.number}"
            shown = restricted(compared, chosen)
            document = {**shown, **sides}
            return table_response(form, lambda: document, lambda: shown["segments"], COLUMNS, name)
        rows = compared["segments"]
        pairs = side_by_side(rows) if whole else folded(rows, CONTEXT, only=chosen)
        return page(
            request,
            "diff.html.j2",
            site=site,
            old=old,
            new=new,
            newest=count_versions(conn, site.id),
            compared=restricted(compared, chosen),
            pairs=pairs,
            stops=keys(pairs),
            whole=whole,
            only=chosen[0] if chosen else "",
            known=known,
        )

    return asking.retrieve(request, look)


def choose(request: Request) -> Response:
    """``/site/SITE/diff?old=&new=``: where a form sends someone who chose two versions."""
    old, new = (asking.number(asking.text(request, name)) for name in ("old", "new"))
    target = addresses.diff(request.path_params["site"], old, new)
    return RedirectResponse(target, status_code=303)


def compare_versions(conn: Connection, site: Site, old: Version, new: Version) -> ComparisonJson:
    """What ``tracker diff`` says of two versions of a site."""
    labels = KeptLabels(conn, [(site, old), (site, new)])
    before, after = (versions.document(conn, version.id).markdown for version in (old, new))
    return compare(
        before,
        after,
        classify=labels,
        old_practices=labels(segment(before)),
        directions=is_classified(new.language),
    )
