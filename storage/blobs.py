"""Bodies and texts, kept once under the sha256 of their plain bytes and verified at every read.

A body may be packed as what differs from another one, its *base*, which may itself be. To read it
is to unpack the whole chain, so chains are kept short by *groups*: each member rests on the one
before it, and a group's first body on the first of the group before. Reading the n-th of a long
series so takes at most ``GROUP`` - 1 steps within the group and one for each group before it.
Rows are never deleted: a base stays as long as anything may rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, literal, select, update

from storage.database import insert_new
from storage.errors import DamagedError, StorageError
from storage.packing import LIMIT, Codec, Packed, pack, pack_delta, unpack
from storage.recent import recent_bodies
from storage.schema import blobs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from sqlalchemy import Column, Row, Select

    from storage.database import Connection, Database

GROUP = 16
"""Bodies in a group: a longer one saves a few percent and doubles the time to read."""

DEEPEST = 48
"""Steps to the start of a chain: 2 ms for a page of 240 KB. Beyond, a body is packed alone."""

ENDLESS = 1_000
"""Steps after which a chain is taken for a circle. A compaction in progress can make some longer
than ``DEEPEST`` for a while."""

WORTH = 4_096
"""Bytes from which a body is packed against another: of a short text the row is most."""

VERIFIED_TOGETHER = 200
"""Bodies read in one transaction; a longer one would keep the write-ahead log from shrinking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in its chain a body is: ``depth`` steps from the start, ``member`` in its group."""

    base: str | None = None
    member: int = 0
    depth: int = 0


ALONE = Place()


CODEC = select(blobs.c.codec).where(blobs.c.sha256 == bindparam("key"))
"""Statements of every page are made once: to put one together takes as long as to run it."""


def put(conn: Connection, body: bytes, *, near: str | None = None) -> str:
    """Keep a body; answers its sha256 in hex. One that is kept already is not written again.

    ``near`` is the sha256 of a kept body that this one may resemble, such as the capture before it:
    packing them together takes a hundredth of the room.

    Raises:
        StorageError: it is larger than ``LIMIT``.
    """
    key = sha256(body).hexdigest()
    codec = conn.execute(CODEC, {"key": key}).scalar_one_or_none()
    if codec not in {None, Codec.LOST}:
        return key
    if len(body) > LIMIT:
        raise StorageError(f"a body of {len(body)} bytes is too large to keep (limit {LIMIT})")
    # What rests on a lost body must not become its base: only what can be read may.
    packed, place = _packed(conn, body, near, reread=codec == Codec.LOST)
    values = row_values(packed, place)
    if codec == Codec.LOST:
        conn.execute(update(blobs).where(blobs.c.sha256 == key).values(**values))
    else:
        row = {"sha256": key, "size": len(body), "compacted": False} | values
        conn.execute(insert_new(conn, blobs, "sha256"), row)
    recent_bodies(conn).add(key, body)
    return key


def row_values(packed: Packed, place: Place) -> dict[str, object]:
    """What a row says of how its body is packed."""
    return {
        "codec": packed.codec.value,
        "data": packed.data,
        "base": place.base,
        "member": place.member,
        "depth": place.depth,
    }


def _packed(
    conn: Connection, body: bytes, near: str | None, *, reread: bool
) -> tuple[Packed, Place]:
    if near is None or len(body) < WORTH:
        return pack(body), ALONE
    place = next_place(conn, near)
    base = None
    if place.base is not None:
        base = read_anew(conn, place.base) if reread else _base(conn, place.base)
    if base is None or len(base) + len(body) > LIMIT:
        return pack(body), ALONE
    delta = pack_delta(body, base)
    # Of another template altogether, a page is better the start of a chain than the end of one.
    if len(delta.data) * 8 > len(body):
        alone = pack(body)
        if len(alone.data) <= 2 * len(delta.data):
            return alone, ALONE
    return delta, place


def _base(conn: Connection, key: str) -> bytes | None:
    known = recent_bodies(conn).get(key)
    return read(conn, key) if known is None else known


def _steps_of(columns: Sequence[Column[Any]], most: int, *, in_group: bool) -> Select[Any]:
    """A body and what it rests on, in so many steps ``most``, the start of it last."""
    start = select(*columns, literal(0).label("step")).where(blobs.c.sha256 == bindparam("key"))
    chain = start.cte("chain", recursive=True)
    below = (
        select(*columns, chain.c.step + 1)
        .join(chain, blobs.c.sha256 == chain.c.base)
        .where(chain.c.step < most)
    )
    if in_group:
        below = below.where(chain.c.member > 0)
    return select(chain.union_all(below)).order_by("step")


PLACE = (blobs.c.sha256, blobs.c.codec, blobs.c.base, blobs.c.member, blobs.c.depth)

GROUP_OF = _steps_of(PLACE, GROUP, in_group=True)
"""A body and those of its group that it rests on, the group's first last."""


