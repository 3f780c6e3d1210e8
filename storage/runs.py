"""Runs: looks at sites that are due, under way, or over.

A scheduler asks for runs, workers claim them under a lease and give signs of life. Who is killed
leaves its runs ``running``; when the lease has ended, any worker claims them again. Only the worker
that holds a run can end it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, literal, or_, select, update

from storage.database import insert
from storage.run_records import Run, RunState
from storage.schema import sites
from storage.work_schema import runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Row, Select

    from storage.database import Connection
    from storage.run_records import RunResult

PIECE = 500
"""Rows or ids of one statement."""

DUE, RUNNING, ENDED = (state.value for state in RunState)

NOTHING = {"captures": 0, "late": 0, "versions": 0, "requests_cdx": 0, "requests_replay": 0}


def enqueue(
    conn: Connection,
    due: Mapping[int, datetime],
    *,
    schedule_id: int | None,
    covers: int = 1,
) -> int:
    """Ask for runs, a due moment by site id; answers how many are new.

    A site that has one waiting already gets no second: that one stands for this, too. Asked twice
    for the same moment, there is one.
    """
    folded: set[int] = set()
    for piece in _pieces(_waiting(conn, due)):
        # One that a worker has claimed since is no longer waiting, and stands for nothing more.
        still = update(runs).where(runs.c.state == DUE, runs.c.id.in_(piece))
        more = still.values(covers=runs.c.covers + covers).returning(runs.c.site_id)
        folded |= set(conn.execute(more).scalars())
    new = {site_id: moment for site_id, moment in due.items() if site_id not in folded}
    return len(_add(conn, new, schedule_id, covers))


def _add(
    conn: Connection, due: Mapping[int, datetime], schedule_id: int | None, covers: int
) -> set[int]:
    """Insert runs, but of a moment that a site has one of already; answers for which sites."""
    rows = [
        {
            "site_id": site_id,
            "schedule_id": schedule_id,
            "due": moment,
            "state": DUE,
            "attempts": 0,
            "covers": covers,
            **NOTHING,
        }
        for site_id, moment in due.items()
    ]
    if not rows:
        return set()
    row = insert(conn, runs).on_conflict_do_nothing().returning(runs.c.site_id)
    return set(conn.execute(row, rows).scalars())


def _waiting(conn: Connection, site_ids: Collection[int]) -> list[int]:
    """The oldest waiting run of each of the sites that has one."""
    found: list[int] = []
    for piece in _pieces(list(site_ids)):
        query = select(runs.c.id, runs.c.site_id).where(
            runs.c.state == DUE, runs.c.site_id.in_(piece)
        )
        newest_first = query.order_by(runs.c.due.desc(), runs.c.id.desc())
        found += {row.site_id: row.id for row in conn.execute(newest_first)}.values()
    return sorted(found)


def anything_to_claim(conn: Connection, now: datetime) -> bool:
    """Whether `claim` may find something: it writes, and this only looks."""
    return conn.execute(select(runs.c.id).where(_claimable(now)).limit(1)).first() is not None


def claim(
    conn: Connection, worker: str, now: datetime, *, until: datetime, limit: int
) -> list[Run]:
    """Take runs that are due, or whose worker died; those that have waited longest.

    Of a site that another worker is at, none is taken.
    """
    held: list[int] = []
    # One after the other, each is a range of an index, however many wait.
    for wanted in (_expired(now), _ready(now)):
        query = (
            select(runs.c.site_id)
            .join(sites, sites.c.id == runs.c.site_id)
            .where(wanted, ~_busy(now))
            .order_by(runs.c.due, runs.c.id)
            .limit(limit)
            .with_for_update(of=sites, skip_locked=True)
        )
        held += conn.execute(query).scalars()
    held = list(dict.fromkeys(held))[:limit]
    return _taken(conn, held, worker, now, until)


def ask_now(conn: Connection, site_ids: Sequence[int], now: datetime) -> None:
    """See to it that each of the sites has a run that can be claimed now.

    One that was put off is put off no longer.
    """
    for piece in _pieces(list(site_ids)):
        ready = and_(runs.c.site_id.in_(piece), runs.c.state == DUE, runs.c.due <= now)
        conn.execute(update(runs).where(ready).values(lease_until=None))
        done = or_(_claimable(now), _running(now, piece))
        query = select(runs.c.site_id).where(runs.c.site_id.in_(piece), done)
        without = set(piece) - set(conn.execute(query).scalars())
        moment = now
        while without:
            # Another run of this very second is over: one moment is due once.
            without -= _add(conn, dict.fromkeys(sorted(without), moment), None, 1)
            moment -= timedelta(seconds=1)


def take(
    conn: Connection, site_ids: Sequence[int], worker: str, now: datetime, *, until: datetime
) -> list[Run]:
    """Take a run of each of the sites now: the one that is due or, without one, a new one.

    Sites that another worker is at are left out.
    """
    claimed: list[Run] = []
    for piece in _pieces(list(site_ids)):
        query = select(sites.c.id).where(sites.c.id.in_(piece)).order_by(sites.c.id)
        held = list(conn.execute(query.with_for_update()).scalars())
        ask_now(conn, held, now)
        claimed += _taken(conn, held, worker, now, until)
    return claimed


def _taken(
    conn: Connection, held: Sequence[int], worker: str, now: datetime, until: datetime
) -> list[Run]:
    """Claim the oldest run of each of the sites, whose rows this transaction has locked."""
    if not held:
        return []
    # Asked anew now that nobody else can claim these: what was read before may be over.
    busy = set(conn.execute(select(runs.c.site_id).where(_running(now, held))).scalars())
    query = _listing().where(_claimable(now), runs.c.site_id.in_(held))
    # A run that was broken off comes before one that never began: a site has one running row.
    chosen: dict[int, int] = {}
    for row in conn.execute(query.order_by((runs.c.state == DUE).asc(), runs.c.due, runs.c.id)):
        if row.site_id not in busy:
            chosen.setdefault(row.site_id, row.id)
    if not chosen:
        return []
    ids = list(chosen.values())
    conn.execute(
        update(runs)
        .where(runs.c.id.in_(ids))
        .values(
            state=RUNNING,
            worker=worker,
            lease_until=until,
            attempts=runs.c.attempts + 1,
            started=now,
        )
    )
    claimed = _listing().where(runs.c.id.in_(ids)).order_by(runs.c.due, runs.c.id)
    return [_run(row) for row in conn.execute(claimed)]


def renew(conn: Connection, ids: Collection[int], worker: str, until: datetime) -> set[int]:
    """Give a sign of life; answers which of the runs are still this worker's."""
    kept: set[int] = set()
    for piece in _pieces(list(ids)):
        mine = update(runs).where(_held(piece, worker)).values(lease_until=until)
        kept |= set(conn.execute(mine.returning(runs.c.id)).scalars())
    return kept


