"""Signing in with the server's token, where it asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tracker.web.guard import welcome
from tracker.web.rendering import refusal

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tracker.web.access import Access


async def sign_in(request: Request) -> Response:
    """``POST /sign-in``: on to the page that was asked for, or the form again."""
    access: Access = request.app.state.access
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
    token, target = (fields.get(name, [""])[0].strip() for name in ("token", "target"))
    if access.accepts(token):
        return welcome(request, access, target or "/")
    return refusal(
        request, 401, "Sign in first", "That is not the token of this server.", sign_in=True
    )
