"""Notices on their way: kept with what they tell of, sent later, by whichever worker is free.

A notice is claimed under a lease before it is sent and marked sent afterwards. Who is killed in
between leaves it ``sending``; when the lease has ended it is sent again, in the same message.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, update

from storage.database import insert
from storage.notices import Notice, NoticeKind, NoticeState
from storage.work_schema import outbox

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from storage.database import Connection
    from storage.notices import NewNotice


def add(conn: Connection, notices: Iterable[NewNotice]) -> int:
    """Put notices into the outbox; answers how many were not there yet."""
    new = 0
    for notice in notices:
        row = insert(conn, outbox).values(
            key=notice.key,
            channel=notice.channel,
            rule=notice.rule,
            kind=notice.kind.value,
            site_id=notice.site_id,
            payload=dict(notice.payload),
            created=notice.created,
            due=notice.due,
            digest=notice.digest,
            state=NoticeState.WAITING.value,
            attempts=0,
        )
        kept = row.on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.id)
        new += conn.execute(kept).one_or_none() is not None
    return new


def due(
    conn: Connection, now: datetime, *, without: Collection[str] = (), limit: int = 500
) -> list[Notice]:
    """Notices of one channel that may be sent now, locked until this transaction ends.

    They are those of a message that was tried before, whole, or such as are in none yet. It is the
    channel whose notice waits longest, none of ``without``. What another worker has locked is left
    to it.
    """
    is_due = or_(
        and_(outbox.c.state == NoticeState.WAITING.value, outbox.c.due <= now),
        and_(outbox.c.state == NoticeState.SENDING.value, outbox.c.lease_until <= now),
    )
    wanted = and_(is_due, outbox.c.channel.not_in(list(without)))
    in_order = (
        select(outbox)
        .where(wanted)
        .order_by(outbox.c.due, outbox.c.id)
        .with_for_update(skip_locked=True)
    )
    first = conn.execute(in_order.limit(1)).one_or_none()
    if first is None:
        return []
    if first.message is not None:
        together = in_order.where(outbox.c.message == first.message)
    else:
        here = and_(outbox.c.channel == first.channel, outbox.c.message.is_(None))
        together = in_order.where(here).limit(limit)
    return [_notice(row) for row in conn.execute(together)]


def claim(conn: Connection, ids: Sequence[int], *, message: str, until: datetime) -> None:
    """Note that notices are about to be sent, in this message, by somebody whose lease ends then.

    Only for what `due` answered in the same transaction.
    """
    conn.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(
            state=NoticeState.SENDING.value,
            message=message,
            lease_until=until,
            attempts=outbox.c.attempts + 1,
        )
    )


def mark_sent(conn: Connection, message: str, at: datetime) -> None:
    """Note that a message went out."""
    _settle(conn, message, {"state": NoticeState.SENT.value, "sent": at, "reason": None})


def failures(conn: Connection, channel: str) -> int:
    """How often sending to a channel has failed, of all messages that wait for another try."""
    open_states = [NoticeState.WAITING.value, NoticeState.SENDING.value]
    tries = (
        select(func.max(outbox.c.attempts).label("attempts"))
        .where(outbox.c.channel == channel, outbox.c.message.is_not(None))
        .where(outbox.c.state.in_(open_states))
        .group_by(outbox.c.message)
        .subquery()
    )
    return int(conn.execute(select(func.coalesce(func.sum(tries.c.attempts), 0))).scalar_one())


def put_off(conn: Connection, message: str, channel: str, until: datetime, reason: str) -> None:
    """Note that a message could not be sent, and when to try its channel again.

    The channel's others go first then: it may be this message alone that is not taken.
    """
    waits = and_(outbox.c.channel == channel, outbox.c.state == NoticeState.WAITING.value)
    conn.execute(update(outbox).where(waits, outbox.c.due < until).values(due=until))
    later = until + timedelta(seconds=1)
    _settle(conn, message, {"state": NoticeState.WAITING.value, "due": later, "reason": reason})


def give_up(conn: Connection, message: str, reason: str) -> None:
    """Note that a message is not tried again by itself."""
    _settle(conn, message, {"state": NoticeState.DEAD.value, "reason": reason})


def _settle(conn: Connection, message: str, values: dict[str, Any]) -> None:
    # One whose lease ended may have been sent by another meanwhile: that counts.
    ours = and_(outbox.c.message == message, outbox.c.state == NoticeState.SENDING.value)
    conn.execute(update(outbox).where(ours).values(lease_until=None, **values))


def revive(conn: Connection, now: datetime, ids: Collection[int] = ()) -> int:
    """Try notices that were given up again, now: the messages of these ids, or all.

    Answers how many notices that are.
    """
    chosen = outbox.c.state == NoticeState.DEAD.value
    if ids:
        messages = select(outbox.c.message).where(outbox.c.id.in_(list(ids)))
        chosen = and_(chosen, outbox.c.message.in_(messages))
    again = {"state": NoticeState.WAITING.value, "due": now, "attempts": 0}
    return int(conn.execute(update(outbox).where(chosen).values(**again)).rowcount)


def health_of(conn: Connection, channel: str, site_id: int) -> list[NoticeKind]:
    """What a channel was told of a site's health so far, oldest first."""
    query = select(outbox.c.kind).where(
        outbox.c.channel == channel,
        outbox.c.site_id == site_id,
        outbox.c.kind != NoticeKind.CHANGE.value,
    )
    return [NoticeKind(kind) for kind in conn.execute(query.order_by(outbox.c.id)).scalars()]


def listed(
    conn: Connection, *, state: NoticeState | None = None, limit: int | None = None
) -> list[Notice]:
    """Notices, newest first."""
    query = select(outbox).order_by(outbox.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(outbox.c.state == state.value)
    return [_notice(row) for row in conn.execute(query)]


def counts(conn: Connection) -> dict[NoticeState, int]:
    """How many notices stand where; states of none are left out."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {NoticeState(state): count for state, count in conn.execute(query)}


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        key=row.key,
        channel=row.channel,
        rule=row.rule,
        kind=NoticeKind(row.kind),
        site_id=row.site_id,
        payload=row.payload,
        created=row.created,
        due=row.due,
        digest=row.digest,
        message=row.message,
        state=NoticeState(row.state),
        attempts=row.attempts,
        sent=row.sent,
        lease_until=row.lease_until,
        reason=row.reason,
    )