def is_held(conn: Connection, run_id: int, worker: str) -> bool:
    """Whether a run is still this worker's; if so, until the caller's transaction ends."""
    mine = select(runs.c.id).where(_held([run_id], worker)).with_for_update()
    return conn.execute(mine).first() is not None


def finish(conn: Connection, run_id: int, worker: str, result: RunResult, now: datetime) -> bool:
    """End a run. False: it is no longer this worker's, and nothing is changed."""
    mine = update(runs).where(_held([run_id], worker))
    done = mine.values(
        state=ENDED,
        lease_until=None,
        ended=now,
        outcome=result.outcome,
        reason=result.reason,
        captures=result.captures,
        late=result.late,
        versions=result.versions,
        requests_cdx=result.requests_cdx,
        requests_replay=result.requests_replay,
    )
    return bool(conn.execute(done).rowcount)


def hand_back(conn: Connection, ids: Collection[int], worker: str) -> int:
    """Give back what was claimed and is not to blame: any worker may take it at once."""
    return _released(conn, ids, worker, {"attempts": runs.c.attempts - 1, "lease_until": None})


def put_off(
    conn: Connection, ids: Collection[int], worker: str, until: datetime, reason: str
) -> int:
    """Give back what broke off, to be tried again from that moment."""
    return _released(conn, ids, worker, {"lease_until": until, "reason": reason})


def _released(
    conn: Connection, ids: Collection[int], worker: str, values: Mapping[str, Any]
) -> int:
    released = 0
    for piece in _pieces(list(ids)):
        mine = update(runs).where(_held(piece, worker))
        back = mine.values(state=DUE, worker=None, started=None, **values)
        released += conn.execute(back).rowcount
    return released


def listed(
    conn: Connection,
    *,
    site_id: int | None = None,
    failed: bool = False,
    waiting: bool = False,
    limit: int | None = None,
) -> list[Run]:
    """Runs that began, newest due moment first; ``waiting``: those that did not, oldest first."""
    query = _listing().limit(limit)
    if waiting:
        query = query.where(runs.c.state == DUE).order_by(runs.c.due, runs.c.id)
    else:
        query = query.where(runs.c.state != DUE).order_by(runs.c.due.desc(), runs.c.id.desc())
    if site_id is not None:
        query = query.where(runs.c.site_id == site_id)
    if failed:
        query = query.where(runs.c.outcome.in_(("failed", "partial", "stopped")))
    return [_run(row) for row in conn.execute(query)]


