"""The gate in front of every page: method, size, host, user, origin; and headers on every answer.

Archived text is hostile and a browser obeys whoever asks it: nothing from elsewhere may be loaded,
framed, or make a signed-in browser send a form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse

from tracker.web.access import name_of
from tracker.web.rendering import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tracker.web.access import Access

METHODS = ("GET", "HEAD", "POST")
LONGEST_TARGET = 8_000
LARGEST_BODY = 100_000
SIGNED_IN = "tracker_signed_in"
OPEN = ("/static/", "/sign-in")
"""What someone who is not signed in may ask for."""

A_MONTH = 30 * 86_400

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Middleware that lets through what is in order, with the user in ``request.state.user``."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if self._access.is_proxy(_peer(request)) and (
            request.headers.get("x-forwarded-proto") == "https"
        ):
            scope["scheme"] = "https"
            request = Request(scope)

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "private, no-cache")
            await send(message)

        answer: ASGIApp = (
            _malformed(request) or self._stranger(request) or _foreign(request) or self._app
        )
        await answer(scope, receive, secured)

    def _stranger(self, request: Request) -> ASGIApp | None:
        if not self._access.answers_to(request.headers.get("host", "")):
            return refusal(
                request,
                421,
                "This server does not go by that name",
                "Ask for it as localhost or by its address, or name it in [web] hosts.",
            )
        cookie = request.cookies.get(SIGNED_IN)
        user = self._access.user(request.headers, cookie, _peer(request))
        given = request.query_params.get("token")
        if given is not None and self._access.accepts(given) and request.method == "GET":
            return self._signed_in(request)
        if user is None and not request.url.path.startswith(OPEN):
            # Of Basic a browser would make a box of its own; feed readers know nothing else.
            scheme = "Basic" if request.url.path.endswith(".atom") else "Bearer"
            return refusal(
                request,
                401,
                "Sign in first",
                "",
                headers={"www-authenticate": f'{scheme} realm="policy-tracker"'},
                sign_in=self._access.token is not None,
            )
        request.state.user = user
        return None

    def _signed_in(self, request: Request) -> ASGIApp:
        """The same page without the token, which should stand in no history and no log."""
        kept = [pair for pair in parse_qsl(request.url.query) if pair[0] != "token"]
        target = request.url.path + (f"?{urlencode(kept)}" if kept else "")
        return welcome(request, self._access, target)


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def welcome(request: Request, access: Access, target: str) -> RedirectResponse:
    """Send a browser on to a page of this server, signed in from now on."""
    path = "/" + target.lstrip("/\\")
    response = RedirectResponse(path, status_code=303)
    response.set_cookie(
        SIGNED_IN,
        access.cookie,
        max_age=A_MONTH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


def _malformed(request: Request) -> ASGIApp | None:
    if request.method not in METHODS:
        return refusal(
            request, 405, "That cannot be done here", "", headers={"allow": ", ".join(METHODS)}
        )
    target: bytes = request.scope.get("raw_path", b"") + request.scope["query_string"]
    if len(target) > LONGEST_TARGET:
        return refusal(request, 414, "That address is too long", "")
    if b"%00" in target:
        return refusal(request, 400, "That address means nothing", "")
    if request.method == "POST":
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            return refusal(request, 411, "A form must say how long it is", "")
        if int(length) > LARGEST_BODY:
            return refusal(request, 413, "That is too much for a form", "")
    return None


def _foreign(request: Request) -> ASGIApp | None:
    """A form that another site made the browser send."""
    if request.method != "POST":
        return None
    headers: Headers = request.headers
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    here = headers.get("host", "").lower()
    ours = origin is None or (urlsplit(origin).netloc.lower() == here and bool(name_of(here)))
    if ours and site in {"same-origin", "none"}:
        return None
    return refusal(request, 403, "That form came from another site", "Nothing was changed.")
