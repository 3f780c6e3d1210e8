"""Pages from templates. Everything goes through Jinja's autoescape; nothing is marked safe here."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from storage.records import format_time
from tracker.classified_languages import why_unclassified
from tracker.reports.folding import Fold
from tracker.reports.html import web_address
from tracker.reports.runs import cells, is_heading, runs
from tracker.reports.tags import tags_of, went
from tracker.reports.timeline import timeline
from tracker.web import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

STATIC = {
    "report.css": ("tracker.reports", "templates", "text/css"),
    "app.css": ("tracker.web", "static", "text/css"),
    "app.js": ("tracker.web", "static", "text/javascript"),
    "icon.svg": ("tracker.web", "static", "image/svg+xml"),
}
"""The files that pages refer to: the package and folder of each, and its media type."""

SECTIONS = (
    ("Sites", "/"),
    ("Changes", "/changes"),
    ("Review", "/review"),
    ("Search", "/search"),
    ("Trends", "/trends"),
    ("Runs", "/runs"),
)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """A page of the app; ``values`` are what its template shows."""
    html = (
        environment()
        .get_template(template)
        .render(here=request.url.path, user=getattr(request.state, "user", None), **values)
    )
    return HTMLResponse(html, status_code=status, headers=dict(headers or {}))


def refusal(
    request: Request,
    status: int,
    title: str,
    text: str,
    *,
    headers: Mapping[str, str] | None = None,
    sign_in: bool = False,
) -> HTMLResponse:
    """A page that says why there is no other, and what to do."""
    return page(
        request,
        "refusal.html.j2",
        status=status,
        headers=headers,
        title=title,
        text=text,
        sign_in=sign_in,
        target=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
    )


@cache
def static_file(name: str) -> bytes:
    """The bytes of one of the files that pages refer to.

    Raises:
        KeyError: there is no such file.
    """
    package, folder, _ = STATIC[name]
    return resources.files(package).joinpath(folder, name).read_bytes()


@cache
def static_address(name: str) -> str:
    """Where a file is served; another content has another address, so that it can be kept."""
    return addresses.address("static", name, v=sha256(static_file(name)).hexdigest()[:12])


@cache
def environment() -> Environment:
    """The templates, compiled once."""
    made = Environment(
        loader=PackageLoader("tracker.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        day=lambda moment: f"{moment:%Y-%m-%d}",
        iso=format_time,
        web=web_address,
        count=lambda number: f"{number:,}",
        why_unclassified=why_unclassified,
    )
    made.tests.update(heading=is_heading, fold=lambda item: isinstance(item, Fold))
    made.globals.update(
        SECTIONS=SECTIONS,
        address=addresses.address,
        site_address=addresses.site,
        version_address=addresses.version,
        diff_address=addresses.diff,
        static=static_address,
        cells=cells,
        runs=runs,
        tags_of=tags_of,
        timeline=timeline,
        went=went,
    )
    return made
