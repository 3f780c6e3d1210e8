"""Asks an ASGI app without a network: exactly the request that a test writes, and its answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers by name in lower case (Set-Cookie apart) and body."""

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """A browser of sorts: keeps cookies, follows nothing."""

    def __init__(self, app: ASGIApp, *, host: str = "localhost:8321", peer: str = "127.0.0.1"):
        self._app = app
        self._host = host
        self._peer = peer
        self.cookies: dict[str, str] = {}

    def get(self, target: str, **headers: str) -> Answer:
        return self.ask("GET", target, headers)

    def post(
        self, target: str, fields: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> Answer:
        body = urlencode(fields).encode()
        return self.ask(
            "POST",
            target,
            {"content-type": "application/x-www-form-urlencoded", **(headers or {})},
            body,
        )

    def ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        path, _, query = target.partition("?")
        sent = {"host": self._host, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if method == "POST":
            sent.setdefault("content-length", str(len(body)))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in sent.items()],
            "client": (self._peer, 50000),
            "server": ("127.0.0.1", 8321),
            "state": {},
        }
        answer = asyncio.run(_asked(self._app, scope, body))
        self.cookies.update(answer.cookies)
        return answer


async def _asked(app: ASGIApp, scope: dict[str, Any], body: bytes) -> Answer:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for raw_name, raw_value in start["headers"]:
        name, value = raw_name.decode().lower(), raw_value.decode("latin-1")
        if name == "set-cookie":
            cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
        else:
            headers[name] = value
    content = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(status=start["status"], headers=headers, cookies=cookies, body=content)
