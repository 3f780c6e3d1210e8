"""The queue of changes that wait for a reviewer, highest score first.

Made for a million changes: a page of the open queue is a range of the index on scores, and what was
reviewed is looked up from the reviews, of which people write thousands at most.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, cast, func, literal, or_, select, tuple_
from sqlalchemy.types import Text as AnyText

from storage.changes import change_of
from storage.review_records import QueuedChange, QueueFilter, ReviewVerdict
from storage.reviews import is_latest, review_of
from storage.schema import changes, sites, versions
from storage.work_schema import reviews, site_tags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Column, Row, Select

    from storage.database import Connection
    from storage.review_records import QueuePlace, Review

_old, _new = versions.alias("old_version"), versions.alias("new_version")
_REVIEW = tuple(column.label(f"review_{column.name}") for column in reviews.c)
_ORDER = (changes.c.score, changes.c.before, changes.c.site_id, changes.c.new_number)


def queue(
    conn: Connection,
    wanted: QueueFilter | None = None,
    *,
    limit: int | None = None,
    after: QueuePlace | None = None,
) -> list[QueuedChange]:
    """A page of the queue: the highest scores first, of equal ones the latest.

    ``after`` is the place of the last change of the page before.
    """
    wanted = wanted or QueueFilter()
    if wanted.state == "reviewed":
        # Asked for one verdict, either database begins with the few reviews that say so.
        each = [
            queue(conn, replace(wanted, state=verdict.value), limit=limit, after=after)
            for verdict in ReviewVerdict
        ]
        return sorted(chain.from_iterable(each), key=_place, reverse=True)[:limit]
    query = _joined().where(*_conditions(wanted))
    if after is not None:
        here = (after.score, after.before, after.site_id, after.number)
        query = query.where(tuple_(*_ORDER) < tuple_(*map(_bound, _ORDER, here)))
    order: list[ColumnElement[Any]] = [*_ORDER]
    if wanted.state not in {"open", "all"} or wanted.site_ids:
        # These are few: find them by their reviews or sites, not by walking down all scores.
        order[0] = changes.c.score + 0
    query = query.order_by(*(column.desc() for column in order)).limit(limit)
    return [_queued(row) for row in conn.execute(query)]


def _place(queued: QueuedChange) -> tuple[int, datetime, int, int]:
    change = queued.change
    return change.score, change.before, queued.site_id, change.new_number


def _bound(column: Column[Any], value: Any) -> ColumnElement[Any]:
    return literal(value, column.type)


def between(conn: Connection, site_id: int, old_id: str, new_id: str) -> QueuedChange | None:
    """The change between two successive versions of a site, by their ids."""
    here = (changes.c.site_id == site_id, _old.c.id == old_id, _new.c.id == new_id)
    row = conn.execute(_joined().where(*here)).one_or_none()
    return None if row is None else _queued(row)


def of_site(conn: Connection, site_id: int) -> dict[int, Review]:
    """The review that counts of each reviewed change of a site, by the new version's number."""
    query = (
        select(changes.c.new_number, *_REVIEW)
        .join(_old, _version(_old, changes.c.old_number))
        .join(_new, _version(_new, changes.c.new_number))
        .join(reviews, _REVIEWED)
        .where(changes.c.site_id == site_id)
    )
    return {row.new_number: review_of(row, "review_") for row in conn.execute(query)}


def counts(conn: Connection) -> dict[str, int]:
    """How many changes are in each state: ``open``, and every verdict; by that name."""
    # A subquery, so that the few reviews are gone through and not the million changes.
    alike = (
        select(func.count())
        .select_from(changes)
        .join(_old, _version(_old, changes.c.old_number))
        .join(_new, _version(_new, changes.c.new_number))
        .where(
            changes.c.site_id == reviews.c.site_id,
            _old.c.text_sha256 == reviews.c.old_sha256,
            _new.c.text_sha256 == reviews.c.new_sha256,
        )
        .correlate(reviews)
        .scalar_subquery()
    )
    said = (
        select(reviews.c.verdict, func.sum(alike).label("changes"))
        .where(reviews.c.verdict.is_not(None), is_latest())
        .group_by(reviews.c.verdict)
    )
    found = dict.fromkeys((verdict.value for verdict in ReviewVerdict), 0)
    found |= {row.verdict: int(row.changes) for row in conn.execute(said)}
    total = conn.execute(select(func.count()).select_from(changes)).scalar_one()
    return {"open": total - sum(found.values()), **found}


def _version(alias: Any, number: Column[int]) -> ColumnElement[bool]:
    return and_(alias.c.site_id == changes.c.site_id, alias.c.number == number)


_REVIEWED = and_(
    reviews.c.site_id == changes.c.site_id,
    reviews.c.old_sha256 == _old.c.text_sha256,
    reviews.c.new_sha256 == _new.c.text_sha256,
    is_latest(),
)


def _joined() -> Select[Any]:
    return (
        select(
            changes,
            sites.c.domain,
            _old.c.id.label("old_id"),
            _new.c.id.label("new_id"),
            _old.c.text_sha256.label("old_text"),
            _new.c.text_sha256.label("new_text"),
            *_REVIEW,
        )
        .join(sites, sites.c.id == changes.c.site_id)
        .join(_old, _version(_old, changes.c.old_number))
        .join(_new, _version(_new, changes.c.new_number))
        .outerjoin(reviews, _REVIEWED)
    )


def _conditions(wanted: QueueFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.site_ids:
        yield changes.c.site_id.in_(wanted.site_ids)
    if wanted.since is not None:
        yield changes.c.before >= wanted.since
    if wanted.min_score:
        yield changes.c.score >= wanted.min_score
    if wanted.category is not None:
        # The column is a list of [category, counts…].
        practices = cast(changes.c.practices, AnyText)
        yield practices.contains(f"[{json.dumps(wanted.category)},", autoescape=True)
    if wanted.tag is not None:
        of_review = cast(reviews.c.tags, AnyText).contains(json.dumps(wanted.tag), autoescape=True)
        of_site = select(site_tags.c.site_id).where(site_tags.c.tag == wanted.tag)
        yield or_(of_review, changes.c.site_id.in_(of_site))
    if wanted.state == "open":
        yield reviews.c.verdict.is_(None)
    elif wanted.state != "all":
        yield reviews.c.verdict == ReviewVerdict(wanted.state).value


def _queued(row: Row[Any]) -> QueuedChange:
    return QueuedChange(
        site_id=row.site_id,
        site=row.domain,
        old_id=row.old_id,
        new_id=row.new_id,
        old_sha256=row.old_text,
        new_sha256=row.new_text,
        change=change_of(row),
        review=None if row.review_revision is None else review_of(row, "review_"),
    )
