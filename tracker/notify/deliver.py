"""Sends what waits in the outbox.

Every message is claimed under a lease, sent, and then marked: two workers never send one at once,
and one that was killed in between leaves it to be sent again, under the same id (at least once).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from random import SystemRandom
from typing import TYPE_CHECKING

from storage import outbox
from tracker.notify.channels import send
from tracker.notify.errors import ChannelError
from tracker.notify.messages import compose, message_id

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from storage.database import Connection, Database
    from storage.notices import Notice
    from tracker.config import Config
    from tracker.notify.messages import Message

    Send = Callable[[str, Message, Config], None]

LEASE = timedelta(minutes=10)
"""Longer than any message takes: every channel's time-out is far below."""

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
GIVE_UP_AFTER = timedelta(days=14)
FEWEST_TRIES = 3
"""What was written so long ago, and tried so often, is given up."""

FLOOD = 6
"""So many notices that are due at once to one channel go into one message."""


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What became of what was due: messages sent, the notices in them, and what is left.

    ``failures`` gives a line for each channel that could not be reached; its notices are tried
    again, but for the ``dead`` ones.
    """

    messages: int = 0
    notices: int = 0
    put_off: int = 0
    dead: int = 0
    failures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    """A message that is ours to send: its id, and the notices that it tells."""

    id: str
    notices: tuple[Notice, ...]

    @property
    def channel(self) -> str:
        return self.notices[0].channel


def deliver(
    db: Database, config: Config, clock: Callable[[], datetime], *, send: Send = send
) -> Delivered:
    """Send everything that is due; a channel that fails is let rest until the next call.

    Raises:
        StorageError: the database fails.
    """
    done = Delivered()
    while claimed := db.transact(partial(_claim, clock(), frozenset(done.failures))):
        _deliver(db, config, claimed, clock, done, send)
    return done


def message_of(name: str, notices: Sequence[Notice], config: Config) -> Message:
    """The message of this id that tells some notices.

    Raises:
        ChannelError: a template of the user's own is wrong.
    """
    in_order = sorted(notices, key=lambda notice: notice.id)
    created = max(notice.created for notice in notices)
    return compose(name, [one.payload for one in in_order], created, config.notifications)


def waiting_messages(notices: Iterable[Notice]) -> list[list[Notice]]:
    """Notices as they would be put into messages if all of them were due now."""
    messages = []
    left = sorted(notices, key=lambda one: (one.channel, one.message or "", one.due, one.id))
    for _, group in groupby(left, key=lambda one: (one.channel, one.message)):
        rest = list(group)
        while bundle := _bundle(rest):
            messages.append(bundle)
            rest = [one for one in rest if one not in bundle]
    return messages


def _claim(now: datetime, without: Collection[str], conn: Connection) -> _Claimed | None:
    bundle = _bundle(outbox.due(conn, now, without=without))
    if not bundle:
        return None
    name = bundle[0].message or message_id([notice.key for notice in bundle])
    outbox.claim(conn, [notice.id for notice in bundle], message=name, until=now + LEASE)
    return _Claimed(id=name, notices=tuple(bundle))


def _bundle(waiting: Sequence[Notice]) -> list[Notice]:
    """Those of one channel's notices that go into one message with the first."""
    if not waiting or waiting[0].message:
        return list(waiting)
    first = waiting[0]
    alike = [one for one in waiting if one.digest == first.digest]
    if first.digest:
        return [one for one in alike if one.rule == first.rule]
    return alike if len(alike) >= FLOOD else [first]


def _deliver(
    db: Database,
    config: Config,
    claimed: _Claimed,
    clock: Callable[[], datetime],
    done: Delivered,
    send: Send,
) -> None:
    if all(claimed.channel not in rule.to for rule in config.notify):
        _give_up(db, claimed, "no rule of the configuration sends there any more", done)
        return
    try:
        message = message_of(claimed.id, claimed.notices, config)
        send(claimed.channel, message, config)
    except ChannelError as error:
        done.failures[claimed.channel] = str(error)
        _try_again(db, claimed, error, clock, done)
        return
    sent = clock()
    db.transact(lambda conn: outbox.mark_sent(conn, claimed.id, sent))
    done.messages += 1
    done.notices += len(claimed.notices)


def _try_again(
    db: Database,
    claimed: _Claimed,
    error: ChannelError,
    clock: Callable[[], datetime],
    done: Delivered,
) -> None:
    now = clock()
    written = max(notice.created for notice in claimed.notices)
    tries = max(notice.attempts for notice in claimed.notices) + 1
    if now - written > GIVE_UP_AFTER and tries >= FEWEST_TRIES:
        _give_up(db, claimed, f"given up after {tries} tries: {error}", done)
        return

    def put_off(conn: Connection) -> None:
        until = now + _wait(outbox.failures(conn, claimed.channel), error.retry_after)
        outbox.put_off(conn, claimed.id, claimed.channel, until, str(error))

    db.transact(put_off)
    done.put_off += len(claimed.notices)


def _give_up(db: Database, claimed: _Claimed, reason: str, done: Delivered) -> None:
    db.transact(lambda conn: outbox.give_up(conn, claimed.id, reason))
    done.dead += len(claimed.notices)


def _wait(failures: int, named: float | None) -> timedelta:
    """How long a channel rests after so many failures, or as long as the receiver names."""
    doubled = min(FIRST_WAIT * float(2 ** min(failures - 1, 20)), LONGEST_WAIT)
    spread = doubled * SystemRandom().uniform(0.75, 1.25)
    return max(spread, min(timedelta(seconds=named or 0.0), timedelta(days=1)))
