"""Mementos as they were fetched, and what they were judged to be."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update

from storage import blobs, captures, documents
from storage.database import insert_new
from storage.errors import StorageError
from storage.packing import Codec
from storage.records import How, Role, Snapshot, Verdict
from storage.schema import blobs as blobs_table
from storage.schema import captures as captures_table
from storage.schema import documents as documents_table
from storage.schema import snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sqlalchemy import Row, Select

    from storage.database import Connection
    from storage.records import Document, ListedCapture, Memento, Screening


PAGE = (
    captures_table.c.site_id,
    captures_table.c.archive,
    captures_table.c.role,
    captures_table.c.urlkey,
)
"""What the captures of one page have in common."""

THIS = (
    select(*PAGE, captures_table.c.timestamp, snapshots.c.id, blobs_table.c.codec)
    .select_from(captures_table)
    .outerjoin(snapshots, snapshots.c.capture_id == captures_table.c.id)
    .outerjoin(blobs_table, blobs_table.c.sha256 == snapshots.c.body_sha256)
    .where(captures_table.c.id == bindparam("capture"))
)
"""Statements of every page are made once: to put one together takes as long as to run it."""

ID_OF_CAPTURE = select(snapshots.c.id).where(snapshots.c.capture_id == bindparam("capture"))

PLACE_OF = (
    select(*PAGE, captures_table.c.timestamp)
    .join(snapshots, snapshots.c.capture_id == captures_table.c.id)
    .where(snapshots.c.id == bindparam("snapshot"))
)

NEIGHBOURS = (
    select(
        snapshots.c.body_sha256,
        documents_table.c.markdown_sha256,
        documents_table.c.surroundings_sha256,
    )
    .join(captures_table, snapshots.c.capture_id == captures_table.c.id)
    .outerjoin(documents_table, snapshots.c.document_id == documents_table.c.id)
    .where(*(column == bindparam(column.name) for column in PAGE))
    .limit(1)
)

LAST_BEFORE = NEIGHBOURS.where(captures_table.c.timestamp < bindparam("timestamp")).order_by(
    captures_table.c.timestamp.desc()
)

NEXT_AFTER = NEIGHBOURS.where(captures_table.c.timestamp > bindparam("timestamp")).order_by(
    captures_table.c.timestamp
)

JUDGE = (
    update(snapshots)
    .where(snapshots.c.id == bindparam("snapshot"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("verdict", "reason", "policy_score", "normalizer", "document_id")
        }
    )
)


def keep(conn: Connection, capture_id: int, memento: Memento) -> int:
    """Keep a memento and mark its capture fetched; answers the snapshot's id.

    A capture that has its snapshot keeps the one it has: archives do not change what they hold.
    Only a body that was given up as damaged (`give_up`) is replaced.
    """
    this = conn.execute(THIS, {"capture": capture_id}).one()
    if this.id is not None and this.codec != Codec.LOST:
        return int(this.id)
    near = _neighbour(conn, this)
    values = {
        "archive_url": memento.archive_url,
        "status": memento.status,
        "headers": [list(header) for header in memento.headers],
        "body_sha256": blobs.put(conn, memento.body, near=near and near.body_sha256),
        "fetched_at": memento.fetched_at,
    }
    if this.id is None:
        new = insert_new(conn, snapshots, "capture_id", returning="id")
        kept = conn.execute(new, {"capture_id": capture_id} | values).scalar_one_or_none()
    else:
        kept = this.id
        again = update(snapshots).where(snapshots.c.id == kept)
        conn.execute(again.values(values | {"normalizer": None}))
    captures.mark_fetched(conn, capture_id, at=memento.fetched_at)
    if kept is None:  # by another process, a moment ago
        kept = conn.execute(ID_OF_CAPTURE, {"capture": capture_id}).scalar_one()
    return int(kept)


def _neighbour(conn: Connection, this: Any) -> Any:
    """The kept snapshot of the same page that is the last before this one, or else the next.

    ``this`` is a row with the columns of ``PAGE`` and the timestamp; the answer is one of
    ``NEIGHBOURS``, or None.
    """
    here = {column.name: getattr(this, column.name) for column in PAGE}
    here["timestamp"] = this.timestamp
    return conn.execute(LAST_BEFORE, here).first() or conn.execute(NEXT_AFTER, here).first()


def give_up(conn: Connection, damaged: Iterable[str]) -> int:
    """Have the captures of damaged bodies (sha256) fetched again; answers how many there are.

    Texts that are damaged are made anew once their snapshot is judged again.
    """
    keys = sorted(damaged)
    blobs.give_up(conn, keys)
    again = 0
    for start in range(0, len(keys), 500):
        some = keys[start : start + 500]
        texts = select(documents_table.c.id).where(
            or_(
                documents_table.c.markdown_sha256.in_(some),
                documents_table.c.surroundings_sha256.in_(some),
            )
        )
        conn.execute(
            update(snapshots).where(snapshots.c.document_id.in_(texts)).values(normalizer=None)
        )
        lost = select(snapshots.c.capture_id).where(snapshots.c.body_sha256.in_(some))
        for capture_id in conn.execute(lost).scalars().all():
            captures.mark_failed(conn, capture_id, "the kept body is damaged", transient=True)
            again += 1
    return again


def given_up(conn: Connection, site_id: int, archive: str) -> list[ListedCapture]:
    """The site's captures whose body was given up as damaged, in any role."""
    query = (
        select(captures_table)
        .join(snapshots, snapshots.c.capture_id == captures_table.c.id)
        .join(blobs_table, blobs_table.c.sha256 == snapshots.c.body_sha256)
        .where(
            captures_table.c.site_id == site_id,
            captures_table.c.archive == archive,
            blobs_table.c.codec == Codec.LOST.value,
        )
        .order_by(captures_table.c.timestamp, captures_table.c.id)
    )
    return [captures.listed_of(row) for row in conn.execute(query)]


