"""Bodies packed as what differs from another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("blobs", sa.Column("base", sa.String(64)))
    for name in ("member", "depth"):
        op.add_column("blobs", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "blobs", sa.Column("compacted", sa.Boolean(), nullable=False, server_default=sa.false())
    )
