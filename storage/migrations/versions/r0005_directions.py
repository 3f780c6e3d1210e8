"""What became of commitments at each change, and which practices only moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, empty in (("directions", "[]"), ("moved", "{}")):
        column = sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text(f"'{empty}'"))
        op.add_column("changes", column)
