"""Changes between successive versions of a site's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select, update

from storage.records import Change, CommitmentChange, PracticeCount
from storage.schema import change_practices, changes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sqlalchemy import Row

    from storage.database import Connection

SAME_NAME = (
    "old_number",
    "new_number",
    "after",
    "before",
    "silent",
    "words_added",
    "words_removed",
    "kind",
    "moved",
    "score",
)
"""Fields of a Change that are columns of the same name and type."""


def replace(conn: Connection, site_id: int, derived: Iterable[Change]) -> None:
    """Put newly derived changes in the place of the site's earlier ones; versions come first."""
    known = list(derived)
    conn.execute(delete(changes).where(changes.c.site_id == site_id))
    rows = [
        {name: getattr(change, name) for name in SAME_NAME}
        | {
            "site_id": site_id,
            "practices": [
                [p.category, p.added, p.removed, p.modified, p.gained, p.lost]
                for p in change.practices
            ],
            "directions": [
                [one.direction, one.old_words, one.new_words, list(one.categories)]
                for one in change.directions
            ],
            "reasons": list(change.reasons),
        }
        for change in known
    ]
    practices = [
        {
            "site_id": site_id,
            "new_number": change.new_number,
            "category": category,
            "before": change.before,
        }
        for change in known
        for category in dict.fromkeys(practice.category for practice in change.practices)
    ]
    if rows:
        conn.execute(changes.insert(), rows)
    if practices:
        conn.execute(change_practices.insert(), practices)


def of_site(conn: Connection, site_id: int) -> list[Change]:
    """A site's changes, oldest first."""
    query = select(changes).where(changes.c.site_id == site_id).order_by(changes.c.new_number)
    return [change_of(row) for row in conn.execute(query)]


def to_version(conn: Connection, site_id: int, number: int) -> Change | None:
    """The change that led to a site's version; None for the first."""
    here = (changes.c.site_id == site_id, changes.c.new_number == number)
    row = conn.execute(select(changes).where(*here)).one_or_none()
    return None if row is None else change_of(row)


def unscored(conn: Connection, limit: int) -> list[tuple[int, Change]]:
    """Some changes that were derived before there were scores, each with the id of its site."""
    query = select(changes).where(changes.c.score < 0).limit(limit)
    return [(row.site_id, change_of(row)) for row in conn.execute(query)]


def score(conn: Connection, scored: Iterable[tuple[int, Change]]) -> None:
    """Keep scores and reasons of changes that are kept, each given with the id of its site."""
    rows = [
        {"site": site_id, "n": change.new_number, "score": change.score, "why": [*change.reasons]}
        for site_id, change in scored
    ]
    if rows:
        here = (changes.c.site_id == bindparam("site"), changes.c.new_number == bindparam("n"))
        values: dict[str, Any] = {"score": bindparam("score"), "reasons": bindparam("why")}
        conn.execute(update(changes).where(*here).values(values), rows)


def change_of(row: Row[Any]) -> Change:
    """The change in a row that has all columns of the table."""
    return Change(
        practices=tuple(map(_practice, row.practices)),
        directions=tuple(
            CommitmentChange(
                direction=direction,
                old_words=old_words,
                new_words=new_words,
                categories=tuple(categories),
            )
            for direction, old_words, new_words, categories in row.directions
        ),
        reasons=tuple(row.reasons),
        **{name: getattr(row, name) for name in SAME_NAME},
    )


def _practice(kept: list[Any]) -> PracticeCount:
    """What was kept before schema 5 has no last two numbers."""
    category, added, removed, modified, *flips = kept
    gained, lost = flips or (0, 0)
    return PracticeCount(
        category=category,
        added=added,
        removed=removed,
        modified=modified,
        gained=gained,
        lost=lost,
    )
