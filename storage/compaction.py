"""Packing kept bodies anew, as tightly as their series allow.

When a body arrives, only what was kept before it can be its base, in the order in which captures
happen to be fetched, and packing must be quick. Afterwards the whole series is there. Every body is
one transaction, so that a killed compaction has lost nothing and the next one goes on from there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select, update

from storage import blobs
from storage.blobs import ALONE, Place, next_place, row_values
from storage.packing import COMPACT_LEVEL, LIMIT, Codec, Packed, pack, pack_delta
from storage.schema import blobs as table
from storage.schema import captures, documents, snapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Column, Select

    from storage.database import Connection, Database

CANDIDATES = 4
"""Bodies before it of which the most alike becomes a body's base: pages come in variants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How many bodies are kept, of how many bytes in all, and how many bytes they take."""

    bodies: int
    plain: int
    packed: int


def measure(conn: Connection) -> Kept:
    """What bodies and texts take at present."""
    query = select(
        func.count(), func.sum(table.c.size), func.sum(func.length(table.c.data))
    ).select_from(table)
    bodies, plain, packed = conn.execute(query).one()
    return Kept(bodies=bodies, plain=int(plain or 0), packed=int(packed or 0))


def waiting(conn: Connection) -> int:
    """How many bodies were kept since the last compaction."""
    query = select(func.count()).select_from(table).where(table.c.compacted.is_(False))
    return int(conn.execute(query).scalar_one())


def compact(db: Database, *, on_progress: Callable[[int], object]) -> None:
    """Pack what was kept since the last compaction; tells how many more bodies are done.

    Raises:
        StorageError: the database fails.
    """
    for column in (
        snapshots.c.body_sha256,
        documents.c.markdown_sha256,
        documents.c.surroundings_sha256,
    ):
        for page in _pages(db, column):
            _compact_series(db, _series(db, column, page), on_progress)
    # What no capture refers to any more, such as texts of an older normalizer, stays as it is.
    rest = update(table).where(table.c.compacted.is_(False)).values(compacted=True)
    on_progress(db.transact(lambda conn: conn.execute(rest).rowcount))


def _pages(db: Database, column: Column[str]) -> list[tuple[int, str, str]]:
    """Site, role and urlkey of every series that has something to pack."""
    page = (captures.c.site_id, captures.c.role, captures.c.urlkey)
    query = _joined(*page).join(table, table.c.sha256 == column)
    query = query.where(table.c.compacted.is_(False)).distinct().order_by(*page)
    return db.retrieve(
        lambda conn: [(row.site_id, row.role, row.urlkey) for row in conn.execute(query)]
    )


def _series(db: Database, column: Column[str], page: tuple[int, str, str]) -> Iterator[str]:
    """The digests of a page's bodies or texts in time order, each once."""
    site_id, role, urlkey = page
    query = (
        _joined(column)
        .where(
            and_(captures.c.site_id == site_id, captures.c.role == role),
            captures.c.urlkey == urlkey,
            column.is_not(None),
        )
        .order_by(captures.c.timestamp, captures.c.id)
    )
    return iter(dict.fromkeys(db.retrieve(lambda conn: conn.execute(query).scalars().all())))


def _joined(*columns: Column[Any]) -> Select[Any]:
    return (
        select(*columns)
        .select_from(snapshots)
        .join(captures, snapshots.c.capture_id == captures.c.id)
        .outerjoin(documents, snapshots.c.document_id == documents.c.id)
    )


def _compact_series(
    db: Database, keys: Iterable[str], on_progress: Callable[[int], object]
) -> None:
    before: deque[str] = deque(maxlen=CANDIDATES)
    for key in keys:
        tighter = db.retrieve(partial(_tighter, key=key, before=before))
        if tighter is not None:
            db.transact(partial(_replace, key=key, tighter=tighter, lock=db.backend.lock_schema))
            on_progress(1)
        before.append(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tighter:
    """A body packed anew, and the row's data as they were when it was read."""

    packed: Packed
    place: Place
    length: int


def _tighter(conn: Connection, key: str, before: Iterable[str]) -> _Tighter | None:
    """The best way to pack a body; None where that was found already, or it is damaged."""
    row = conn.execute(select(table).where(table.c.sha256 == key)).one()
    body = None if row.compacted else blobs.read(conn, key)
    if body is None:
        return None
    ways = [(pack(body, level=COMPACT_LEVEL), ALONE)]
    if len(body) >= blobs.WORTH:
        ways += _deltas(conn, key, body, before)
    now = Packed(codec=Codec(row.codec), data=row.data)
    if row.base is None:
        ways.append((now, ALONE))
    packed, place = min(ways, key=lambda way: len(way[0].data))
    return _Tighter(packed=packed, place=place, length=len(row.data))


def _deltas(
    conn: Connection, key: str, body: bytes, before: Iterable[str]
) -> Iterator[tuple[Packed, Place]]:
    """The body against the most alike of those before it, unless it is what they rest on."""
    bases: dict[str, tuple[Place, bytes]] = {}
    for place in (next_place(conn, near) for near in before):
        if place.base is not None and not blobs.rests_on(conn, place.base, key):
            base = blobs.read(conn, place.base)
            if base is not None and len(base) + len(body) <= LIMIT:
                bases[place.base] = (place, base)
    if bases:
        place, base = min(bases.values(), key=lambda one: len(pack_delta(body, one[1]).data))
        yield pack_delta(body, base, level=COMPACT_LEVEL), place


def _replace(
    conn: Connection, *, key: str, tighter: _Tighter, lock: Callable[[Connection], None]
) -> None:
    # Two compactions at once could each make one body rest on the other.
    lock(conn)
    base = tighter.place.base
    values: dict[str, object] = {"compacted": True}
    if base is None or not blobs.rests_on(conn, base, key):
        values |= row_values(tighter.packed, tighter.place)
    unchanged = func.length(table.c.data) == tighter.length
    conn.execute(update(table).where(table.c.sha256 == key, unchanged).values(**values))
