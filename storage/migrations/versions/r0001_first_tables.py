"""The first tables: sites, captures, snapshots, versions, changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# In the order of code points on PostgreSQL too, whatever its locale.
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("codec", sa.String(length=16), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_blobs"),
    )
    op.create_table(
        "budgets",
        sa.Column("archive", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("next_at", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("archive", "kind", name="pk_budgets"),
    )
    op.create_table(
        "pauses",
        sa.Column("archive", Text, nullable=False),
        sa.Column("until", sa.Float(precision=53), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("archive", name="pk_pauses"),
    )
    op.create_table(
        "segment_texts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_segment_texts"),
        sa.UniqueConstraint("sha256", name="uq_segment_texts_sha256"),
    )
    op.create_table(
        "sites",
        sa.Column("id", RowId, nullable=False),
        sa.Column("domain", Text, nullable=False),
        sa.Column("name", Text, nullable=True),
        sa.Column("added_at", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sites"),
        sa.UniqueConstraint("domain", name="uq_sites_domain"),
    )
    op.create_index("ix_sites_name", "sites", ["name"], unique=False)
    op.create_table(
        "captures",
        sa.Column("id", RowId, nullable=False),
        sa.Column("site_id", RowId, nullable=False),
        sa.Column("archive", Text, nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("urlkey", Text, nullable=False),
        sa.Column("timestamp", sa.String(length=14), nullable=False),
        sa.Column("original", Text, nullable=False),
        sa.Column("mimetype", Text, nullable=False),
        sa.Column("statuscode", sa.Integer(), nullable=True),
        sa.Column("digest", Text, nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", Text, nullable=True),
        sa.Column("transient", sa.Boolean(), nullable=False),
        sa.Column("tried_at", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "state IN ('listed', 'fetched', 'failed', 'excluded')", name="ck_captures_state"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_captures_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
        sa.UniqueConstraint(
            "site_id",
            "archive",
            "role",
            "timestamp",
            "original",
            name="uq_captures_site_id_archive_role_timestamp_original",
        ),
    )
    op.create_index("ix_captures_frontier", "captures", ["site_id", "state"], unique=False)
    op.create_table(
        "crawls",
        sa.Column("id", RowId, nullable=False),
        sa.Column("site_id", RowId, nullable=False),
        sa.Column("started", sa.String(length=20), nullable=False),
        sa.Column("ended", sa.String(length=20), nullable=True),
        sa.Column("requests_cdx", sa.Integer(), nullable=False),
        sa.Column("requests_replay", sa.Integer(), nullable=False),
        sa.Column("outcome", Text, nullable=True),
        sa.Column("reason", Text, nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_crawls_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_crawls"),
    )
    op.create_index("ix_crawls_site_id_started", "crawls", ["site_id", "started"], unique=False)
    op.create_table(
        "documents",
        sa.Column("id", RowId, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("normalizer", Text, nullable=False),
        sa.Column("markdown_sha256", sa.String(length=64), nullable=False),
        sa.Column("surroundings_sha256", sa.String(length=64), nullable=False),
        sa.Column("title", Text, nullable=True),
        sa.Column("language", Text, nullable=True),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["markdown_sha256"], ["blobs.sha256"], name="fk_documents_markdown_sha256"
        ),
        sa.ForeignKeyConstraint(
            ["surroundings_sha256"], ["blobs.sha256"], name="fk_documents_surroundings_sha256"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("sha256", "normalizer", name="uq_documents_sha256_normalizer"),
    )
    op.create_table(
        "index_queries",
        sa.Column("id", RowId, nullable=False),
        sa.Column("site_id", RowId, nullable=False),
        sa.Column("archive", Text, nullable=False),
        sa.Column("url", Text, nullable=False),
        sa.Column("asked_at", sa.String(length=20), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("newest", sa.String(length=14), nullable=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_index_queries_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_index_queries"),
    )
    op.create_index(
        "ix_index_queries_question", "index_queries", ["site_id", "archive", "url"], unique=False
    )
    op.create_table(
        "policy_urls",
        sa.Column("id", RowId, nullable=False),
        sa.Column("site_id", RowId, nullable=False),
        sa.Column("url", Text, nullable=False),
        sa.Column("how", Text, nullable=False),
        sa.Column("first", sa.String(length=20), nullable=True),
        sa.Column("last", sa.String(length=20), nullable=True),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_policy_urls_site_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_policy_urls"),
        sa.UniqueConstraint("site_id", "url", name="uq_policy_urls_site_id_url"),
    )
    op.create_table(
        "segments",
        sa.Column("id", RowId, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text_id", RowId, nullable=False),
        sa.Column("heading_id", RowId, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["heading_id"], ["segment_texts.id"], name="fk_segments_heading_id"
        ),
        sa.ForeignKeyConstraint(["text_id"], ["segment_texts.id"], name="fk_segments_text_id"),
        sa.PrimaryKeyConstraint("id", name="pk_segments"),
        sa.UniqueConstraint("sha256", name="uq_segments_sha256"),
    )
    op.create_index(("ix_segments_text_id"), "segments", ["text_id"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("id", RowId, nullable=False),
        sa.Column("capture_id", RowId, nullable=False),
        sa.Column("archive_url", Text, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("fetched_at", sa.String(length=20), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("reason", Text, nullable=True),
        sa.Column("policy_score", sa.Float(), nullable=True),
        sa.Column("normalizer", Text, nullable=True),
        sa.Column("document_id", RowId, nullable=True),
        sa.ForeignKeyConstraint(["body_sha256"], ["blobs.sha256"], name="fk_snapshots_body_sha256"),
        sa.ForeignKeyConstraint(
            ["capture_id"], ["captures.id"], name="fk_snapshots_capture_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_snapshots_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_snapshots"),
        sa.UniqueConstraint("capture_id", name="uq_snapshots_capture_id"),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("site_id", RowId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", Text, nullable=False),
        sa.Column("first_seen", sa.String(length=20), nullable=False),
        sa.Column("last_seen", sa.String(length=20), nullable=False),
        sa.Column("captures", sa.Integer(), nullable=False),
        sa.Column("archive_url", Text, nullable=False),
        sa.Column("snapshot_id", RowId, nullable=False),
        sa.Column("document_id", RowId, nullable=False),
        sa.Column("stated_date", sa.String(length=10), nullable=True),
        sa.Column("language", Text, nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("practices", sa.JSON(), nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("made_by", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_versions_document_id"),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_versions_site_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.id"], name="fk_versions_snapshot_id"),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
        sa.UniqueConstraint("site_id", "number", name="uq_versions_site_id_number"),
    )
    op.create_table(
        "changes",
        sa.Column("site_id", RowId, autoincrement=False, nullable=False),
        sa.Column("new_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("old_number", sa.Integer(), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("words_added", sa.Integer(), nullable=False),
        sa.Column("words_removed", sa.Integer(), nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("practices", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "new_number"],
            ["versions.site_id", "versions.number"],
            name="fk_changes_site_id_new_number",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "old_number"],
            ["versions.site_id", "versions.number"],
            name="fk_changes_site_id_old_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("site_id", "new_number", name="pk_changes"),
    )
    op.create_table(
        "decisions",
        sa.Column("snapshot_id", RowId, autoincrement=False, nullable=False),
        sa.Column("site_id", RowId, nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("reason", Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "number"],
            ["versions.site_id", "versions.number"],
            name="fk_decisions_site_id_number",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name="fk_decisions_site_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name="fk_decisions_snapshot_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("snapshot_id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_version", "decisions", ["site_id", "number"], unique=False)
    op.create_table(
        "version_segments",
        sa.Column("site_id", RowId, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("segment_id", RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name="fk_version_segments_segment_id"
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "number"],
            ["versions.site_id", "versions.number"],
            name="fk_version_segments_site_id_number",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("site_id", "number", "position", name="pk_version_segments"),
        sqlite_with_rowid=False,
    )
