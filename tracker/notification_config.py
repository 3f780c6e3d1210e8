"""What the configuration says of notifications: ``[[notify]]`` rules, ``[smtp]``, ``[webhook]``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Any, get_args, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tracker.categories import CATEGORIES
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Mapping

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DIGESTS = ("now", "daily", "weekly")
DIRECTIONS = ("weakened", "strengthened", "new", "dropped")

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#@]*:(?!\$\{)[^/?#@]+@", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifyRule:
    """A ``[[notify]]`` section: what is told, to whom, and when.

    A list that is empty asks for nothing; of one that is not, one must fit. All conditions that
    are given must hold.

    Attributes:
        name: what the rule is called where its notices are listed.
        to: addresses: ``mailto:a@b.example``, ``webhook:https://…``, a URL of apprise's, or the
            name of an environment variable that holds one; ``${NAME}`` in them is one's value.
        sites: domains.
        tags: tags of sites.
        categories: practice categories that the change touches.
        directions: where a commitment went: weakened, strengthened, new, dropped.
        silent: whether only changes count that the policy's own date does not tell.
        min_score: the least materiality, 0 to 100.
        digest: ``now``, ``daily`` or ``weekly``.
        hour: of the day at which a digest goes out, 0 to 23.
        weekday: on which a weekly digest does.
        timezone: in which hour and weekday are read.
        history: whether changes are told that had happened when the site's watch began.
        health: whether sites that are quarantined, and recover, are told.
    """

    name: str
    to: tuple[str, ...]
    sites: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    silent: bool = False
    min_score: float = 0.0
    digest: str = "now"
    hour: int = 7
    weekday: str = "monday"
    timezone: str = "UTC"
    history: bool = False
    health: bool = True

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def at(self) -> time:
        """The time of the day at which a digest goes out."""
        return time(self.hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpConfig:
    """The ``[smtp]`` section: how ``mailto:`` addresses are reached.

    ``security`` is ``starttls``, ``tls`` (from the first byte) or ``none``. The password is the
    environment variable that ``password_env`` names; without a ``user`` nobody logs in.
    """

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password_env: str = "TRACKER_SMTP_PASSWORD"  # noqa: S105 - a variable's name
    sender: str = ""
    timeout_seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationsConfig:
    """The ``[notifications]`` section: what all rules share.

    Attributes:
        templates: a folder whose templates take the place of those that ship; "" for none.
        base_url: where ``tracker serve`` is reached, for links; "" for none.
        webhook_secret_env: the environment variable with the key that signs webhooks.
    """

    templates: str = ""
    base_url: str = ""
    webhook_secret_env: str = "TRACKER_WEBHOOK_SECRET"  # noqa: S105 - a variable's name


def rule_of(table: Mapping[str, Any]) -> NotifyRule:
    """Read a ``[[notify]]`` table.

    Raises:
        TrackerError: it has a key or a value that is none, or lacks ``name`` or ``to``.
    """
    kinds = get_type_hints(NotifyRule)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in kinds:
            raise TrackerError(f"unknown key {key!r}; known: {', '.join(kinds)}")
        values[key] = _read(key, value, kinds[key])
    if not values.get("name") or not values.get("to"):
        raise TrackerError("needs a 'name', and whom it goes to: 'to'")
    rule = NotifyRule(**values)
    _check(rule)
    return rule


def _read(key: str, value: Any, wanted: Any) -> Any:
    if get_args(wanted):
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise TrackerError(f"{key} must be a text or a list of texts, not {value!r}")
        return tuple(texts)
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        raise TrackerError(f"{key} must be a {wanted.__name__}, not {value!r}")
    return value


def _check(rule: NotifyRule) -> None:
    for key, known in (
        ("categories", CATEGORIES),
        ("directions", DIRECTIONS),
        ("digest", DIGESTS),
        ("weekday", WEEKDAYS),
    ):
        given = getattr(rule, key)
        for value in (given,) if isinstance(given, str) else given:
            if value not in known:
                raise TrackerError(f"{key}: {value!r} is none of {', '.join(known)}")
    if not 0 <= rule.hour <= 23:
        raise TrackerError(f"hour must lie between 0 and 23, not {rule.hour}")
    if not 0 <= rule.min_score <= 100:
        raise TrackerError(f"min_score must lie between 0 and 100, not {rule.min_score:g}")
    try:
        _ = rule.zone
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TrackerError(f"timezone: {rule.timezone!r} is none, write Europe/Berlin") from error
    for address in rule.to:
        if PASSWORD.search(address):
            # Not shown: it would stand in a log.
            raise TrackerError("to: write a password as ${NAME}, an environment variable's name")
        if not (VARIABLE.fullmatch(address) or ":" in address):
            raise TrackerError(
                f"to: {address!r} is no address: mailto:ME@HOST, webhook:https://…, a URL of"
                " apprise's, or the NAME of an environment variable that holds one"
            )
