"""Sending one message to one address: the address's form chooses the way.

Secrets stand in environment variables; no error that leaves here shows one.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tracker.notification_config import VARIABLE
from tracker.notify.errors import ChannelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.config import Config
    from tracker.notify.messages import Message

PLACE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")

PARTS = re.compile(r"[/:@?&=]+")
SECRETIVE = 6
"""Letters of a variable's value, or of a part of it, that are kept out of errors; fewer are none
that could not be guessed, and "https" or "443" may stand there."""


def send(
    address: str, message: Message, config: Config, environ: Mapping[str, str] = os.environ
) -> None:
    """Send a message; when this returns, the receiver has taken it.

    Raises:
        ChannelError: it could not be sent, or the address cannot be used; in one line, without
            any secret.
    """
    resolved, secrets = _resolved(address, environ)
    try:
        if resolved.startswith("mailto:") and not resolved.startswith("mailto://"):
            from tracker.notify.mail import send_mail

            send_mail(resolved.removeprefix("mailto:"), message, config.smtp, environ)
        elif resolved.startswith("webhook:"):
            from tracker.notify.webhook import post

            variable = config.notifications.webhook_secret_env
            post(resolved.removeprefix("webhook:"), message, environ.get(variable, ""), variable)
        else:
            from tracker.notify.services import send_by_apprise

            send_by_apprise(resolved, message)
    except ChannelError as error:
        said = " ".join(str(error).split())
        for secret, name in secrets:
            said = said.replace(secret, f"${name}")
        raise ChannelError(said, retry_after=error.retry_after) from None


def unset(address: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The environment variables that an address needs and that are not set."""
    names = [address] if VARIABLE.fullmatch(address) else PLACE.findall(address)
    return [name for name in names if not environ.get(name)]


def _resolved(address: str, environ: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
    """The address with the variables' values in their places, and those values, longest first."""
    if VARIABLE.fullmatch(address):
        address = f"${{{address}}}"
    used: dict[str, str] = {}

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if not environ.get(name):
            raise ChannelError(f"the environment variable {name} is not set")
        used[environ[name]] = name
        return environ[name]

    resolved = PLACE.sub(value, address).strip()
    secrets = {
        part: name
        for whole, name in used.items()
        for one in (whole, *PARTS.split(whole.partition("://")[2] or whole))
        for part in (one, unquote(one))
        if len(part) >= SECRETIVE
    }
    return resolved, sorted(secrets.items(), key=lambda pair: -len(pair[0]))
