"""Full text search over the segments of all versions, each text indexed once.

SQLite's FTS5 (https://www.sqlite.org/fts5.html) or PostgreSQL's text search; words are compared in
lower case and without stemming, in SQLite also without diacritics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Text, cast, func, literal_column, select, text

from storage.schema import segment_texts, segments, sites, version_segments, versions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Row, Select

    from storage.database import Connection

INDEXED = 250_000
"""Characters of a text that PostgreSQL indexes, as its migration says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Words that must follow one another; of the last, with ``prefix``, only the beginning."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a search is narrowed to: sites, one practice category, a period of being in force."""

    site_ids: tuple[int, ...] = ()
    category: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text that a site's policy held from version ``first`` to version ``last``.

    ``versions`` counts those that did: fewer than the span has where it was gone in between.
    ``newest`` is the site's newest version, ``before_first`` the last capture that did not say it.
    """

    site: str
    text: str
    categories: tuple[str, ...]
    first: int
    last: int
    newest: int
    versions: int
    first_seen: datetime
    last_seen: datetime
    before_first: datetime | None
    archive_url: str


def spans(conn: Connection, terms: Sequence[Term], where: Where, *, limit: int) -> list[Said]:
    """The texts that hold all terms, oldest first, with the versions that they stood in."""
    by = (version_segments.c.site_id, segments.c.text_id)
    query = _matching(conn, terms, where, *by).group_by(*by)
    query = query.order_by("first_seen", *by).limit(limit)
    return [_said(conn, row, row.text_id) for row in conn.execute(query).all()]


def firsts(conn: Connection, terms: Sequence[Term], where: Where, *, limit: int) -> list[Said]:
    """For each site the first version that holds all terms in one text, oldest first.

    ``last`` and ``versions`` are of all that do, whatever the text.
    """
    by = version_segments.c.site_id
    query = _matching(conn, terms, where, by).group_by(by).order_by("first_seen", by).limit(limit)
    said = []
    for row in conn.execute(query).all():
        in_first = _matching(conn, terms, where, segments.c.text_id).where(
            version_segments.c.site_id == row.site_id, version_segments.c.number == row.first
        )
        text_id = conn.execute(in_first.group_by(segments.c.text_id).limit(1)).one().text_id
        said.append(_said(conn, row, text_id))
    return said


def _matching(
    conn: Connection, terms: Sequence[Term], where: Where, *by: ColumnElement[Any]
) -> Select[Any]:
    """The span of versions whose segments match, for every group."""
    version = (versions.c.site_id == version_segments.c.site_id) & (
        versions.c.number == version_segments.c.number
    )
    query = (
        select(
            *by,
            func.min(versions.c.number).label("first"),
            func.max(versions.c.number).label("last"),
            func.count(versions.c.number.distinct()).label("versions"),
            func.min(versions.c.first_seen).label("first_seen"),
            func.max(versions.c.last_seen).label("last_seen"),
        )
        .select_from(segments)
        .join(version_segments, version_segments.c.segment_id == segments.c.id)
        .join(versions, version)
        .where(segments.c.text_id.in_(_texts(conn, terms)))
    )
    if where.site_ids:
        query = query.where(version_segments.c.site_id.in_(where.site_ids))
    if where.category is not None:
        named = cast(segments.c.categories, Text).contains(f'"{where.category}"', autoescape=True)
        query = query.where(named)
    if where.since is not None:
        query = query.where(versions.c.last_seen >= where.since)
    if where.until is not None:
        query = query.where(versions.c.first_seen <= where.until)
    return query


def _texts(conn: Connection, terms: Sequence[Term]) -> Select[Any]:
    if conn.dialect.name == "sqlite":
        match = text("segment_search MATCH :terms").bindparams(terms=_for_sqlite(terms))
        return select(literal_column("rowid")).select_from(text("segment_search")).where(match)
    vector = func.to_tsvector(
        literal_column("'simple'"), func.left(segment_texts.c.text, literal_column(str(INDEXED)))
    )
    asked = func.to_tsquery(literal_column("'simple'"), _for_postgresql(terms))
    return select(segment_texts.c.id).where(vector.op("@@")(asked))


def _for_sqlite(terms: Sequence[Term]) -> str:
    return " ".join(f'"{" ".join(term.words)}"{"*" if term.prefix else ""}' for term in terms)


def _for_postgresql(terms: Sequence[Term]) -> str:
    return " & ".join(
        " <-> ".join(f"'{word}'" for word in term.words) + (":*" if term.prefix else "")
        for term in terms
    )


def _said(conn: Connection, row: Row[Any], text_id: int) -> Said:
    newest = select(func.max(versions.c.number)).where(versions.c.site_id == row.site_id)
    first = conn.execute(
        select(sites.c.domain, versions.c.archive_url, newest.scalar_subquery().label("newest"))
        .join(sites, sites.c.id == versions.c.site_id)
        .where(versions.c.site_id == row.site_id, versions.c.number == row.first)
    ).one()
    before = select(versions.c.last_seen).where(
        versions.c.site_id == row.site_id, versions.c.number == row.first - 1
    )
    found = conn.execute(
        select(segment_texts.c.text, segments.c.categories)
        .join(segments, segments.c.text_id == segment_texts.c.id)
        .join(version_segments, version_segments.c.segment_id == segments.c.id)
        .where(
            segment_texts.c.id == text_id,
            version_segments.c.site_id == row.site_id,
            version_segments.c.number == row.first,
        )
        .limit(1)
    ).one()
    return Said(
        site=first.domain,
        text=found.text,
        categories=tuple(found.categories),
        first=row.first,
        last=row.last,
        newest=first.newest,
        versions=row.versions,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        before_first=conn.execute(before).scalar_one_or_none(),
        archive_url=first.archive_url,
    )
