"""Forms: read within bounds, and only those that a page of ours gave to this browser."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from tracker.web.guard import LARGEST_BODY

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

SESSION = "tracker_session"
MOST_FIELDS = 100


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that was sent, each once.

    Raises:
        HTTPException: it is none (415), too large (413), or its token is not this browser's (403).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "That is no form")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise HTTPException(413, "That is too much for a form")
    try:
        text = body.decode()
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise HTTPException(400, "That form cannot be read") from error
    if not hmac.compare_digest(fields.pop("csrf", "").encode(), csrf_token(request).encode()):
        raise HTTPException(
            403, "This form is from before the app was started anew: go back, reload, send it again"
        )
    return fields


def csrf_token(request: Request) -> str:
    """What a form of ours carries: it follows from the browser's session, and a secret of ours."""
    session = request.cookies.get(SESSION)
    if session is None:
        session = request.state.session = getattr(
            request.state, "session", None
        ) or secrets.token_urlsafe(16)
    secret: bytes = request.app.state.secret
    return hmac.new(secret, session.encode(), sha256).hexdigest()


def remember_session(request: Request, response: Response) -> None:
    """Have the browser keep the session that a form on this page was made for."""
    session = getattr(request.state, "session", None)
    if session is not None:
        response.set_cookie(
            SESSION,
            session,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
