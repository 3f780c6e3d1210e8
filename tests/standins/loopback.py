"""What the servers on loopback share: a thread that serves, a log, connections that are reset."""

from __future__ import annotations

import http.server
import os
import socket
import struct
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from tests.standins.request_log import Request, RequestLog

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

Owner = TypeVar("Owner")


class Server(http.server.ThreadingHTTPServer, Generic[Owner]):
    """What a handler has as its ``server``; ``owner`` is whose requests it handles."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, owner: Owner, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.owner = owner


class Handler(http.server.BaseHTTPRequestHandler, ABC):
    """One connection."""

    protocol_version = "HTTP/1.1"

    @abstractmethod
    def answer(self) -> None:
        """Answer a request and log it."""

    def do_GET(self) -> None:
        self.answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the base class's name
        """Requests go to the owner's log."""

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            self.close_connection = True

    def reset(self) -> None:
        """End the connection by RST."""
        # A linger of zero seconds makes close() send RST instead of FIN.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        os.close(self.connection.detach())


class LoopbackServer:
    """A server on a free port; a context manager that serves from a thread until left.

    ``log`` is where requests are written as JSON lines.
    """

    def __init__(self, log: Path, handler: type[Handler]) -> None:
        self.log = RequestLog(log)
        self._server = Server(self, handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def requests(self, service: str | None = None) -> list[Request]:
        """What was asked so far, in order of the answers."""
        return self.log.read(service)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
