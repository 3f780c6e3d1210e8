"""Views with plain names, for whoever opens the database with another program.

They are no part of any migration: before one runs they are dropped, and made anew afterwards, so
that they always fit the tables and never stand in a migration's way. Who changes one adds a
migration, even an empty one: nothing else has an older database make it anew. docs/schema.md
explains them, and every table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from storage.database import Connection

VIEWS = {
    "history": """
        SELECT sites.domain AS site, versions.number AS version, versions.first_seen,
            versions.last_seen, versions.captures, versions.words, versions.grade,
            versions.language, versions.stated_date, changes.words_added, changes.words_removed,
            changes.silent, changes.score, versions.url, versions.archive_url, versions.id
        FROM versions
        JOIN sites ON sites.id = versions.site_id
        LEFT JOIN changes ON changes.site_id = versions.site_id
            AND changes.new_number = versions.number
    """,
    "practices_of_versions": """
        SELECT sites.domain AS site, versions.number AS version, versions.first_seen,
            {key} AS category, {count} AS segments
        FROM versions
        JOIN sites ON sites.id = versions.site_id
        CROSS JOIN {each_practice}
    """,
    "changes_of_sites": """
        SELECT sites.domain AS site, changes.old_number AS from_version,
            changes.new_number AS to_version, changes.after, changes.before, changes.silent,
            old.stated_date AS old_stated_date, new.stated_date AS new_stated_date,
            changes.kind, changes.words_added, changes.words_removed, changes.score,
            old.archive_url AS old_archive_url, new.archive_url AS new_archive_url
        FROM changes
        JOIN sites ON sites.id = changes.site_id
        JOIN versions AS old ON old.site_id = changes.site_id AND old.number = changes.old_number
        JOIN versions AS new ON new.site_id = changes.site_id AND new.number = changes.new_number
    """,
    "silent_changes": """
        SELECT site, from_version, to_version, after, before, old_stated_date AS stated_date,
            words_added, words_removed, score, old_archive_url, new_archive_url
        FROM changes_of_sites WHERE {silent}
    """,
    "changes_by_category": """
        SELECT sites.domain AS site, changes.new_number AS to_version, changes.after,
            changes.before, changes.silent, {category} AS category, {added} AS added,
            {removed} AS removed, {modified} AS modified
        FROM changes
        JOIN sites ON sites.id = changes.site_id
        CROSS JOIN {each_change}
    """,
    "captures_of_sites": """
        SELECT sites.domain AS site, captures.timestamp, captures.original AS url, captures.role,
            captures.archive, captures.state, captures.reason AS state_reason, snapshots.status,
            snapshots.verdict, snapshots.reason AS verdict_reason, decisions.number AS version,
            decisions.reason AS decision, snapshots.archive_url, snapshots.body_sha256
        FROM captures
        JOIN sites ON sites.id = captures.site_id
        LEFT JOIN snapshots ON snapshots.capture_id = captures.id
        LEFT JOIN decisions ON decisions.snapshot_id = snapshots.id
    """,
    "segments_of_versions": """
        SELECT sites.domain AS site, versions.number AS version, versions.first_seen,
            segment_spans.position, segments.kind, segments.level, headings.text AS heading,
            segment_texts.text, segments.categories
        FROM versions
        JOIN sites ON sites.id = versions.site_id
        JOIN segment_spans ON segment_spans.site_id = versions.site_id
            AND versions.number BETWEEN segment_spans.first_number AND segment_spans.last_number
        JOIN segments ON segments.id = segment_spans.segment_id
        JOIN segment_texts ON segment_texts.id = segments.text_id
        JOIN segment_texts AS headings ON headings.id = segments.heading_id
    """,
    "passages": """
        SELECT sites.domain AS site, segments.text_id, segment_texts.text, segments.categories,
            segment_spans.first_number AS first_version, segment_spans.last_number AS last_version,
            opening.first_seen, closing.last_seen
        FROM segment_spans
        JOIN sites ON sites.id = segment_spans.site_id
        JOIN segments ON segments.id = segment_spans.segment_id
        JOIN segment_texts ON segment_texts.id = segments.text_id
        JOIN versions AS opening ON opening.site_id = segment_spans.site_id
            AND opening.number = segment_spans.first_number
        JOIN versions AS closing ON closing.site_id = segment_spans.site_id
            AND closing.number = segment_spans.last_number
    """,
    "policy_texts": """
        SELECT sites.domain AS site, versions.number AS version, versions.first_seen,
            versions.last_seen, (
                SELECT {joined} FROM (
                    SELECT segment_texts.text
                    FROM segment_spans
                    JOIN segments ON segments.id = segment_spans.segment_id
                    JOIN segment_texts ON segment_texts.id = segments.text_id
                    WHERE segment_spans.site_id = versions.site_id AND versions.number
                        BETWEEN segment_spans.first_number AND segment_spans.last_number
                    ORDER BY segment_spans.position
                ) AS ordered
            ) AS text
        FROM versions
        JOIN sites ON sites.id = versions.site_id
    """,
}
"""Later ones may use earlier ones. Both databases hand an aggregate its rows in the order of the
subquery that it reads."""

_SQLITE = {
    "each_practice": "json_each(versions.practices) AS practice",
    "key": "practice.key",
    "count": "practice.value",
    "each_change": "json_each(changes.practices) AS practice",
    "category": "json_extract(practice.value, '$[0]')",
    "added": "json_extract(practice.value, '$[1]')",
    "removed": "json_extract(practice.value, '$[2]')",
    "modified": "json_extract(practice.value, '$[3]')",
    "silent": "silent = 1",
    "joined": "group_concat(text, char(10, 10))",
}

_POSTGRESQL = {
    "each_practice": "LATERAL json_each_text(versions.practices) AS practice",
    "key": 'practice.key COLLATE "C"',
    "count": "practice.value::integer",
    "each_change": "LATERAL json_array_elements(changes.practices) AS practice(value)",
    "category": '(practice.value ->> 0) COLLATE "C"',
    "added": "(practice.value ->> 1)::integer",
    "removed": "(practice.value ->> 2)::integer",
    "modified": "(practice.value ->> 3)::integer",
    "silent": "silent",
    "joined": r"string_agg(text, E'\n\n')",
}


def create(conn: Connection) -> None:
    """Make all views; the tables must be those of `storage.schema`."""
    spelling = _POSTGRESQL if conn.dialect.name == "postgresql" else _SQLITE
    for name, query in VIEWS.items():
        _run(conn, f"CREATE VIEW {name} AS {query.format(**spelling)}")


def drop(conn: Connection) -> None:
    """Take away those that there are."""
    for name in reversed(VIEWS):
        _run(conn, f"DROP VIEW IF EXISTS {name}")


def _run(conn: Connection, statement: str) -> None:
    # What looks like a parameter is PostgreSQL's cast.
    conn.execute(text(statement.replace("::", r"\:\:")))
