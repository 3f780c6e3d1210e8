"""Captures that came into the index late: older than what was known of their URL already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from storage.records import Role
from storage.schema import captures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

    from storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a site's policy: the newest timestamp by archive and URL key, and the id
    below which its captures lie."""

    newest: Mapping[tuple[str, str], str]
    last_id: int


def known(conn: Connection, site_id: int) -> Known:
    """What is listed of a site's policy so far."""
    key = (captures.c.archive, captures.c.urlkey)
    query = select(*key, func.max(captures.c.timestamp), func.max(captures.c.id))
    rows = conn.execute(query.where(*_of_policy(site_id)).group_by(*key)).all()
    return Known(
        newest={(archive, urlkey): newest for archive, urlkey, newest, _ in rows},
        last_id=max((last for *_, last in rows), default=0),
    )


def late(conn: Connection, site_id: int, before: Known) -> int:
    """How many captures were listed since then that are older than the newest known then.

    Of a URL that was not known then none is late: its past was never asked for.
    """
    older = [
        and_(captures.c.archive == archive, captures.c.urlkey == urlkey, captures.c.timestamp < at)
        for (archive, urlkey), at in before.newest.items()
    ]
    if not older:
        return 0
    query = select(func.count()).select_from(captures)
    since = captures.c.id > before.last_id
    return int(conn.execute(query.where(*_of_policy(site_id), since, or_(*older))).scalar_one())


def _of_policy(site_id: int) -> tuple[ColumnElement[bool], ...]:
    return captures.c.site_id == site_id, captures.c.role == Role.POLICY.value
