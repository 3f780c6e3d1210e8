"""Rules by hand that came with a site's declaration; what they say is the crawler's matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from storage.database import insert
from storage.schema import overrides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Connection


def keep(conn: Connection, site_id: int, rules: Sequence[dict[str, Any]]) -> None:
    """Keep a site's rules, as JSON, in the place of those it had."""
    row = insert(conn, overrides).values(site_id=site_id, rules=list(rules))
    conn.execute(
        row.on_conflict_do_update(index_elements=["site_id"], set_={"rules": row.excluded.rules})
    )


def of_site(conn: Connection, site_id: int) -> list[dict[str, Any]]:
    """A site's rules as they were kept; none where it came without a declaration."""
    query = select(overrides.c.rules).where(overrides.c.site_id == site_id)
    found: list[dict[str, Any]] | None = conn.execute(query).scalar_one_or_none()
    return found or []
