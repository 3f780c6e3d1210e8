"""Captures that no index lists: their address in the archive, and what told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# In the order of code points on PostgreSQL too, whatever its locale.
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("captures", sa.Column("memento_url", Text))
    op.add_column(
        "captures",
        sa.Column("how", sa.String(length=8), nullable=False, server_default="index"),
    )
