"""The tables of the work around a corpus: reviews, schedules and runs, notices, asked saves.

Nothing in them can be derived from kept bytes, so no reprocessing ever touches them but to carry
reviews over. Times of leases and heartbeats are of the database's users' clocks, in UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from storage.columns import SHA256, RowId, Text, UtcTime, metadata, site_column

# Figures over many sites, as computed at an edition of what they were computed of.
trend_cache = Table(
    "trend_cache",
    metadata,
    Column("key", Text, primary_key=True),
    Column("edition", Text, nullable=False),
    Column("computed", UtcTime, nullable=False),
    Column("document", JSON, nullable=False),
)

site_tags = Table(
    "site_tags",
    metadata,
    site_column(key=True),
    Column("tag", Text, primary_key=True),
    Index("ix_site_tags_tag", "tag"),
)

# A verdict is about two texts, so that it outlives every derivation. Rows are only ever added:
# the one of the highest revision counts, and two reviewers cannot both write the next.
reviews = Table(
    "reviews",
    metadata,
    site_column(key=True),
    Column("old_sha256", SHA256, primary_key=True),
    Column("new_sha256", SHA256, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("verdict", String(16)),
    Column("note", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    # Of an undo: the revision that counts again, 0 for none.
    Column("restores", Integer),
    Column("reviewer", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("target", Text, nullable=False),
    Column("cron", Text),
    Column("every_seconds", Integer),
    Column("timezone", Text, nullable=False),
    Column("jitter_seconds", Integer, nullable=False),
    Column("adaptive", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("origin", String(8), nullable=False),
    Column("anchor", UtcTime, nullable=False),
    Column("enqueued_until", UtcTime),
    UniqueConstraint("target"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", RowId, primary_key=True),
    site_column(),
    Column("schedule_id", RowId, ForeignKey("schedules.id", ondelete="SET NULL")),
    Column("due", UtcTime, nullable=False),
    Column("state", String(8), nullable=False),
    Column("worker", Text),
    Column("lease_until", UtcTime),
    Column("attempts", Integer, nullable=False),
    # How many due runs this one stands for, where some were missed.
    Column("covers", Integer, nullable=False),
    Column("started", UtcTime),
    Column("ended", UtcTime),
    Column("outcome", Text),
    Column("reason", Text),
    Column("captures", Integer, nullable=False),
    # Of those that were listed, how many are older than what was known of their URL.
    Column("late", Integer, nullable=False),
    Column("versions", Integer, nullable=False),
    Column("requests_cdx", Integer, nullable=False),
    Column("requests_replay", Integer, nullable=False),
    UniqueConstraint("site_id", "due"),
    Index("ix_runs_state", "state", "due"),
    Index("ix_runs_ended", "ended"),
    # No site is ever run twice at once, whatever goes wrong above. On PostgreSQL the index is the
    # same partial one, by its migration: to say so here would load that dialect at every start.
    Index("uq_runs_running", "site_id", unique=True, sqlite_where=text("state = 'running'")),
)

# Schedulers that are at work, or were killed: who ends in order takes its row along.
schedulers = Table(
    "schedulers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("started", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
)

paces = Table(
    "paces",
    metadata,
    site_column(key=True),
    Column("interval_seconds", Integer),
    Column("next_due", UtcTime),
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcTime),
    Column("quarantined_at", UtcTime),
)

# Which changes of a site were told, or were known when its watch began: told again never. One row
# a site, as [[old digest, new digest, after, before], …]; ``until`` is the newest capture by then.
announced = Table(
    "announced",
    metadata,
    site_column(key=True),
    Column("made_by", Text),
    Column("until", UtcTime),
    Column("changes", JSON, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    # What is told to whom: a second notice of the same has no place.
    Column("key", Text, nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("site_id", RowId, ForeignKey("sites.id", ondelete="CASCADE")),
    Column("payload", JSON, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("due", UtcTime, nullable=False),
    # Whether it waits to be told with others, and the message that it was put into: one that is
    # sent again must be the same, to the letter.
    Column("digest", Boolean, nullable=False),
    Column("message", Text),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent", UtcTime),
    Column("lease_until", UtcTime),
    Column("reason", Text),
    Index("ix_outbox_state", "state", "due"),
)

saves = Table(
    "saves",
    metadata,
    Column("id", RowId, primary_key=True),
    site_column(),
    Column("archive", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("asked", UtcTime, nullable=False),
    Column("state", String(8), nullable=False),
    Column("job", Text),
    Column("timestamp", String(14)),
    Column("checked", UtcTime),
    Column("reason", Text),
    Index("ix_saves_url", "archive", "url", "asked"),
)
