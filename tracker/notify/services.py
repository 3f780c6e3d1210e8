"""A hundred services through apprise: chats, pagers, mail, whatever its URLs name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tracker.notify.errors import ChannelError

if TYPE_CHECKING:
    from tracker.notify.messages import Message


def send_by_apprise(url: str, message: Message) -> None:
    """Send a message to one of apprise's URLs.

    Raises:
        ChannelError: apprise is not installed, knows no such service, or was refused.
    """
    try:
        import apprise
    except ImportError as error:
        raise ChannelError(
            "this address needs apprise: pip install apprise (mailto: and webhook: do without)"
        ) from error
    service = apprise.Apprise(asset=apprise.AppriseAsset(app_id="policy-tracker"))
    # Its log says why, and may show the URL: we say it in our own words, elsewhere nothing.
    said = _Said()
    logger = logging.getLogger("apprise")
    level, propagate = logger.level, logger.propagate
    logger.addHandler(said)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        if not service.add(url):
            raise ChannelError(f"apprise knows no address of the form {_scheme(url)}")
        taken = service.notify(
            title=message.subject, body=message.text, body_format=apprise.NotifyFormat.TEXT
        )
    finally:
        logger.removeHandler(said)
        logger.setLevel(level)
        logger.propagate = propagate
    if not taken:
        raise ChannelError(f"{_scheme(url)} did not take it: {said.last or 'no reason given'}")


def _scheme(url: str) -> str:
    return f"{url.partition('://')[0]}://"


class _Said(logging.Handler):
    """Keeps the last thing that was logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.last = record.getMessage()
