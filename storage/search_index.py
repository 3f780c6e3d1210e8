"""What the databases' own search indexes hold: which texts say something.

SQLite's FTS5 (https://www.sqlite.org/fts5.html) or PostgreSQL's text search; words are compared in
lower case and without stemming, in SQLite also without diacritics.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    String,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    table,
    type_coerce,
)
from sqlalchemy.dialects import postgresql

from storage.schema import segment_texts, segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from sqlalchemy import ColumnElement, Row, Select

    from storage.database import Connection

# Each database's own, and so no part of the common schema.
_fts5 = table("segment_search", column("rowid"))
_vector: ColumnElement[Any] = literal_column("segment_texts.search")

FIRST_YEAR = 2000
"""All before it is one to PostgreSQL's index: archives hold little of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that must follow one another; of the last, with ``prefix``, only the beginning."""

    words: tuple[str, ...]
    prefix: bool = False


def oldest(
    conn: Connection, terms: Sequence[Term], *, limit: int, until: datetime | None = None
) -> Sequence[Row[Any]]:
    """The texts that hold the terms and may have been said first, oldest first: ``id`` and
    ``first_seen`` of at least ``limit`` of them, or of all.

    The time is text, as it is kept: of so many rows that counts.
    """
    seen = type_coerce(segment_texts.c.first_seen, String)
    query = select(segment_texts.c.id, seen.label("first_seen")).order_by(
        segment_texts.c.first_seen, segment_texts.c.id
    )
    if until is not None:
        query = query.where(segment_texts.c.first_seen <= until)
    if conn.dialect.name == "postgresql":
        return _oldest_by_year(conn, query, terms, limit)
    # What is asked of very many texts is found without reading them.
    lean = query.with_hint(segment_texts, "INDEXED BY ix_segment_texts_search_age", "sqlite")
    known = segment_texts.c.first_seen.is_not(None)
    fitting = lean.where(segment_texts.c.id == _fts5.c.rowid, known, _matches(conn, terms))
    return conn.execute(fitting.limit(limit)).all()


def _oldest_by_year(
    conn: Connection, query: Select[Any], terms: Sequence[Term], limit: int
) -> Sequence[Row[Any]]:
    """Ask for few years at first: a phrase is checked in every text that has its words."""
    found: list[Row[Any]] = []
    for years in _years():
        asked = _asked(terms).op("&&")(cast(years, postgresql.TSQUERY))
        found += conn.execute(query.where(_vector.op("@@")(asked)).limit(limit)).all()
        if len(found) >= limit:
            break
    return found


def _years() -> Iterator[str]:
    """Queries for ever more years at once, until today."""
    yield "'@0':* | '@1':*"
    year, together = FIRST_YEAR, 1
    while year <= datetime.now(UTC).year + 1:
        yield " | ".join(f"'@{one}'" for one in range(year, year + together))
        year, together = year + together, 2 * together


def among(conn: Connection, terms: Sequence[Term]) -> ColumnElement[bool]:
    """Whether a segment's text is one of all that hold the terms, which are found first."""
    if conn.dialect.name == "postgresql":
        return segments.c.text_id.in_(select(segment_texts.c.id).where(_matches(conn, terms)))
    return segments.c.text_id.in_(select(_fts5.c.rowid).where(_matches(conn, terms)))


def holds(conn: Connection, terms: Sequence[Term]) -> ColumnElement[bool]:
    """The same, asked of one text after the other: for few."""
    if conn.dialect.name == "postgresql":
        found = select(segment_texts.c.id).where(segment_texts.c.id == segments.c.text_id)
    else:
        found = select(_fts5.c.rowid).where(_fts5.c.rowid == segments.c.text_id)
    return exists(found.where(_matches(conn, terms)).correlate(segments))


def _matches(conn: Connection, terms: Sequence[Term]) -> ColumnElement[bool]:
    if conn.dialect.name == "postgresql":
        return _vector.op("@@")(_asked(terms))
    return literal_column("segment_search").op("MATCH")(_for_sqlite(terms))


def _asked(terms: Sequence[Term]) -> ColumnElement[Any]:
    return func.to_tsquery(literal_column("'simple'"), _for_postgresql(terms))


def _for_sqlite(terms: Sequence[Term]) -> str:
    return " ".join(f'"{" ".join(term.words)}"{"*" if term.prefix else ""}' for term in terms)


def _for_postgresql(terms: Sequence[Term]) -> str:
    return " & ".join(
        " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.prefix else "")
        for term in terms
    )
