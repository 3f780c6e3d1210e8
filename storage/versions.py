"""Versions of a site's policy, as derived from its captures: replaced as a whole, never edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from storage import documents, segments
from storage.errors import StorageError
from storage.records import Version
from storage.schema import decisions, sites, snapshots, versions
from storage.schema import documents as documents_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Row

    from storage.database import Connection
    from storage.records import Document, VersionSegment


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedVersion:
    """A version as derived, to be kept: with the snapshot whose text stands for it."""

    version: Version
    snapshot_id: int
    segments: tuple[VersionSegment, ...] = ()


SAME_NAME = (
    "id",
    "number",
    "url",
    "first_seen",
    "last_seen",
    "captures",
    "archive_url",
    "stated_date",
    "language",
    "words",
    "text_sha256",
    "reason",
    "grade",
    "live",
)
"""Fields of a Version that are columns of the same name and type."""


def replace(
    conn: Connection,
    site_id: int,
    derived: Sequence[DerivedVersion],
    *,
    made_by: Mapping[str, str],
) -> None:
    """Put newly derived versions, with their segments, in the place of all earlier ones.

    The site's changes and decisions go with the old versions: write them anew in this transaction
    (`storage.changes.replace`, `storage.decisions.replace`). ``made_by`` names what derived them
    with their versions (normalizer, segmenter, classifier).

    Raises:
        StorageError: a version's snapshot has no document.
    """
    hold(conn, site_id)
    counted = {"derivations": sites.c.derivations + 1}
    conn.execute(update(sites).where(sites.c.id == site_id).values(counted))
    conn.execute(delete(versions).where(versions.c.site_id == site_id))
    if not derived:
        return
    made_of = _documents(conn, [one.snapshot_id for one in derived])
    rows = []
    for one in derived:
        if one.snapshot_id not in made_of:
            raise StorageError(f"snapshot {one.snapshot_id} has no document to be a version of")
        row = {name: getattr(one.version, name) for name in SAME_NAME}
        rows.append(
            row
            | {
                "site_id": site_id,
                "snapshot_id": one.snapshot_id,
                "document_id": made_of[one.snapshot_id],
                "practices": dict(one.version.practices),
                "made_by": dict(made_by),
            }
        )
    conn.execute(versions.insert(), rows)
    segments.replace(conn, site_id, derived)


def hold(conn: Connection, site_id: int) -> None:
    """Let nobody else replace what is derived of a site until this transaction ends.

    Two that did so at once would each find the other's rows in their way.
    """
    # What a crawl adds beneath the site goes on: it needs the row's key alone.
    conn.execute(select(sites.c.id).where(sites.c.id == site_id).with_for_update(key_share=True))


def edition(conn: Connection, site_id: int) -> tuple[int, tuple[Any, ...]]:
    """What tells one derivation of a site from the next: snapshots decided on, and versions."""
    decided = select(func.count()).select_from(decisions).where(decisions.c.site_id == site_id)
    query = (
        select(versions.c.id, versions.c.captures, versions.c.last_seen)
        .where(versions.c.site_id == site_id)
        .order_by(versions.c.number)
    )
    return int(conn.execute(decided).scalar_one()), tuple(map(tuple, conn.execute(query)))


def of_site(conn: Connection, site_id: int) -> list[Version]:
    """A site's versions, oldest first."""
    query = select(versions).where(versions.c.site_id == site_id).order_by(versions.c.number)
    return [_version(row) for row in conn.execute(query)]


def by_first_seen(conn: Connection) -> Iterator[tuple[int, Version]]:
    """All versions of all sites in time order, streaming, each with the id of its site."""
    query = select(versions).order_by(versions.c.first_seen, versions.c.site_id, versions.c.number)
    # On the statement: a connection would keep the option for every later one.
    for row in conn.execute(query.execution_options(yield_per=1_000)):
        yield row.site_id, _version(row)


def at(conn: Connection, site_id: int, moment: datetime) -> Version | None:
    """The version in force at a moment: the last one first seen by then; None before the first."""
    query = (
        select(versions)
        .where(versions.c.site_id == site_id, versions.c.first_seen <= moment)
        .order_by(versions.c.first_seen.desc(), versions.c.number.desc())
        .limit(1)
    )
    row = conn.execute(query).one_or_none()
    return None if row is None else _version(row)


def by_number(conn: Connection, site_id: int, number: int) -> Version | None:
    """A site's n-th version, counted from 1."""
    return _one(conn, versions.c.site_id == site_id, versions.c.number == number)


def by_id(conn: Connection, version_id: str) -> tuple[int, Version] | None:
    """A version by its id, with the id of its site."""
    row = conn.execute(select(versions).where(versions.c.id == version_id)).one_or_none()
    return None if row is None else (row.site_id, _version(row))


def snapshot_id(conn: Connection, version_id: str) -> int:
    """The snapshot whose text stands for a version.

    Raises:
        StorageError: there is no such version.
    """
    query = select(versions.c.snapshot_id).where(versions.c.id == version_id)
    return int(_known(conn.execute(query).scalar_one_or_none(), version_id))


def document(conn: Connection, version_id: str) -> Document:
    """A version's document, as it was when the version was derived.

    Raises:
        StorageError: there is no such version, or its text is damaged.
    """
    query = select(versions.c.document_id).where(versions.c.id == version_id)
    found = _known(conn.execute(query).scalar_one_or_none(), version_id)
    return documents.get(conn, found)


def texts(conn: Connection, site_id: int) -> dict[int, str]:
    """The digests under which the texts of a site's versions are kept, by number."""
    query = (
        select(versions.c.number, documents_table.c.markdown_sha256)
        .join(documents_table, documents_table.c.id == versions.c.document_id)
        .where(versions.c.site_id == site_id)
    )
    return {row.number: row.markdown_sha256 for row in conn.execute(query)}


def made_by(conn: Connection, site_id: int) -> dict[str, str] | None:
    """What derived the site's versions, with its versions; None where none are derived."""
    query = select(versions.c.made_by).where(versions.c.site_id == site_id).limit(1)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else dict(found)


def _known(found: int | None, version_id: str) -> int:
    if found is None:
        raise StorageError(f"no version {version_id}: `tracker history SITE` lists a site's")
    return found


def _one(conn: Connection, *conditions: ColumnElement[bool]) -> Version | None:
    row = conn.execute(select(versions).where(*conditions)).one_or_none()
    return None if row is None else _version(row)


def _documents(conn: Connection, snapshot_ids: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for start in range(0, len(snapshot_ids), 500):
        query = select(snapshots.c.id, snapshots.c.document_id).where(
            snapshots.c.id.in_(snapshot_ids[start : start + 500]),
            snapshots.c.document_id.is_not(None),
        )
        found |= {row.id: row.document_id for row in conn.execute(query)}
    return found


def _version(row: Row[Any]) -> Version:
    fields = {name: getattr(row, name) for name in SAME_NAME}
    return Version(practices=dict(row.practices), **fields)
