"""``tracker serve``: the web app."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, open_configured
from tracker.cli.output import say

if TYPE_CHECKING:
    from tracker.config import Config


@click.command("serve")
@click.option("--host", help="Address to listen on [default: 127.0.0.1].")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port, 0 for a free one [default: 8321]."
)
@configured
def command(host: str | None, port: int | None, config: Config) -> None:
    """Serve the web app until it is stopped: sites, histories, diffs, reviews, search, feeds.

    Only this machine reaches it. To listen elsewhere, set TRACKER_TOKEN in the environment to what
    users sign in with, or [web] user_header behind a reverse proxy.

    \b
    Example:
      tracker serve
      TRACKER_TOKEN=$(openssl rand -hex 16) tracker serve --host 0.0.0.0 --port 8000
    """
    from tracker.web.access import access, is_loopback
    from tracker.web.app import create_app
    from tracker.web.server import serve

    web = config.web
    web = replace(web, host=host or web.host, port=web.port if port is None else port)
    rules = access(web, os.environ.get("TRACKER_TOKEN") or None)
    # Whoever reaches this machine's own address is the one who started it.
    reviewer = os.environ.get("TRACKER_REVIEWER") or (_login() if is_loopback(web.host) else "")
    with open_configured(config) as db:
        serve(
            create_app(db, config, rules, reviewer=reviewer),
            web,
            lambda address: say(f"tracker: {address} (Ctrl-C stops it)"),
        )


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
