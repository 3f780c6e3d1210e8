"""Rules by hand that came with a site's declaration; what they say is the crawler's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from storage.database import insert
from storage.schema import overrides

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from storage.database import Connection

NAMED = 500
"""Sites that a statement names; of more, all rules are read: few sites have any."""


def keep(conn: Connection, site_id: int, rules: Sequence[dict[str, Any]]) -> None:
    """Keep a site's rules, as JSON, in the place of those it had."""
    row = insert(conn, overrides).values(site_id=site_id, rules=list(rules))
    conn.execute(
        row.on_conflict_do_update(index_elements=["site_id"], set_={"rules": row.excluded.rules})
    )


def of_sites(conn: Connection, site_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The rules of those of some sites that have any, by the site's id."""
    query = select(overrides.c.site_id, overrides.c.rules)
    if len(site_ids) <= NAMED:
        query = query.where(overrides.c.site_id.in_(site_ids))
    wanted = set(site_ids)
    return {row.site_id: row.rules for row in conn.execute(query) if row.site_id in wanted}
