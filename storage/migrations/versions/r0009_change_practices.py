"""The practice categories of changes as rows: the latest of a rare one are found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")

# The column is a list of [category, counts…].
ON_SQLITE = """
    INSERT INTO change_practices (site_id, new_number, category, before)
    SELECT DISTINCT site_id, new_number, json_extract(practice.value, '$[0]'), before
    FROM changes, json_each(changes.practices) AS practice ORDER BY 1, 2, 3
"""
ON_POSTGRESQL = """
    INSERT INTO change_practices (site_id, new_number, category, before)
    SELECT DISTINCT site_id, new_number, practice.value ->> 0, before
    FROM changes, json_array_elements(changes.practices) AS practice
"""


def upgrade() -> None:
    op.create_table(
        "change_practices",
        sa.Column("site_id", RowId, autoincrement=False, nullable=False),
        sa.Column("new_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("category", Text, nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "new_number"],
            ["changes.site_id", "changes.new_number"],
            name="fk_change_practices_site_id_new_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("site_id", "new_number", "category", name="pk_change_practices"),
        sqlite_with_rowid=False,
    )
    op.execute(ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL)
    op.create_index(
        "ix_change_practices_before",
        "change_practices",
        ["category", "before", "site_id", "new_number"],
    )
