"""Those who are told: a mail server and a webhook's receiver on loopback."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from tests.standins.loopback import Handler, LoopbackServer, Server
from tests.standins.request_log import Request

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What somebody posted: the headers' names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


class HookReceiver(LoopbackServer):
    """Takes what is posted; ``status`` answers, with ``retry_after`` if that is not None.

    What contains ``refused`` is answered 400.
    """

    def __init__(self, log: Path) -> None:
        super().__init__(log, _HookHandler)
        self.status = 204
        self.retry_after: int | None = None
        self.location: str | None = None
        self.refused: bytes | None = None
        self.posted: list[Posted] = []
        self._lock = threading.Lock()

    def take(self, posted: Posted) -> None:
        with self._lock:
            self.posted.append(posted)


class _HookHandler(Handler):
    server: Server[HookReceiver]

    def answer(self) -> None:
        owner = self.server.owner
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_refused = owner.refused is not None and owner.refused in body
        status = 400 if is_refused else owner.status
        if status < 300:
            owner.take(Posted(path=self.path, headers=headers, body=body))
        owner.log.write(
            Request(
                time=time.time(),
                service="hook",
                method=self.command,
                path=self.path,
                status=status,
                fault=None,
            )
        )
        self.send_response(status)
        if owner.retry_after is not None:
            self.send_header("Retry-After", str(owner.retry_after))
        if owner.location is not None:
            self.send_header("Location", owner.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:  # noqa: N802, the base class's name
        self.answer()


class Mailbox:
    """aiosmtpd's handler: keeps what comes, or refuses with ``refusal``."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refusal: str | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        if self.refusal is not None:
            return self.refusal
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return "250 taken"


def mail_server(mailbox: Mailbox, port: int, **options: Any) -> Controller:
    """A mail server on loopback that keeps its mails in ``mailbox``; to be started and stopped."""
    return Controller(mailbox, hostname="127.0.0.1", port=port, **options)
