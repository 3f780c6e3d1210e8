"""A site's own server: a page that changes, a robots.txt, redirects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.standins.loopback import Handler, LoopbackServer, Server
from tests.standins.request_log import Request

if TYPE_CHECKING:
    from pathlib import Path


class Website(LoopbackServer):
    """``pages`` are bodies by path, ``redirects`` locations; ``status`` is that of every page."""

    def __init__(self, log: Path) -> None:
        super().__init__(log, _WebsiteHandler)
        self.pages: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.status = 200


class _WebsiteHandler(Handler):
    server: Server[Website]

    def answer(self) -> None:
        owner = self.server.owner
        status, body = owner.status, owner.pages.get(self.path, b"")
        if self.path in owner.redirects:
            status = 302
        elif self.path not in owner.pages:
            status = 404
        owner.log.write(
            Request(
                time=time.time(),
                service="site",
                method=self.command,
                path=self.path,
                status=status,
                fault=self.headers.get("User-Agent", ""),
            )
        )
        self.send_response(status)
        if self.path in owner.redirects:
            self.send_header("Location", owner.redirects[self.path])
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
