"""Full text search over the segments of all versions: what was said, by whom, and since when.

The oldest of millions of hits are found without looking at all. Every text knows a time before
which no site said it (``segment_texts.first_seen``), and every span its first day: what was said
in a site's first days on record is a range of an index for each text that is as old. The days are
extended until there are as many hits as were asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Text, cast, func, select

from storage import search_index
from storage.columns import UtcTime
from storage.schema import segment_spans, segment_texts, segments, sites, versions
from storage.search_index import Term as Term  # noqa: TC001 - others import it from here
from storage.spans import day_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import ColumnElement, Row, ScalarSelect

    from storage.database import Connection

    Spans = dict[tuple[int, int], list[Row[*tuple[Any, ...]]]]

ENOUGH_TEXTS = 20_000
"""Oldest texts that hold the words, by which all older hits are found: nearly always enough."""

FEW_TEXTS = 500
"""Texts whose every hit may be looked at."""

DAYS = (2, 8, 32, 128, 512, 2048)
"""Days from the oldest text on in which hits are looked for, until there are enough."""

SITE, SITE_AND_TEXT = (segment_spans.c.site_id,), (segment_spans.c.site_id, segments.c.text_id)
"""What is told as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a search is narrowed to: sites, one practice category, a period.

    Whatever was in force at some time between ``since`` and ``until`` is told, and its whole story.
    """

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


@dataclass(frozen=True, slots=True, order=True)
class _Group:
    """Spans that are told as one: those of a site's text or, without a text, of a site."""

    first_seen: datetime
    site_id: int
    text_id: int


def spans(conn: Connection, terms: Sequence[Term], where: Where, *, limit: int) -> list[Said]:
    """The texts that hold all terms, oldest first, with the versions that they stood in."""
    return _Search(conn, terms, where, SITE_AND_TEXT).found(limit)


def firsts(conn: Connection, terms: Sequence[Term], where: Where, *, limit: int) -> list[Said]:
    """For each site the first version that holds all terms in one text, oldest first.

    ``last`` and ``versions`` are of all that do, whatever the text.
    """
    return _Search(conn, terms, where, SITE).found(limit)


