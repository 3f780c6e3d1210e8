"""Serving the app until it is stopped."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

    from tracker.web_config import WebConfig

SECONDS_TO_END = 5
BACKLOG = 128


def serve(app: Starlette, config: WebConfig, ready: Callable[[str], None]) -> None:
    """Serve; ``ready`` is told the address once it can be asked.

    Raises:
        TrackerError: the address cannot be listened on.
    """
    listening = listen(config.host, config.port)
    port = listening.getsockname()[1]
    shown = f"[{config.host}]" if ":" in config.host else config.host
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=SECONDS_TO_END,
        )
    )
    ready(f"http://{shown}:{port}/")
    # uvicorn ends in good order, then raises what stopped it anew: Ctrl-C is how one stops this.
    with listening, suppress(KeyboardInterrupt):
        server.run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any free one.

    Raises:
        TrackerError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named in full, or asyncio leaves Nagle's algorithm on: 40 ms more for every answer.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(BACKLOG)
    except OSError as error:
        made.close()
        hint = "; --port 0 takes a free one" if error.errno == errno.EADDRINUSE else ""
        message = f"cannot listen on {host} port {port}: {error.strerror}{hint}"
        raise TrackerError(message) from error
    return made
