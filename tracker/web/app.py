"""The web app: its pages, and what they answer when something is not in order."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from storage.errors import StorageError
from tracker.errors import RequestError, TrackerError
from tracker.web import (
    changes,
    comparisons,
    history,
    reviews,
    runs,
    searches,
    sign_in,
    sites,
    trends,
    versions,
)
from tracker.web.guard import Guard
from tracker.web.rendering import STATIC, refusal, static_file
from tracker.web.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from storage.database import Database
    from tracker.config import Config
    from tracker.web.access import Access

A_YEAR = 365 * 86_400


def create_app(db: Database, config: Config, access: Access, *, reviewer: str = "") -> Starlette:
    """The app on an open database; whoever made it closes that.

    ``reviewer`` is the name of whoever reviews, unless they give another.
    """
    app = Starlette(
        routes=[
            Route("/", sites.sites),
            Route("/changes", changes.changes),
            Route("/feed.atom", changes.feed),
            Route("/site/{site}", history.history),
            Route("/site/{site}/feed.atom", changes.feed_of_site),
            Route("/site/{site}/failures", runs.failures),
            Route("/site/{site}/at", versions.find_day),
            Route("/site/{site}/at/{day}", versions.at),
            Route("/site/{site}/version/{number}", versions.version),
            Route("/site/{site}/version/{number}/raw", versions.raw),
            Route("/site/{site}/diff", comparisons.choose),
            Route("/site/{site}/diff/{old}/{new}", comparisons.diff),
            Route("/version/{id}", versions.by_id),
            Route("/review", reviews.review_queue),
            Route("/review/{change}", reviews.review, methods=["GET"]),
            Route("/review/{change}", reviews.say, methods=["POST"]),
            Route("/review/{change}/undo", reviews.take_back, methods=["POST"]),
            Route("/review/{change}/labels", reviews.relabel, methods=["POST"]),
            Route("/search", searches.searches),
            Route("/trends", trends.trends),
            Route("/runs", runs.runs),
            Route("/sign-in", sign_in.sign_in, methods=["POST"]),
            Route("/static/{name}", _static),
        ],
        middleware=[Middleware(Guard, access=access)],
        lifespan=_lifespan,
        exception_handlers={
            HTTPException: _refused,
            RequestError: _senseless,
            TrackerError: _missing,
            StorageError: _out_of_order,
        },
    )
    app.state.db, app.state.config, app.state.access = db, config, access
    app.state.reviewer = reviewer
    app.state.shelf, app.state.workshop = Shelf(), trends.Workshop()
    app.state.secret = secrets.token_bytes(32)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    app.state.workshop.close()


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404, "There is no such file")
    return Response(
        static_file(name),
        media_type=STATIC[name][2],
        headers={"cache-control": f"public, max-age={A_YEAR}, immutable"},
    )


TITLES = {404: "There is no such page", 405: "That cannot be done here", 403: "Not like that"}


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows what Starlette hands over
    title = TITLES.get(error.status_code, "That cannot be answered")
    text = "" if error.detail in {"Not Found", "Method Not Allowed"} else error.detail
    return refusal(request, error.status_code, title, text, headers=error.headers)


def _senseless(request: Request, error: Exception) -> Response:
    return refusal(request, 400, "That makes no sense here", str(error))


def _missing(request: Request, error: Exception) -> Response:
    return refusal(request, 404, "There is no such thing", str(error))


def _out_of_order(request: Request, error: Exception) -> Response:
    return refusal(request, 503, "The database does not answer", str(error))
