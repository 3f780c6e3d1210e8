"""The series of a site's policy in time: what versions are derived from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, select

from storage import documents
from storage.records import CaptureState, How, Observation, Role, Verdict
from storage.schema import captures, snapshots
from storage.schema import documents as documents_table

if TYPE_CHECKING:
    from storage.database import Connection

TAKEN = {How.TEXT.value, How.UPGRADE.value}
"""What another collector's rules took from a page, and not the page."""


def observations(
    conn: Connection, site_id: int, *, normalizer: str, archive: str | None = None
) -> list[Observation]:
    """What the site's policy captures showed, in time order, as this normalizer judged them.

    Observations of the same text share one string. A capture that two archives hold (same URL and
    instant) is one observation: of the archive that showed a policy, if only one did.

    Raises:
        StorageError: a kept text is damaged.
    """
    no_policy = case((snapshots.c.verdict == Verdict.POLICY.value, 0), else_=1)
    query = (
        select(
            snapshots.c.id,
            snapshots.c.archive_url,
            snapshots.c.verdict,
            captures.c.original,
            captures.c.timestamp,
            captures.c.archive,
            captures.c.how,
            documents_table.c.markdown_sha256,
            documents_table.c.language,
        )
        .join(captures, snapshots.c.capture_id == captures.c.id)
        .outerjoin(documents_table, snapshots.c.document_id == documents_table.c.id)
        .where(
            captures.c.site_id == site_id,
            captures.c.role == Role.POLICY.value,
            snapshots.c.normalizer == normalizer,
        )
        .order_by(captures.c.timestamp, captures.c.original, no_policy, snapshots.c.id)
    )
    if archive is not None:
        query = query.where(captures.c.archive == archive)
    texts: dict[str | None, str] = {None: ""}
    seen: tuple[str, str] | None = None
    series = []
    for row in conn.execute(query).all():
        if seen == (row.timestamp, row.original):
            continue
        seen = (row.timestamp, row.original)
        if row.markdown_sha256 not in texts:
            texts[row.markdown_sha256] = documents.markdown(conn, row.markdown_sha256)
        series.append(
            Observation(
                snapshot_id=row.id,
                url=row.original,
                timestamp=row.timestamp,
                archive_url=row.archive_url,
                verdict=Verdict(row.verdict),
                markdown=texts[row.markdown_sha256],
                language=row.language,
                source=row.archive if row.how in TAKEN else "",
                technical=row.how == How.UPGRADE,
                live=row.how == How.LIVE,
            )
        )
    return series


def timestamps(
    conn: Connection, site_id: int, *, state: CaptureState = CaptureState.FETCHED
) -> list[str]:
    """The archive's timestamps of the site's policy captures in a state, in order, each once."""
    query = (
        select(captures.c.timestamp)
        .where(
            captures.c.site_id == site_id,
            captures.c.role == Role.POLICY.value,
            captures.c.state == state.value,
        )
        .distinct()
        .order_by(captures.c.timestamp)
    )
    return list(conn.execute(query).scalars())
