"""What a page's address asks for, read out of the request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from starlette.exceptions import HTTPException

from storage import versions
from tracker.errors import RequestError
from tracker.kept import find_site

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from storage.database import Connection, Database
    from storage.records import Site, Version
    from tracker.config import Config

T = TypeVar("T")

LARGEST_NUMBER = 10**9


def retrieve(request: Request, work: Callable[[Connection], T]) -> T:
    """Read something from the app's database in one transaction."""
    return database(request).retrieve(work)


def database(request: Request) -> Database:
    """The app's database."""
    db: Database = request.app.state.db
    return db


def config(request: Request) -> Config:
    """The app's configuration."""
    read: Config = request.app.state.config
    return read


def text(request: Request, name: str, *, longest: int = 500) -> str:
    """A field of the query, "" where it is missing.

    Raises:
        HTTPException: it is too long (400).
    """
    value = request.query_params.get(name, "").strip()
    if len(value) > longest:
        raise HTTPException(400, f"{name} is longer than {longest} characters")
    return value


def chosen(request: Request, name: str) -> bool:
    """Whether a box was ticked."""
    return request.query_params.get(name, "") not in {"", "0"}


def page_after(request: Request) -> str:
    """The key after which a page of a list begins, "" for its beginning.

    Raises:
        HTTPException: a page was asked for by number: lists grow at their top (400).
    """
    if "page" in request.query_params:
        raise HTTPException(400, "Pages have no numbers: follow the link to the next one")
    return text(request, "after")


def number(value: str) -> int:
    """A whole number in an address.

    Raises:
        HTTPException: it is none, or none that could be meant (404).
    """
    if not (value.isascii() and value.isdigit()) or int(value[:10]) > LARGEST_NUMBER:
        raise HTTPException(404, f"{value[:50]!r} is no number of a version")
    return int(value)


def site(request: Request, conn: Connection) -> Site:
    """The site in the address.

    Raises:
        TrackerError: it is not tracked.
    """
    return find_site(conn, request.path_params["site"])


def version(request: Request, conn: Connection, of: Site, name: str = "number") -> Version:
    """The version in the address.

    Raises:
        HTTPException: the site has none of this number (404).
    """
    wanted = number(request.path_params[name])
    found = versions.by_number(conn, of.id, wanted)
    if found is None:
        raise HTTPException(404, f"{of.domain} has no version {wanted}: its page lists them")
    return found


def moment(value: str) -> datetime:
    """A day, or a time in ISO 8601; UTC unless it says otherwise.

    Raises:
        RequestError: it is none.
    """
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise RequestError(f"{value[:50]!r} is no date: write it as 2015-05-12") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def stamp(time: datetime) -> str:
    """A time as it stands in a page's key, which `moment` reads."""
    return f"{time:%Y%m%dT%H%M%SZ}"
