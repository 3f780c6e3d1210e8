"""Bodies that rest on one another: short chains, tight packing, damage and its repair."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from storage import blobs, captures, sites, snapshots
from storage.compaction import compact, measure, waiting
from storage.errors import DamagedError
from storage.packing import Codec, unpack
from storage.recent import ROOM, RecentBodies
from storage.records import CaptureState
from storage.schema import blobs as blobs_table
from tests.kept_series import listed, memento

if TYPE_CHECKING:
    from storage.database import Connection, Database


@cache
def page(day: int) -> bytes:
    """A page whose forty paragraphs are rewritten now and then, with a number used once."""
    written = (day // (7 + number) * (7 + number) for number in range(40))
    paragraphs = (
        "".join(random.Random(f"{number} {since}").choices("abcdefghijklmnopqrstuvwxyz ", k=150))
        for number, since in enumerate(written)
    )
    nonce = random.Random(day).randbytes(12).hex()
    return f"<script nonce={nonce}></script><p>{'<p>'.join(paragraphs)}</p>{day}".encode()


def keep(conn: Connection, day: int, body: bytes) -> str:
    this = listed(conn, day)
    kept = snapshots.keep(conn, this.id, memento(this, body))
    return snapshots.by_id(conn, kept).body_sha256


def depth(conn: Connection, key: str) -> int:
    query = select(blobs_table.c.depth).where(blobs_table.c.sha256 == key)
    return int(conn.execute(query).scalar_one())


def bases(conn: Connection) -> dict[str, str | None]:
    query = select(blobs_table.c.sha256, blobs_table.c.base)
    return {row.sha256: row.base for row in conn.execute(query)}


def test_a_long_series_takes_little_and_no_chain_grows_long(db: Database) -> None:
    with db.write() as conn:
        keys = [keep(conn, day, page(day)) for day in range(80)]
        assert [blobs.get(conn, key) for key in keys] == [page(day) for day in range(80)]
        kept = measure(conn)
        assert kept.bodies == 80
        assert kept.plain > 8 * kept.packed
        assert max(depth(conn, key) for key in keys) <= 80 // blobs.GROUP + blobs.GROUP


def test_a_body_of_another_template_stands_alone(db: Database) -> None:
    with db.write() as conn:
        keep(conn, 0, page(0))
        other = keep(conn, 1, random.Random(3).randbytes(9_000))
        assert bases(conn)[other] is None


def test_what_came_in_any_order_is_packed_as_tightly_as_what_came_in_time(db: Database) -> None:
    days = random.Random(1).sample(range(40), 40)
    with db.write() as conn:
        keys = {day: keep(conn, day, page(day)) for day in days}
        before = measure(conn)
        assert waiting(conn) == 40
    done: list[int] = []
    compact(db, on_progress=done.append)
    assert sum(done) == 40
    with db.write() as conn:
        assert measure(conn).packed < before.packed
        assert waiting(conn) == 0
        assert all(blobs.get(conn, key) == page(day) for day, key in keys.items())


def test_no_body_rests_on_itself_whatever_pages_share_it(db: Database) -> None:
    with db.write() as conn:
        for day, body in enumerate([page(10), page(20), page(10), page(30), page(20)]):
            keep(conn, day, body)
    for _ in range(2):
        compact(db, on_progress=lambda _: None)
        with db.write() as conn:
            for key in bases(conn):
                assert blobs.get(conn, key)
            conn.execute(update(blobs_table).values(compacted=False))


def test_a_circle_is_damage_and_ends(db: Database) -> None:
    with db.write() as conn:
        first, second = keep(conn, 0, page(0)), keep(conn, 1, page(1))
        conn.execute(
            update(blobs_table)
            .where(blobs_table.c.sha256 == first)
            .values(base=second, codec=Codec.DELTA.value)
        )
    assert blobs.verify(db) == (2, sorted([first, second]))


def test_damage_spreads_to_what_rests_on_it_and_fetching_again_mends_all(db: Database) -> None:
    with db.write() as conn:
        keys = [keep(conn, day, page(day)) for day in range(3)]
        torn = update(blobs_table).where(blobs_table.c.sha256 == keys[0])
        conn.execute(torn.values(data=b"torn"))
    assert blobs.verify(db)[1] == sorted(keys)
    with db.write() as conn:
        assert snapshots.give_up(conn, keys[:1]) == 1
        [again] = captures.of_site(conn, sites.add(conn, "example.com").id, state="failed")
        assert (again.transient, again.reason) == (True, "the kept body is damaged")
        assert keep(conn, 0, page(0)) == keys[0]
        fetched = captures.by_id(conn, again.id)
        assert fetched is not None
        assert fetched.state is CaptureState.FETCHED
    assert blobs.verify(db)[1] == []


def test_a_body_that_is_not_damaged_is_not_fetched_twice(db: Database) -> None:
    with db.write() as conn:
        key = keep(conn, 0, page(0))
        assert keep(conn, 0, page(5)) == key


@pytest.mark.parametrize("near", [None, "0" * 64])
def test_a_neighbour_may_be_missing(db: Database, near: str | None) -> None:
    with db.write() as conn:
        assert blobs.get(conn, blobs.put(conn, page(0), near=near)) == page(0)


def test_a_series_read_in_its_order_takes_a_step_or_two_a_body(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.write() as conn:
        keys = [keep(conn, day, page(day)) for day in range(40)]
    steps = []

    def counted(codec: str, data: bytes, size: int, base: bytes | None = None) -> bytes | None:
        steps.append(codec)
        return unpack(codec, data, size, base)

    monkeypatch.setattr(blobs, "unpack", counted)
    with db.read() as conn:
        conn.info.clear()
        assert [blobs.get(conn, key) for key in keys] == [page(day) for day in range(40)]
    assert len(steps) == len(keys)


def test_what_is_remembered_hides_no_damage(db: Database) -> None:
    with db.write() as conn:
        keys = [keep(conn, day, page(day)) for day in range(3)]
        torn = update(blobs_table).where(blobs_table.c.sha256 == keys[0])
        conn.execute(torn.values(data=b"torn"))
        with pytest.raises(DamagedError):
            blobs.get(conn, keys[0])
    assert blobs.verify(db)[1] == sorted(keys)


def test_only_so_much_is_remembered() -> None:
    recent = RecentBodies()
    fifth = ROOM // 5
    for number in range(9):
        recent.add(str(number), bytes(fifth))
    assert [recent.get(str(number)) is not None for number in range(9)] == [False] * 4 + [True] * 5
    recent.add("large", bytes(ROOM))
    assert recent.get("large") is None
    assert recent.get("8") is not None
