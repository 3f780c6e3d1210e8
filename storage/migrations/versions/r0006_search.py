"""Full text search over segments: FTS5 in SQLite, a GIN index in PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_version_segments_segment_id", "version_segments", ["segment_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE segment_search USING fts5(text, content='segment_texts', "
            "content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
        )
        op.execute("INSERT INTO segment_search(segment_search) VALUES ('rebuild')")
        op.execute(
            "CREATE TRIGGER segment_texts_search AFTER INSERT ON segment_texts BEGIN "
            "INSERT INTO segment_search(rowid, text) VALUES (new.id, new.text); END"
        )
    else:
        # A text of more than a megabyte of different words has no vector.
        op.execute(
            "CREATE INDEX ix_segment_texts_search ON segment_texts USING gin "
            "(to_tsvector('simple', left(text, 250000)))"
        )
