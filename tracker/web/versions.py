"""A version's text: as a page, as Markdown, its segments as JSON and CSV, the archived bytes."""

from __future__ import annotations

import codecs
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from storage import segments, snapshots, versions
from storage.overviews import count_versions, edition
from tracker.history import version_document
from tracker.kept import find_version
from tracker.reporting import KeptLabels
from tracker.web import addresses, asking
from tracker.web.rendering import page
from tracker.web.shelf import shelved
from tracker.web.tables import form_wanted, table_response
from tracker.web.texts import blocks

if TYPE_CHECKING:
    from starlette.requests import Request

    from storage.database import Connection
    from storage.records import Site, Snapshot, Version

COLUMNS = ("position", "kind", "heading", "text", "practices")


def version(request: Request) -> Response:
    """``/site/SITE/version/NUMBER``."""
    form = form_wanted(request, "md")

    def look(conn: Connection) -> Response:
        site = asking.site(request, conn)

        def make() -> Response:
            shown = asking.version(request, conn, site)
            return _shown(request, conn, form, site, shown, doubt=None)

        return shelved(request, edition(conn, site.id), make)

    return asking.retrieve(request, look)


def at(request: Request) -> Response:
    """``/site/SITE/at/DAY``: the version in force on a day."""
    form = form_wanted(request, "md")

    def look(conn: Connection) -> Response:
        site = asking.site(request, conn)
        day = _day(request.path_params["day"])

        def make() -> Response:
            found = find_version(conn, f"{site.domain}@{day.isoformat()}")
            return _shown(request, conn, form, site, found.version, doubt=found.doubt, day=day)

        return shelved(request, edition(conn, site.id), make)

    return asking.retrieve(request, look)


def find_day(request: Request) -> Response:
    """``/site/SITE/at?day=``: where a form sends someone who chose a day."""
    day = _day(asking.text(request, "day"))
    return RedirectResponse(addresses.on(request.path_params["site"], day), status_code=303)


def by_id(request: Request) -> Response:
    """``/version/ID``: the version that other outputs name so."""

    def look(conn: Connection) -> Response:
        found = find_version(conn, request.path_params["id"].replace("@", "").replace("#", ""))
        target = addresses.version(found.site.domain, found.version.number)
        return RedirectResponse(target, status_code=303)

    return asking.retrieve(request, look)


def raw(request: Request) -> Response:
    """``/site/SITE/version/NUMBER/raw``: the archived bytes, as text or to be kept; never run."""

    def look(conn: Connection) -> Response:
        site = asking.site(request, conn)
        shown = asking.version(request, conn, site)
        snapshot = snapshots.by_id(conn, versions.snapshot_id(conn, shown.id))
        return _bytes(
            snapshots.body(conn, snapshot.id),
            snapshot,
            name=f"{site.domain}-{shown.number}",
            keep=asking.chosen(request, "download"),
        )

    return asking.retrieve(request, look)


def _shown(
    request: Request,
    conn: Connection,
    form: str,
    site: Site,
    shown: Version,
    *,
    doubt: str | None,
    day: date | None = None,
) -> Response:
    markdown = versions.document(conn, shown.id).markdown
    if form == "md":
        return Response(markdown.encode("utf-8", "replace"), media_type="text/plain")
    if form != "html":
        rows = _segments(conn, site, shown)
        document = {"site": site.domain, **version_document(shown), "segments": rows}
        name = f"{site.domain}-{shown.number}"
        return table_response(
            form,
            lambda: document,
            lambda: [{"position": at, **row} for at, row in enumerate(rows)],
            COLUMNS,
            name,
        )
    return page(
        request,
        "version.html.j2",
        site=site,
        version=shown,
        newest=count_versions(conn, site.id),
        doubt=doubt,
        day=day,
        blocks=blocks(markdown, KeptLabels(conn, [(site, shown)])),
    )


def _segments(conn: Connection, site: Site, shown: Version) -> list[dict[str, Any]]:
    return [
        {
            "text": one.text,
            "heading": one.heading,
            "kind": one.kind,
            "practices": list(one.categories),
        }
        for one in segments.of_version(conn, site.id, shown.number)
    ]


def _bytes(body: bytes, snapshot: Snapshot, *, name: str, keep: bool) -> Response:
    headers = {"content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'"}
    if keep or body.startswith(b"%PDF"):
        headers["content-disposition"] = f'attachment; filename="{_file_name(name)}"'
        return Response(body, media_type="application/octet-stream", headers=headers)
    charset = _charset(snapshot.content_type or "")
    headers["content-type"] = f"text/plain; charset={charset}"
    return Response(body, headers=headers)


def _file_name(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "-" for c in name)


def _charset(content_type: str) -> str:
    """The character set that the archive names, where it is one; UTF-8 else."""
    named = content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    try:
        return codecs.lookup(named).name if named.isascii() else "utf-8"
    except LookupError:
        return "utf-8"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise HTTPException(400, f"{text[:50]!r} is no day: write it as 2015-05-12") from error
