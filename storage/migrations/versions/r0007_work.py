"""The work around a corpus: reviews, schedules, runs, notices, saves, tags; reading grades."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", RowId, nullable=False),
        sa.Column("target", Text, nullable=False),
        sa.Column("cron", Text, nullable=True),
        sa.Column("every_seconds", sa.Integer(), nullable=True),
        sa.Column("timezone", Text, nullable=False),
        sa.Column("jitter_seconds", sa.Integer(), nullable=False),
        sa.Column("adaptive", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("anchor", sa.String(length=20), nullable=False),
        sa.Column("enqueued_until", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
        sa.UniqueConstraint("target", name="uq_schedules_target"),
    )
    op.create_table(
        "announced",
        sa.Column("site_id", RowId, autoincrement=False, nullable=False),
        sa.Column("made_by", Text, nullable=True),
        sa.Column("until", sa.String(length=20), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_announced_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site_id", name="pk_announced"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", RowId, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("rule", Text, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("site_id", RowId, nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created", sa.String(length=20), nullable=False),
        sa.Column("due", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("message", Text, nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent", sa.String(length=20), nullable=True),
        sa.Column("lease_until", sa.String(length=20), nullable=True),
        sa.Column("reason", Text, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_outbox_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_state", "outbox", ["state", "due"], unique=False)
    op.create_table(
        "paces",
        sa.Column("site_id", RowId, autoincrement=False, nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=True),
        sa.Column("next_due", sa.String(length=20), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.String(length=20), nullable=True),
        sa.Column("quarantined_at", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_paces_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site_id", name="pk_paces"),
    )
    op.create_table(
        "reviews",
        sa.Column("site_id", RowId, autoincrement=False, nullable=False),
        sa.Column("old_sha256", sa.String(length=64), nullable=False),
        sa.Column("new_sha256", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("note", Text, nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.Column("reviewer", Text, nullable=False),
        sa.Column("at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_reviews_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "site_id", "old_sha256", "new_sha256", "revision", name="pk_reviews"
        ),
    )
    op.create_table(
        "runs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("site_id", RowId, nullable=False),
        sa.Column("schedule_id", RowId, nullable=True),
        sa.Column("due", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("worker", Text, nullable=True),
        sa.Column("lease_until", sa.String(length=20), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("covers", sa.Integer(), nullable=False),
        sa.Column("started", sa.String(length=20), nullable=True),
        sa.Column("ended", sa.String(length=20), nullable=True),
        sa.Column("outcome", Text, nullable=True),
        sa.Column("reason", Text, nullable=True),
        sa.Column("captures", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("requests_cdx", sa.Integer(), nullable=False),
        sa.Column("requests_replay", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name="fk_runs_schedule_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_runs_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.UniqueConstraint("site_id", "due", name="uq_runs_site_id_due"),
    )
    op.create_index("ix_runs_state", "runs", ["state", "due"], unique=False)
    op.create_index("ix_runs_ended", "runs", ["ended"], unique=False)
    op.create_index(
        "uq_runs_running",
        "runs",
        ["site_id"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "schedulers",
        sa.Column("name", Text, nullable=False),
        sa.Column("started", sa.String(length=20), nullable=False),
        sa.Column("seen", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schedulers"),
    )
    op.create_table(
        "saves",
        sa.Column("id", RowId, nullable=False),
        sa.Column("site_id", RowId, nullable=False),
        sa.Column("archive", Text, nullable=False),
        sa.Column("url", Text, nullable=False),
        sa.Column("asked", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("job", Text, nullable=True),
        sa.Column("timestamp", sa.String(length=14), nullable=True),
        sa.Column("checked", sa.String(length=20), nullable=True),
        sa.Column("reason", Text, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_saves_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_saves"),
    )
    op.create_index("ix_saves_url", "saves", ["archive", "url", "asked"], unique=False)
    op.create_table(
        "site_tags",
        sa.Column("site_id", RowId, autoincrement=False, nullable=False),
        sa.Column("tag", Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_site_tags_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site_id", "tag", name="pk_site_tags"),
    )
    op.create_index("ix_site_tags_tag", "site_tags", ["tag"], unique=False)
    op.create_table(
        "trend_cache",
        sa.Column("key", Text, nullable=False),
        sa.Column("edition", Text, nullable=False),
        sa.Column("computed", sa.String(length=20), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_trend_cache"),
    )
    derivations = sa.Column("derivations", sa.Integer(), server_default="0", nullable=False)
    op.add_column("sites", derivations)
    op.add_column("versions", sa.Column("grade", sa.Float(), nullable=True))
    op.add_column("versions", sa.Column("live", sa.Integer(), server_default="0", nullable=False))
    op.add_column("changes", sa.Column("score", sa.Integer(), server_default="-1", nullable=False))
    op.add_column(
        "changes", sa.Column("reasons", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
    )
    op.create_index("ix_changes_score", "changes", ["score", "before", "site_id", "new_number"])
    op.create_index("ix_changes_before", "changes", ["before", "site_id", "new_number"])