def judge(
    conn: Connection,
    snapshot_id: int,
    screening: Screening,
    document: Document | None,
    *,
    normalizer: str,
) -> None:
    """Keep what this version of the normalizer made of a snapshot, in the place of earlier ones.

    ``document`` is None where the body could not be read.
    """
    kept = None
    if document is not None:
        kept = documents.find(conn, document, normalizer=normalizer)
        if kept is None:
            this = conn.execute(PLACE_OF, {"snapshot": snapshot_id}).one()
            near = _neighbour(conn, this)
            kept = documents.put(
                conn,
                document,
                normalizer=normalizer,
                near=None if near is None else (near.markdown_sha256, near.surroundings_sha256),
            )
    judged = {
        "snapshot": snapshot_id,
        "new_verdict": screening.verdict.value,
        "new_reason": screening.reason,
        "new_policy_score": screening.policy_score,
        "new_normalizer": normalizer,
        "new_document_id": kept,
    }
    conn.execute(JUDGE, judged)


def unjudged(
    conn: Connection, site_id: int, *, normalizer: str, role: Role | str = Role.POLICY
) -> list[int]:
    """Ids of the snapshots that this version of the normalizer has not judged, in time order."""
    query = (
        select(snapshots.c.id)
        .join(captures_table)
        .where(
            captures_table.c.site_id == site_id,
            captures_table.c.role == Role(role).value,
            or_(snapshots.c.normalizer.is_(None), snapshots.c.normalizer != normalizer),
        )
        .order_by(captures_table.c.timestamp, snapshots.c.id)
    )
    return list(conn.execute(query).scalars())


def by_id(conn: Connection, snapshot_id: int) -> Snapshot:
    """One snapshot.

    Raises:
        StorageError: there is none of this id.
    """
    row = conn.execute(_select().where(snapshots.c.id == snapshot_id)).one_or_none()
    if row is None:
        raise StorageError(f"no snapshot {snapshot_id} is kept: crawl the site again")
    return _snapshot(row)


def by_ids(conn: Connection, snapshot_ids: Iterable[int]) -> dict[int, Snapshot]:
    """Snapshots by id; unknown ids are left out."""
    ids = list(snapshot_ids)
    found: dict[int, Snapshot] = {}
    for start in range(0, len(ids), 500):
        query = _select().where(snapshots.c.id.in_(ids[start : start + 500]))
        found |= {row.id: _snapshot(row) for row in conn.execute(query)}
    return found


def of_site(
    conn: Connection, site_id: int, *, archive: str | None = None, role: Role | str | None = None
) -> list[Snapshot]:
    """A site's snapshots in time order."""
    query = _select().where(captures_table.c.site_id == site_id)
    if archive is not None:
        query = query.where(captures_table.c.archive == archive)
    if role is not None:
        query = query.where(captures_table.c.role == Role(role).value)
    query = query.order_by(captures_table.c.timestamp, snapshots.c.id)
    return [_snapshot(row) for row in conn.execute(query)]


def body(conn: Connection, snapshot_id: int) -> bytes:
    """A snapshot's body as served.

    Raises:
        StorageError: there is no such snapshot, or its body is damaged.
    """
    query = select(snapshots.c.body_sha256).where(snapshots.c.id == snapshot_id)
    key = conn.execute(query).scalar_one_or_none()
    if key is None:
        raise StorageError(f"no snapshot {snapshot_id} is kept: crawl the site again")
    return blobs.get(conn, key)


def notes(conn: Connection, site_id: int) -> Counter[str]:
    """What the normalizer noted of a site's policy captures, and how often."""
    query = (
        select(documents_table.c.notes)
        .join(snapshots, snapshots.c.document_id == documents_table.c.id)
        .join(captures_table, captures_table.c.id == snapshots.c.capture_id)
        .where(captures_table.c.site_id == site_id, captures_table.c.role == Role.POLICY.value)
    )
    return Counter(note for found in conn.execute(query).scalars() for note in found)


def document(conn: Connection, snapshot_id: int) -> Document | None:
    """The document made of a snapshot, None before it is judged or where nothing could be read."""
    query = select(snapshots.c.document_id).where(snapshots.c.id == snapshot_id)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else documents.get(conn, found)


def surroundings(conn: Connection, snapshot_id: int) -> tuple[str, ...]:
    """The texts around the policy on this snapshot's page; none where nothing could be read."""
    query = (
        select(documents_table.c.surroundings_sha256)
        .join(snapshots, snapshots.c.document_id == documents_table.c.id)
        .where(snapshots.c.id == snapshot_id)
    )
    key = conn.execute(query).scalar_one_or_none()
    return () if key is None else documents.surroundings(conn, key)


def _select() -> Select[Any]:
    columns = [column for column in captures_table.c if column.name in captures.CAPTURE_FIELDS]
    where = (captures_table.c.site_id, captures_table.c.role, captures_table.c.how)
    return select(snapshots, *where, *columns).join(captures_table)


def _snapshot(row: Row[Any]) -> Snapshot:
    return Snapshot(
        id=row.id,
        capture_id=row.capture_id,
        site_id=row.site_id,
        role=Role(row.role),
        capture=captures.capture_of(row),
        archive_url=row.archive_url,
        status=row.status,
        headers=tuple((name, value) for name, value in row.headers),
        body_sha256=row.body_sha256,
        fetched_at=row.fetched_at,
        verdict=None if row.verdict is None else Verdict(row.verdict),
        reason=row.reason,
        policy_score=row.policy_score,
        normalizer=row.normalizer,
        live=row.how == How.LIVE,
    )
