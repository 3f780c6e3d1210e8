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

from storage.database import insert
from storage.errors import StorageError
from storage.packing import LIMIT, Codec, Packed, pack, pack_delta, unpack
from storage.schema import blobs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sqlalchemy import Select

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


def put(conn: Connection, body: bytes, *, near: str | None = None) -> str:
    """Keep a body; answers its sha256 in hex. One that is kept already is not written again.

    ``near`` is the sha256 of a kept body that this one may resemble, such as the capture before it:
    packing them together takes a hundredth of the room.

    Raises:
        StorageError: it is larger than ``LIMIT``.
    """
    key = sha256(body).hexdigest()
    codec = conn.execute(select(blobs.c.codec).where(blobs.c.sha256 == key)).scalar_one_or_none()
    if codec not in {None, Codec.LOST}:
        return key
    if len(body) > LIMIT:
        raise StorageError(f"a body of {len(body)} bytes is too large to keep (limit {LIMIT})")
    packed, place = _packed(conn, body, near)
    values = row_values(packed, place)
    if codec == Codec.LOST:
        conn.execute(update(blobs).where(blobs.c.sha256 == key).values(**values))
        return key
    row = insert(conn, blobs).values(sha256=key, size=len(body), compacted=False, **values)
    conn.execute(row.on_conflict_do_nothing(index_elements=["sha256"]))
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


def _packed(conn: Connection, body: bytes, near: str | None) -> tuple[Packed, Place]:
    if near is None or len(body) < WORTH:
        return pack(body), ALONE
    place = next_place(conn, near)
    base = None if place.base is None else read(conn, place.base)
    if base is None or len(base) + len(body) > LIMIT:
        return pack(body), ALONE
    delta = pack_delta(body, base)
    # Of another template altogether, a page is better the start of a chain than the end of one.
    if len(delta.data) * 8 > len(body):
        alone = pack(body)
        if len(alone.data) <= 2 * len(delta.data):
            return alone, ALONE
    return delta, place


def next_place(conn: Connection, near: str) -> Place:
    """The place of a body that is packed next to a kept one."""
    neighbour = _place(conn, near)
    if neighbour is None:
        return ALONE
    if neighbour.member + 1 < GROUP:
        place = Place(base=near, member=neighbour.member + 1, depth=neighbour.depth + 1)
    else:
        first, first_key = neighbour, near
        while first.member > 0 and first.base is not None:
            first_key = first.base
            first = _place(conn, first_key) or ALONE
        place = Place(base=first_key, depth=first.depth + 1)
    return place if place.depth <= DEEPEST else ALONE


def _place(conn: Connection, key: str) -> Place | None:
    query = select(blobs.c.base, blobs.c.member, blobs.c.depth)
    row = conn.execute(query.where(blobs.c.sha256 == key)).one_or_none()
    return None if row is None else Place(base=row.base, member=row.member, depth=row.depth)


def get(conn: Connection, key: str) -> bytes:
    """A kept body.

    Raises:
        StorageError: there is none of this sha256, or what is kept is damaged.
    """
    rows = _chain(conn, key)
    if not rows:
        raise StorageError(f"no body {key} is kept: fetch the capture again")
    body = _unpacked(rows)
    if body is None or sha256(body).hexdigest() != key:
        raise StorageError(
            f"the kept body {key} is damaged: `tracker doctor --deep --repair`, then crawl again"
        )
    return body


def read(conn: Connection, key: str) -> bytes | None:
    """A kept body, None where there is none or it is damaged."""
    body = _unpacked(_chain(conn, key))
    return body if body is not None and sha256(body).hexdigest() == key else None


def _chain_of() -> Select[Any]:
    columns = (blobs.c.codec, blobs.c.base, blobs.c.data, blobs.c.size)
    start = select(*columns, literal(0).label("step")).where(blobs.c.sha256 == bindparam("key"))
    chain = start.cte("chain", recursive=True)
    # A damaged row may name a base that rests on itself: the steps are bounded.
    below = (
        select(*columns, chain.c.step + 1)
        .join(chain, blobs.c.sha256 == chain.c.base)
        .where(chain.c.step < ENDLESS)
    )
    return select(chain.union_all(below)).order_by("step")


CHAIN = _chain_of()
"""Made once: to put it together takes as long as to run it."""


def _chain(conn: Connection, key: str) -> list[tuple[str, str | None, bytes, int]]:
    """Codec, base, data and size of a body and of all that it rests on, the start of it last."""
    rows = conn.execute(CHAIN, {"key": key}).all()
    return [(row.codec, row.base, row.data, row.size) for row in rows]


def _unpacked(rows: list[tuple[str, str | None, bytes, int]]) -> bytes | None:
    body: bytes | None = None
    for codec, base, data, size in reversed(rows):
        if base is not None and body is None:
            return None
        body = unpack(codec, data, size, body)
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
            damaged += [key for key in keys if read(conn, key) is None]
        if not keys:
            return checked, damaged
        checked, after = checked + len(keys), keys[-1]


def is_lost(conn: Connection, key: str) -> bool:
    """Whether a body was found damaged and given up."""
    query = select(blobs.c.codec).where(blobs.c.sha256 == key)
    return conn.execute(query).scalar_one_or_none() == Codec.LOST


def give_up(conn: Connection, keys: Iterable[str]) -> None:
    """Mark damaged bodies as lost, so that the same bytes, fetched again, take their place."""
    for key in keys:
        lost = row_values(Packed(codec=Codec.LOST, data=b""), ALONE)
        conn.execute(update(blobs).where(blobs.c.sha256 == key).values(**lost))
