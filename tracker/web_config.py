"""The section ``[web]`` of the configuration; standard library only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WebConfig:
    """Where the web app listens, and who may use it.

    ``hosts``: further names by which it is reached, with blanks between them. ``user_header``: the
    header in which a reverse proxy says who is signed in, "" for none; it counts only from the
    addresses in ``proxies``. The token of a server without a proxy stands in ``TRACKER_TOKEN``.
    """

    host: str = "127.0.0.1"
    port: int = 8321
    hosts: str = ""
    user_header: str = ""
    proxies: str = "127.0.0.1 ::1"