def totals(conn: Connection) -> dict[str, dict[str, int]]:
    """By outcome: how many runs, due moments, captures, late ones, versions, requests."""
    columns = ("covers", "captures", "late", "versions", "requests_cdx", "requests_replay")
    sums = [func.coalesce(func.sum(runs.c[name]), 0).label(name) for name in columns]
    query = select(runs.c.outcome, func.count().label("runs"), *sums)
    ended = query.where(runs.c.state == ENDED).group_by(runs.c.outcome)
    return {
        row.outcome: {name: int(row._mapping[name]) for name in ("runs", *columns)}  # noqa: SLF001 - public, despite its name
        for row in conn.execute(ended)
    }


def states(conn: Connection, now: datetime) -> dict[RunState, tuple[int, datetime]]:
    """Of the due that should have begun, and of those running: how many, and the oldest moment."""
    ready = or_(runs.c.state == RUNNING, and_(runs.c.state == DUE, runs.c.due <= now))
    query = select(runs.c.state, func.count(), func.min(runs.c.due)).where(ready)
    rows = conn.execute(query.group_by(runs.c.state))
    return {RunState(state): (count, oldest) for state, count, oldest in rows}


def has_ended(conn: Connection, site_id: int, outcomes: Collection[str]) -> bool:
    """Whether a run of this site has ended with one of the outcomes."""
    query = select(runs.c.id).where(runs.c.site_id == site_id, runs.c.outcome.in_(list(outcomes)))
    return conn.execute(query.limit(1)).first() is not None


def last_ended(conn: Connection, outcomes: Collection[str]) -> datetime | None:
    """When a run ended with one of the outcomes last."""
    query = select(func.max(runs.c.ended)).where(runs.c.outcome.in_(list(outcomes)))
    ended: datetime | None = conn.execute(query).scalar_one()
    return ended


def sites_since(
    conn: Connection, moment: datetime, outcomes: Collection[str], *, without: int
) -> int:
    """How many other sites had a run that ended so since a moment."""
    query = select(func.count(runs.c.site_id.distinct())).where(
        runs.c.ended >= moment, runs.c.outcome.in_(list(outcomes)), runs.c.site_id != without
    )
    return int(conn.execute(query).scalar_one())


def _claimable(now: datetime) -> ColumnElement[bool]:
    return or_(_expired(now), _ready(now))


def _expired(now: datetime) -> ColumnElement[bool]:
    return and_(runs.c.state == RUNNING, runs.c.lease_until <= now)


def _ready(now: datetime) -> ColumnElement[bool]:
    free = or_(runs.c.lease_until.is_(None), runs.c.lease_until <= now)
    return and_(runs.c.state == DUE, runs.c.due <= now, free)


def _busy(now: datetime) -> ColumnElement[bool]:
    """Whether another run of the row's site is under way."""
    other = runs.alias()
    live = select(literal(1)).where(
        other.c.site_id == runs.c.site_id, other.c.state == RUNNING, other.c.lease_until > now
    )
    return live.exists()


def _running(now: datetime, site_ids: Collection[int]) -> ColumnElement[bool]:
    return and_(
        runs.c.site_id.in_(list(site_ids)), runs.c.state == RUNNING, runs.c.lease_until > now
    )


def _held(ids: Sequence[int], worker: str) -> ColumnElement[bool]:
    return and_(runs.c.id.in_(ids), runs.c.worker == worker, runs.c.state == RUNNING)


def _listing() -> Select[Any]:
    return select(runs, sites.c.domain).join(sites, sites.c.id == runs.c.site_id)


def _pieces(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), PIECE):
        yield rows[start : start + PIECE]


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        site_id=row.site_id,
        site=row.domain,
        schedule_id=row.schedule_id,
        due=row.due,
        state=RunState(row.state),
        worker=row.worker,
        lease_until=row.lease_until,
        attempts=row.attempts,
        covers=row.covers,
        started=row.started,
        ended=row.ended,
        outcome=row.outcome,
        reason=row.reason,
        captures=row.captures,
        late=row.late,
        versions=row.versions,
        requests_cdx=row.requests_cdx,
        requests_replay=row.requests_replay,
    )
