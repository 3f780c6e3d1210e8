"""Segments of versions as spans, instead of a row for each segment of each version."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from storage.spans import day_of, weave

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")

SITES = 200
"""Sites in memory at a time: some 200,000 of the old rows."""

spans = sa.table(
    "segment_spans",
    *map(
        sa.column, ("site_id", "position", "segment_id", "first_number", "last_number", "first_day")
    ),
)


def upgrade() -> None:
    op.create_table(
        "segment_spans",
        sa.Column("site_id", RowId, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("segment_id", RowId, nullable=False),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name="fk_segment_spans_segment_id"
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "first_number"],
            ["versions.site_id", "versions.number"],
            name="fk_segment_spans_site_id_first_number",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "last_number"],
            ["versions.site_id", "versions.number"],
            name="fk_segment_spans_site_id_last_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("site_id", "position", name="pk_segment_spans"),
        sqlite_with_rowid=False,
    )
    _convert()
    op.create_index("ix_segment_spans_said", "segment_spans", ["segment_id", "first_day"])
    op.drop_table("version_segments")
    op.add_column("segment_texts", sa.Column("first_seen", sa.String(length=20)))
    _date_texts()
    if op.get_bind().dialect.name == "sqlite":
        # What a search reads of very many texts, without the texts.
        op.create_index("ix_segment_texts_search_age", "segment_texts", ["id", "first_seen"])
    else:
        # A phrase is looked for in what the index found: to parse that anew takes 20 times as long.
        # With the year in it, the index finds the oldest of very many.
        op.drop_index("ix_segment_texts_search", "segment_texts")
        op.execute(
            "ALTER TABLE segment_texts ADD COLUMN search tsvector GENERATED ALWAYS AS "
            "(to_tsvector('simple', left(text, 250000)) || "
            "array_to_tsvector(ARRAY['@' || coalesce(left(first_seen, 4), '')])) STORED"
        )
        op.execute("CREATE INDEX ix_segment_texts_search ON segment_texts USING gin (search)")


def _convert() -> None:
    conn = op.get_bind()
    last = conn.execute(sa.text("SELECT max(site_id) FROM version_segments")).scalar() or 0
    old = sa.text(
        "SELECT site_id, number, segment_id FROM version_segments "
        "WHERE site_id >= :start AND site_id < :stop ORDER BY site_id, number, position"
    )
    dated = sa.text(
        "SELECT site_id, number, first_seen FROM versions "
        "WHERE site_id >= :start AND site_id < :stop"
    )
    for start in range(0, last + 1, SITES):
        some = {"start": start, "stop": start + SITES}
        sites: dict[int, dict[int, list[int]]] = {}
        for site_id, number, segment_id in conn.execute(old, some):
            sites.setdefault(site_id, {}).setdefault(number, []).append(segment_id)
        days = {
            (site_id, number): day_of(datetime.fromisoformat(seen))
            for site_id, number, seen in conn.execute(dated, some)
        }
        rows = [
            {
                "site_id": site_id,
                "position": position,
                "segment_id": span.segment_id,
                "first_number": span.first,
                "last_number": span.last,
                "first_day": days[site_id, span.first],
            }
            for site_id, versions in sites.items()
            for position, span in enumerate(weave(versions.items()))
        ]
        if rows:
            conn.execute(spans.insert(), rows)


def _date_texts() -> None:
    op.execute(
        "UPDATE segment_texts SET first_seen = ("
        "SELECT min(versions.first_seen) FROM segments "
        "JOIN segment_spans ON segment_spans.segment_id = segments.id "
        "JOIN versions ON versions.site_id = segment_spans.site_id "
        "AND versions.number = segment_spans.first_number "
        "WHERE segments.text_id = segment_texts.id)"
    )