def next_place(conn: Connection, near: str) -> Place:
    """The place of a body that is packed next to a kept one."""
    group = conn.execute(GROUP_OF, {"key": near}).all()
    if not group:
        return ALONE
    neighbour, first = group[0], group[-1]
    starts = neighbour.member + 1 == GROUP
    base = first if starts else neighbour
    member = 0 if starts else neighbour.member + 1
    if base.codec == Codec.LOST or base.depth == DEEPEST:
        return ALONE
    return Place(base=base.sha256, member=member, depth=base.depth + 1)


def _place(conn: Connection, key: str) -> Place | None:
    query = select(blobs.c.base, blobs.c.member, blobs.c.depth)
    row = conn.execute(query.where(blobs.c.sha256 == key)).one_or_none()
    return None if row is None else Place(base=row.base, member=row.member, depth=row.depth)


def get(conn: Connection, key: str) -> bytes:
    """A kept body.

    Raises:
        DamagedError: what is kept of it is damaged.
        StorageError: there is none of this sha256.
    """
    rows = _steps(conn, key)
    if not rows:
        raise StorageError(f"no body {key} is kept: fetch the capture again")
    body = _verified(conn, key, rows)
    if body is None:
        raise DamagedError(
            f"the kept body {key} is damaged: `tracker doctor --deep --repair`, then crawl again"
        )
    return body


def read(conn: Connection, key: str) -> bytes | None:
    """A kept body, None where there is none or it is damaged."""
    return _verified(conn, key, _steps(conn, key))


def read_anew(conn: Connection, key: str) -> bytes | None:
    """The same from what is kept alone, whatever is remembered of it or of what it rests on."""
    body = _unpacked(_chain(conn, key))
    return body if body is not None and sha256(body).hexdigest() == key else None


CONTENT = (blobs.c.sha256, blobs.c.codec, blobs.c.base, blobs.c.data, blobs.c.size)

CHAIN = _steps_of(CONTENT, ENDLESS, in_group=False)
"""A body and all that it rests on; a damaged row may name a base that rests on itself."""


ALONE_ROW: Select[Any] = select(*CONTENT).where(blobs.c.sha256 == bindparam("key"))


def _chain(conn: Connection, key: str) -> Sequence[Row[Any]]:
    return conn.execute(CHAIN, {"key": key}).all()


def _steps(conn: Connection, key: str) -> Sequence[Row[Any]]:
    """A body and what it rests on, down to what is remembered: in a series that is the last one."""
    recent = recent_bodies(conn)
    if recent:
        found = conn.execute(ALONE_ROW, {"key": key}).all()
        if not found or found[0].base is None or recent.get(found[0].base) is not None:
            return found
    return _chain(conn, key)


def _verified(conn: Connection, key: str, rows: Sequence[Row[Any]]) -> bytes | None:
    """The body that the rows hold, if its digest is right; by a shorter way where one is known."""
    recent = recent_bodies(conn)
    known, steps = None, len(rows)
    for step, row in enumerate(rows, start=1):
        known = recent.get(row.base) if row.base is not None else None
        if known is not None:
            steps = step
            break
    body = _unpacked(rows[:steps], known)
    if body is None or sha256(body).hexdigest() != key:
        return None
    recent.add(key, body)
    return body


def _unpacked(rows: Sequence[Row[Any]], body: bytes | None = None) -> bytes | None:
    """The body of the first row; ``body`` is what the last one rests on, if that is known."""
    for row in reversed(rows):
        if row.base is not None and body is None:
            return None
        body = unpack(row.codec, row.data, row.size, body)
        if body is None:
            return None
    return body


def rests_on(conn: Connection, key: str, other: str) -> bool:
    """Whether a kept body's chain leads to another one, or is that one."""
    at: str | None = key
    while at is not None and at != other:
        place = _place(conn, at)
        at = None if place is None else place.base
    return at is not None


def verify(db: Database) -> tuple[int, list[str]]:
    """Read every kept body; answers how many there are and the sha256 of the damaged ones."""
    checked, damaged, after = 0, [], ""
    while True:
        query = select(blobs.c.sha256).where(blobs.c.sha256 > after).order_by(blobs.c.sha256)
        with db.read() as conn:
            keys = list(conn.execute(query.limit(VERIFIED_TOGETHER)).scalars())
            damaged += [key for key in keys if read_anew(conn, key) is None]
        if not keys:
            return checked, damaged
        checked, after = checked + len(keys), keys[-1]


def give_up(conn: Connection, keys: Iterable[str]) -> None:
    """Mark damaged bodies as lost, so that the same bytes, fetched again, take their place."""
    for key in keys:
        lost = row_values(Packed(codec=Codec.LOST, data=b""), ALONE)
        conn.execute(update(blobs).where(blobs.c.sha256 == key).values(**lost))
