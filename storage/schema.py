"""The tables, in SQLAlchemy Core: one description for every database the tracker runs on.

What is stored once is referred to by its digest or id: bodies and texts (``blobs``), cleaned
documents, texts of segments and labelled segments. A site's derived rows (versions, the spans of
their segments, changes, decisions) are keyed by the site and the version's number: small integers
that lie together.

A change here needs a migration under storage/migrations/versions and a new ``REVISION``; a test
compares the two.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

import storage.work_schema  # noqa: F401 - its tables belong to the same metadata
from storage.columns import SHA256, IsoDate, RowId, Text, UtcTime, site_column
from storage.columns import metadata as metadata  # others import it from here, whole

REVISION = "0009"
"""The newest migration: what this program reads and writes. Revisions are counted, four digits."""

sites = Table(
    "sites",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("domain", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("added_at", UtcTime, nullable=False),
    # How many times its versions were derived: tells what was computed of them when it is stale.
    Column("derivations", Integer, nullable=False, server_default="0"),
    Index("ix_sites_name", "name"),
)

policy_urls = Table(
    "policy_urls",
    metadata,
    Column("id", RowId, primary_key=True),
    site_column(),
    Column("url", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("first", UtcTime),
    Column("last", UtcTime),
    Column("given", Boolean, nullable=False),
    Column("evidence", JSON, nullable=False),
    UniqueConstraint("site_id", "url"),
)

overrides = Table(
    "overrides",
    metadata,
    site_column(key=True),
    Column("rules", JSON, nullable=False),
)

captures = Table(
    "captures",
    metadata,
    Column("id", RowId, primary_key=True),
    site_column(),
    Column("archive", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("urlkey", Text, nullable=False),
    Column("timestamp", String(14), nullable=False),
    Column("original", Text, nullable=False),
    Column("mimetype", Text, nullable=False),
    Column("statuscode", Integer),
    Column("digest", Text, nullable=False),
    Column("length", BigInteger),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text),
    Column("transient", Boolean, nullable=False),
    Column("tried_at", UtcTime),
    Column("memento_url", Text),
    Column("how", String(8), nullable=False, server_default="index"),
    # A page can be both home and policy (a one-page site): each role has its own row.
    UniqueConstraint("site_id", "archive", "role", "timestamp", "original"),
    Index("ix_captures_frontier", "site_id", "state"),
    CheckConstraint("state IN ('listed', 'fetched', 'failed', 'excluded')", name="state"),
)

index_queries = Table(
    "index_queries",
    metadata,
    Column("id", RowId, primary_key=True),
    site_column(),
    Column("archive", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("newest", String(14)),
    Column("complete", Boolean, nullable=False),
    Index("ix_index_queries_question", "site_id", "archive", "url"),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", SHA256, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("codec", String(16), nullable=False),
    Column("data", LargeBinary, nullable=False),
    # What a delta rests on. No foreign key: no row is ever deleted, and a copy of the database
    # need not put bases first.
    Column("base", SHA256),
    Column("member", Integer, nullable=False, server_default="0"),
    Column("depth", Integer, nullable=False, server_default="0"),
    Column("compacted", Boolean, nullable=False, server_default=false()),
)

documents = Table(
    "documents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("sha256", SHA256, nullable=False),
    Column("normalizer", Text, nullable=False),
    Column("markdown_sha256", SHA256, ForeignKey("blobs.sha256"), nullable=False),
    Column("surroundings_sha256", SHA256, ForeignKey("blobs.sha256"), nullable=False),
    Column("title", Text),
    Column("language", Text),
    Column("notes", JSON, nullable=False),
    UniqueConstraint("sha256", "normalizer"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", RowId, primary_key=True),
    Column(
        "capture_id",
        RowId,
        ForeignKey("captures.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    Column("archive_url", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body_sha256", SHA256, ForeignKey("blobs.sha256"), nullable=False),
    Column("fetched_at", UtcTime, nullable=False),
    Column("verdict", String(16)),
    Column("reason", Text),
    Column("policy_score", Float),
    Column("normalizer", Text),
    Column("document_id", RowId, ForeignKey("documents.id")),
)

versions = Table(
    "versions",
    metadata,
    Column("id", String(12), primary_key=True),
    site_column(),
    Column("number", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("first_seen", UtcTime, nullable=False),
    Column("last_seen", UtcTime, nullable=False),
    Column("captures", Integer, nullable=False),
    Column("archive_url", Text, nullable=False),
    Column("snapshot_id", RowId, ForeignKey("snapshots.id"), nullable=False),
    Column("document_id", RowId, ForeignKey("documents.id"), nullable=False),
    Column("stated_date", IsoDate),
    Column("language", Text),
    Column("words", Integer, nullable=False),
    Column("grade", Float),
    Column("live", Integer, nullable=False, server_default="0"),
    Column("text_sha256", SHA256, nullable=False),
    Column("practices", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", JSON, nullable=False),
    UniqueConstraint("site_id", "number"),
)

segment_texts = Table(
    "segment_texts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("sha256", SHA256, nullable=False, unique=True),
    Column("text", Text, nullable=False),
    # No site said it before; it may be later, once an older version turned out to be none. A
    # search takes the oldest texts first by it. None of what stands in no version.
    Column("first_seen", UtcTime),
)

segments = Table(
    "segments",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("sha256", SHA256, nullable=False, unique=True),
    Column("text_id", RowId, ForeignKey("segment_texts.id"), nullable=False, index=True),
    Column("heading_id", RowId, ForeignKey("segment_texts.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("categories", JSON, nullable=False),
)


def _version_of_site(column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["site_id", column], ["versions.site_id", "versions.number"], ondelete="CASCADE"
    )


segment_spans = Table(
    "segment_spans",
    metadata,
    Column("site_id", RowId, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("segment_id", RowId, ForeignKey("segments.id"), nullable=False),
    Column("first_number", Integer, nullable=False),
    Column("last_number", Integer, nullable=False),
    # Of the first version, in days since 1970: two bytes, of which there are tens of millions.
    Column("first_day", Integer, nullable=False),
    _version_of_site("first_number"),
    _version_of_site("last_number"),
    # Who said a thing before a day is a range of it, however many said it later.
    Index("ix_segment_spans_said", "segment_id", "first_day"),
    sqlite_with_rowid=False,
)

changes = Table(
    "changes",
    metadata,
    Column("site_id", RowId, primary_key=True, autoincrement=False),
    Column("new_number", Integer, primary_key=True, autoincrement=False),
    Column("old_number", Integer, nullable=False),
    Column("after", UtcTime, nullable=False),
    Column("before", UtcTime, nullable=False),
    Column("silent", Boolean, nullable=False),
    Column("words_added", Integer, nullable=False),
    Column("words_removed", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("practices", JSON, nullable=False),
    Column("directions", JSON, nullable=False, server_default=text("'[]'")),
    Column("moved", JSON, nullable=False, server_default=text("'{}'")),
    # How much it may matter, 0 to 100; -1 of what was derived before there were scores.
    Column("score", Integer, nullable=False, server_default="-1"),
    Column("reasons", JSON, nullable=False, server_default=text("'[]'")),
    _version_of_site("old_number"),
    _version_of_site("new_number"),
    # The queue's order: the next page is a range of it, however long the queue is.
    Index("ix_changes_score", "score", "before", "site_id", "new_number"),
    # The order of what changed lately, on all sites together.
    Index("ix_changes_before", "before", "site_id", "new_number"),
)

change_practices = Table(
    "change_practices",
    metadata,
    Column("site_id", RowId, primary_key=True, autoincrement=False),
    Column("new_number", Integer, primary_key=True, autoincrement=False),
    Column("category", Text, primary_key=True),
    Column("before", UtcTime, nullable=False),
    ForeignKeyConstraint(
        ["site_id", "new_number"],
        ["changes.site_id", "changes.new_number"],
        ondelete="CASCADE",
    ),
    # What changed lately in a category, however rare it is.
    Index("ix_change_practices_before", "category", "before", "site_id", "new_number"),
    sqlite_with_rowid=False,
)
"""The categories of ``changes.practices``, a row each: kept with the changes, to find them by."""

decisions = Table(
    "decisions",
    metadata,
    Column(
        "snapshot_id",
        RowId,
        ForeignKey("snapshots.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    site_column(),
    Column("number", Integer),
    Column("reason", Text, nullable=False),
    _version_of_site("number"),
    Index("ix_decisions_version", "site_id", "number"),
)

budgets = Table(
    "budgets",
    metadata,
    Column("archive", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("next_at", Float(53), nullable=False),
)

pauses = Table(
    "pauses",
    metadata,
    Column("archive", Text, primary_key=True),
    Column("until", Float(53), nullable=False),
    Column("count", Integer, nullable=False),
)

crawls = Table(
    "crawls",
    metadata,
    Column("id", RowId, primary_key=True),
    site_column(),
    Column("started", UtcTime, nullable=False),
    Column("ended", UtcTime),
    Column("requests_cdx", Integer, nullable=False),
    Column("requests_replay", Integer, nullable=False),
    Column("outcome", Text),
    Column("reason", Text),
    Index("ix_crawls_site_id_started", "site_id", "started"),
)
