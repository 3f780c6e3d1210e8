"""Reviews of changes: only ever added, so that nobody's word is lost.

A review is about two texts, not about two rows: it stays true whatever is derived anew.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage.database import insert
from storage.errors import StorageError
from storage.records import format_time
from storage.review_records import Relabel, Review, ReviewVerdict
from storage.work_schema import reviews

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from sqlalchemy import Row, Select

    from storage.database import Connection


class StaleReview(StorageError):  # noqa: N818 - what happened, not that something broke
    """Another person reviewed the change meanwhile; ``latest`` is what they said."""

    def __init__(self, latest: Review) -> None:
        self.latest = latest
        said = f"marked it {latest.verdict}" if latest.verdict else "took the verdict back"
        note = f" ({latest.note})" if latest.note else ""
        super().__init__(
            f"nothing was written: {latest.reviewer} {said} at {format_time(latest.at)}{note}; "
            "look at it and say again"
        )


def add(
    conn: Connection,
    site_id: int,
    *,
    old: str,
    new: str,
    verdict: ReviewVerdict | None,
    note: str = "",
    tags: Sequence[str] = (),
    labels: Sequence[Relabel] = (),
    restores: int | None = None,
    reviewer: str,
    expected_revision: int | None,
    at: datetime | None = None,
) -> Review:
    """Write the next review of the change from one text (sha256) to another.

    ``expected_revision`` is that of the review which the reviewer saw, 0 where there was none; None
    writes after whatever there is. `undo` says what it ``restores``.

    Raises:
        StaleReview: somebody else wrote meanwhile; nothing was written.
    """
    while True:
        before = latest_of(conn, site_id, old, new)
        known = before.revision if before else 0
        if before and expected_revision is not None and known != expected_revision:
            raise StaleReview(before)
        review = Review(
            old_sha256=old,
            new_sha256=new,
            revision=known + 1,
            verdict=None if verdict is None else ReviewVerdict(verdict),
            note=note,
            tags=tuple(dict.fromkeys(tags)),
            labels=tuple(labels),
            restores=restores,
            reviewer=reviewer,
            at=at or datetime.now(UTC).replace(microsecond=0),
        )
        row = insert(conn, reviews).values(site_id=site_id, **_row(review))
        # Of two that come at once one finds its row there already, and looks again.
        if conn.execute(row.on_conflict_do_nothing().returning(reviews.c.revision)).first():
            return review


def undo(
    conn: Connection,
    site_id: int,
    *,
    old: str,
    new: str,
    reviewer: str,
    expected_revision: int | None,
) -> Review | None:
    """Let what was said before the last review count again, as a further review.

    Answers that review, whose verdict is None where nothing was said before; None where there is
    nothing to take back. A second undo goes one further back, not forth again.

    Raises:
        StaleReview: somebody else wrote meanwhile; nothing was written.
    """
    said = history(conn, site_id, old, new)
    left = standing(said)
    if not left:
        return None
    restored = left[-2] if len(left) > 1 else None
    return add(
        conn,
        site_id,
        old=old,
        new=new,
        verdict=restored.verdict if restored else None,
        note=restored.note if restored else "",
        tags=restored.tags if restored else (),
        labels=restored.labels if restored else (),
        restores=restored.revision if restored else 0,
        reviewer=reviewer,
        expected_revision=said[-1].revision if expected_revision is None else expected_revision,
    )


def standing(said: Sequence[Review]) -> list[Review]:
    """The reviews that were not undone, oldest first."""
    left: list[Review] = []
    for review in said:
        if review.restores is None:
            left.append(review)
        elif left:
            left.pop()
    return left


def latest_of(conn: Connection, site_id: int, old: str, new: str) -> Review | None:
    """The review of a change that counts."""
    query = _of_change(site_id, old, new).order_by(reviews.c.revision.desc()).limit(1)
    row = conn.execute(query).one_or_none()
    return None if row is None else review_of(row)


def latest(conn: Connection, site_id: int) -> dict[tuple[str, str], Review]:
    """The review that counts of each reviewed change of a site, by its two texts' sha256.

    One that was taken back is among them, with no verdict.
    """
    query = select(reviews).where(reviews.c.site_id == site_id, is_latest())
    return {(row.old_sha256, row.new_sha256): review_of(row) for row in conn.execute(query)}


def history(conn: Connection, site_id: int, old: str, new: str) -> list[Review]:
    """All that was said of a change, oldest first."""
    query = _of_change(site_id, old, new).order_by(reviews.c.revision)
    return [review_of(row) for row in conn.execute(query)]


def every(conn: Connection, *, site_id: int | None = None) -> Iterator[tuple[int, Review]]:
    """All reviews, those that no longer count too, each with the id of its site; streaming."""
    query = select(reviews).order_by(
        reviews.c.site_id, reviews.c.old_sha256, reviews.c.new_sha256, reviews.c.revision
    )
    if site_id is not None:
        query = query.where(reviews.c.site_id == site_id)
    for row in conn.execute(query.execution_options(yield_per=1_000)):
        yield row.site_id, review_of(row)


def is_latest() -> Any:
    """The condition on a row of the table that it is the review which counts."""
    others = reviews.alias("others")
    newest = (
        select(func.max(others.c.revision))
        .where(
            others.c.site_id == reviews.c.site_id,
            others.c.old_sha256 == reviews.c.old_sha256,
            others.c.new_sha256 == reviews.c.new_sha256,
        )
        .scalar_subquery()
    )
    return reviews.c.revision == newest


def _of_change(site_id: int, old: str, new: str) -> Select[Any]:
    return select(reviews).where(
        reviews.c.site_id == site_id, reviews.c.old_sha256 == old, reviews.c.new_sha256 == new
    )


def _row(review: Review) -> dict[str, Any]:
    return {
        "old_sha256": review.old_sha256,
        "new_sha256": review.new_sha256,
        "revision": review.revision,
        "verdict": review.verdict and review.verdict.value,
        "note": review.note,
        "tags": list(review.tags),
        "labels": [
            {"text": one.text, "heading": one.heading, "categories": list(one.categories)}
            for one in review.labels
        ],
        "restores": review.restores,
        "reviewer": review.reviewer,
        "at": review.at,
    }


def review_of(row: Row[Any], prefix: str = "") -> Review:
    """The review in a row that has all columns of the table, named with a prefix."""
    kept = {column.name: getattr(row, f"{prefix}{column.name}") for column in reviews.c}
    del kept["site_id"]
    labels = tuple(
        Relabel(text=one["text"], heading=one["heading"], categories=tuple(one["categories"]))
        for one in kept.pop("labels")
    )
    verdict = kept.pop("verdict")
    tags = tuple(kept.pop("tags"))
    return Review(verdict=verdict and ReviewVerdict(verdict), tags=tags, labels=labels, **kept)
