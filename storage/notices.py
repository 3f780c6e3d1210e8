"""The vocabulary of telling people: notices in the outbox, and what a site's readers know.

Standard library only, as `storage.records`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class NoticeState(StrEnum):
    """Where a notice stands on its way.

    ``sending`` is claimed by a worker until its lease ends; ``dead`` was given up, and is tried
    again only when somebody asks for it.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


class NoticeKind(StrEnum):
    """What a notice tells of."""

    CHANGE = "change"
    QUARANTINE = "quarantine"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A notice that is to go out.

    ``key`` says what is told to whom: a second one of the same key is none. ``channel`` is the
    address as the configuration writes it, its secrets still names of environment variables.
    ``digest``: it waits until ``due`` to be told together with its rule's others.
    """

    key: str
    channel: str
    rule: str
    kind: NoticeKind
    site_id: int
    payload: Mapping[str, Any]
    created: datetime
    due: datetime
    digest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice of the outbox; ``message`` names the message that it was put into, once it was."""

    id: int
    key: str
    channel: str
    rule: str
    kind: NoticeKind
    site_id: int
    payload: Mapping[str, Any] = field(repr=False)
    created: datetime
    due: datetime
    digest: bool
    message: str | None
    state: NoticeState
    attempts: int
    sent: datetime | None
    lease_until: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChange:
    """A change that was told, or was known already when its site's watch began.

    ``old`` and ``new`` are the digests of the two texts, ``after`` and ``before`` its window.
    """

    old: str
    new: str
    after: datetime
    before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the readers of a site's notices know.

    ``until`` is the newest capture that they know of, ``made_by`` which programs read and derived
    that; both None where nothing was known yet.
    """

    made_by: str | None
    until: datetime | None
    changes: tuple[KnownChange, ...]
