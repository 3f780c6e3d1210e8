"""Bodies and texts, kept once under the sha256 of their plain bytes and verified at every read."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import zstandard
from sqlalchemy import select

from storage.database import insert
from storage.errors import StorageError
from storage.schema import blobs

if TYPE_CHECKING:
    from storage.database import Connection, Database

LEVEL = 3
"""zstd's own default: 0.9 ms for a page of 240 KB, and smaller than gzip."""

LIMIT = 256 * 1024 * 1024
"""Bytes; a row that claims more is damaged, and unpacking it would fill the memory."""

VERIFIED_TOGETHER = 200
"""Bodies read in one transaction; a longer one would keep the write-ahead log from shrinking."""

PLAIN, ZSTD = "plain", "zstd"


def put(conn: Connection, body: bytes) -> str:
    """Keep a body; answers its sha256 in hex. One that is kept already is not written again.

    Raises:
        StorageError: it is larger than ``LIMIT``.
    """
    key = sha256(body).hexdigest()
    if conn.execute(select(blobs.c.sha256).where(blobs.c.sha256 == key)).first() is not None:
        return key
    if len(body) > LIMIT:
        raise StorageError(f"a body of {len(body)} bytes is too large to keep (limit {LIMIT})")
    codec, data = ZSTD, zstandard.ZstdCompressor(level=LEVEL).compress(body)
    if len(data) >= len(body):
        codec, data = PLAIN, body
    row = insert(conn, blobs).values(sha256=key, size=len(body), codec=codec, data=data)
    conn.execute(row.on_conflict_do_nothing(index_elements=["sha256"]))
    return key


def get(conn: Connection, key: str) -> bytes:
    """A kept body.

    Raises:
        StorageError: there is none of this sha256, or what is kept is damaged.
    """
    row = conn.execute(select(blobs).where(blobs.c.sha256 == key)).one_or_none()
    if row is None:
        raise StorageError(f"no body {key} is kept: fetch the capture again")
    body = _unpack(row.codec, row.data, row.size)
    if body is None or sha256(body).hexdigest() != key:
        raise StorageError(f"the kept body {key} is damaged: fetch the capture again")
    return body


def verify(db: Database) -> tuple[int, list[str]]:
    """Read every kept body; answers how many there are and the sha256 of the damaged ones."""
    checked, damaged, after = 0, [], ""
    while True:
        query = select(blobs.c.sha256).where(blobs.c.sha256 > after).order_by(blobs.c.sha256)
        with db.read() as conn:
            keys = list(conn.execute(query.limit(VERIFIED_TOGETHER)).scalars())
            damaged += [key for key in keys if not _is_whole(conn, key)]
        if not keys:
            return checked, damaged
        checked, after = checked + len(keys), keys[-1]


def _is_whole(conn: Connection, key: str) -> bool:
    try:
        get(conn, key)
    except StorageError:
        return False
    return True


def _unpack(codec: str, data: bytes, size: int) -> bytes | None:
    if codec == PLAIN:
        return data
    try:
        # The decompressor allocates what the frame claims, whatever limit it is given.
        if codec != ZSTD or size > LIMIT or zstandard.frame_content_size(data) != size:
            return None
        return zstandard.ZstdDecompressor().decompress(data)
    except zstandard.ZstdError:
        return None