class _Search:
    """One search; ``by`` is what its hits are grouped by."""

    def __init__(
        self,
        conn: Connection,
        terms: Sequence[Term],
        where: Where,
        by: tuple[ColumnElement[Any], ...],
    ) -> None:
        self._conn = conn
        self._terms = terms
        self._where = where
        self._by = by
        self._step = 0
        self._among = search_index.among(conn, terms)
        self._narrowed: list[ColumnElement[bool]] = []
        if where.category is not None:
            kept = cast(segments.c.categories, Text)
            self._narrowed.append(kept.contains(f'"{where.category}"', autoescape=True))

    def found(self, limit: int) -> list[Said]:
        asked = limit
        while True:
            groups = self._oldest(asked)
            said = self._told(groups, limit)
            if len(said) >= limit or len(groups) < asked:
                return said
            # Some were not in force in the period.
            asked *= 4

    @cached_property
    def _texts(self) -> tuple[list[int], list[str]]:
        """The oldest texts, all or ``ENOUGH_TEXTS``: their ids, and the days they were seen on."""
        found = search_index.oldest(
            self._conn, self._terms, limit=ENOUGH_TEXTS, until=self._where.until
        )
        return [text.id for text in found], [text.first_seen[:10] for text in found]

    def _oldest(self, limit: int) -> list[_Group]:
        if self._where.site_ids:
            of_sites = segment_spans.c.site_id.in_(self._where.site_ids)
            return self._groups(limit, of_sites, search_index.holds(self._conn, self._terms))
        ids, days = self._texts
        if not ids:
            return []
        are_all = len(ids) < ENOUGH_TEXTS
        while len(ids) > FEW_TEXTS and self._step < len(DAYS):
            until = datetime.fromisoformat(days[0]) + timedelta(days=DAYS[self._step])
            last = f"{until:%Y-%m-%d}"
            by_then = segment_spans.c.first_day <= day_of(until.replace(tzinfo=UTC))
            are_known = are_all or last < days[-1]
            known = segments.c.text_id.in_(ids[: bisect_right(days, last)])
            groups = self._groups(limit, by_then, known if are_known else self._among)
            if len(groups) == limit:
                return groups
            # Who asks for more will not find them in fewer days.
            self._step += 1
        known = segments.c.text_id.in_(ids)
        return self._groups(limit, known if are_all else self._among)

    def _groups(self, limit: int, *among: ColumnElement[bool]) -> list[_Group]:
        """The oldest groups of some of the spans."""
        first_seen = func.min(versions.c.first_seen, type_=UtcTime)
        opening = versions.c.number == segment_spans.c.first_number
        query = (
            select(first_seen.label("first_seen"), *self._by)
            .select_from(segments)
            .join(segment_spans, segment_spans.c.segment_id == segments.c.id)
            .join(versions, (versions.c.site_id == segment_spans.c.site_id) & opening)
            .where(*among, *self._narrowed)
            .group_by(*self._by)
            .order_by("first_seen", *self._by)
            .limit(limit)
        )
        if self._where.until is not None:
            query = query.having(first_seen <= self._where.until)
        if self._where.since is not None:
            query = query.having(_newest_of_site() >= self._where.since)
        return [_Group(*row, *(0,) * (3 - len(row))) for row in self._conn.execute(query)]

    def _told(self, groups: Sequence[_Group], limit: int) -> list[Said]:
        """The stories of groups in their order, without those of another period."""
        spans = self._spans(groups)
        groups = self._of_period(groups, spans)[:limit]
        site_ids = {group.site_id for group in groups}
        of_sites = select(versions).where(versions.c.site_id.in_(site_ids))
        known: dict[int, dict[int, Row[Any]]] = defaultdict(dict)
        for row in self._conn.execute(of_sites):
            known[row.site_id][row.number] = row
        named = select(sites.c.id, sites.c.domain).where(sites.c.id.in_(site_ids))
        domains = {row.id: row.domain for row in self._conn.execute(named)}
        told = [(group, spans[group.site_id, group.text_id]) for group in groups]
        first_texts = {of[0].text_id for _, of in told}
        kept = select(segment_texts.c.id, segment_texts.c.text).where(
            segment_texts.c.id.in_(first_texts)
        )
        texts = {row.id: row.text for row in self._conn.execute(kept)}
        return [
            _said(domains[group.site_id], texts[of[0].text_id], of, known[group.site_id])
            for group, of in told
        ]

    def _spans(self, groups: Sequence[_Group]) -> Spans:
        """All spans of groups, each group's in the order of their first versions."""
        query = (
            select(
                segment_spans.c.site_id,
                segment_spans.c.first_number,
                segment_spans.c.last_number,
                segments.c.text_id,
                segments.c.categories,
            )
            .join(segments, segments.c.id == segment_spans.c.segment_id)
            .where(
                segment_spans.c.site_id.in_({group.site_id for group in groups}), *self._narrowed
            )
            .order_by(segment_spans.c.first_number, segment_spans.c.position)
        )
        if self._by is SITE:
            few = search_index.holds(self._conn, self._terms)
            query = query.where(few if self._where.site_ids else self._among)
        else:
            query = query.where(segments.c.text_id.in_({group.text_id for group in groups}))
        found: Spans = defaultdict(list)
        for row in self._conn.execute(query):
            found[row.site_id, 0 if self._by is SITE else row.text_id].append(row)
        return found

    def _of_period(self, groups: Sequence[_Group], spans: Spans) -> Sequence[_Group]:
        """Those of the groups that were in force at some time in the period."""
        since, until = self._where.since, self._where.until
        if since is None and until is None:
            return groups
        of_sites = select(
            versions.c.site_id, versions.c.number, versions.c.first_seen, versions.c.last_seen
        ).where(versions.c.site_id.in_({group.site_id for group in groups}))
        seen = {(row[0], row[1]): (row[2], row[3]) for row in self._conn.execute(of_sites)}
        return [
            group
            for group in groups
            if any(
                (since is None or seen[group.site_id, span.last_number][1] >= since)
                and (until is None or seen[group.site_id, span.first_number][0] <= until)
                for span in spans[group.site_id, group.text_id]
            )
        ]


def _newest_of_site() -> ScalarSelect[datetime]:
    """When the newest version of the site of a span was last seen: the site says nothing later."""
    newest = versions.alias("newest")
    return (
        select(newest.c.last_seen)
        .where(newest.c.site_id == segment_spans.c.site_id)
        .order_by(newest.c.number.desc())
        .limit(1)
        .correlate(segment_spans)
        .scalar_subquery()
    )


def _said(site: str, text: str, spans: Sequence[Row[Any]], known: dict[int, Row[Any]]) -> Said:
    first, last = spans[0].first_number, max(span.last_number for span in spans)
    stood = {n for span in spans for n in range(span.first_number, span.last_number + 1)}
    return Said(
        site=site,
        text=text,
        categories=tuple(spans[0].categories),
        first=first,
        last=last,
        newest=max(known),
        versions=len(stood),
        first_seen=known[first].first_seen,
        last_seen=known[last].last_seen,
        before_first=known[first - 1].last_seen if first > min(known) else None,
        archive_url=known[first].archive_url,
    )
