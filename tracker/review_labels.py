"""What reviews teach a classifier: label lines for ``tracker train``.

Two things are said in a review that a classifier can learn from. A statement whose categories a
reviewer put right has these. And of a change that is false – no policy changed, something else was
read for a moment – the statements that came with it, and that no earlier version had, are of no
category at all: banners, other documents. What a false change only took away, or brought back, is
policy text, and says nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from storage import review_queue, segments
from storage.review_records import QueueFilter, Relabel, ReviewVerdict
from tracker.errors import RequestError
from tracker.practice_filter import category_named
from tracker.reports.folding import says_something
from tracker.reviewing import show_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from storage.database import Connection
    from storage.records import Site, VersionSegment
    from storage.review_records import QueuedChange
    from tracker.comparison import RowJson
    from tracker.reviewing import ShownChange

NONE = "none"


def changed_statements(shown: ShownChange) -> list[RowJson]:
    """The statements that changed, in the order in which they are numbered from 1."""
    rows = shown.detail.comparison["segments"]
    return [row for row in rows if row["op"] != "equal" and says_something(row)]


def relabelled(
    conn: Connection, spec: str, shown: ShownChange, known: Sequence[str]
) -> tuple[Relabel, ...]:
    """What ``2=retention,sharing`` or ``2=none`` says of the second statement that changed.

    Raises:
        RequestError: there is no such statement or category.
    """
    number, equals, names = spec.partition("=")
    row = _statement(shown, number.strip()) if equals else None
    if row is None:
        raise RequestError(
            f"{spec!r} names no statement: write 2=retention,sharing or 2=none; "
            f"{len(changed_statements(shown))} changed, numbered from 1"
        )
    asked = [name for name in re.split(r"\s*,\s*", names.strip()) if name]
    if not asked:
        raise RequestError(f"{spec!r} names no category: write {number}=none for none")
    categories = () if asked == [NONE] else tuple(category_named(name, known) for name in asked)
    return _relabels(conn, shown, row, categories)


def put_right(
    conn: Connection, shown: ShownChange, number: str, categories: Sequence[str]
) -> tuple[Relabel, ...]:
    """The same, of a statement and categories that were chosen from those that there are.

    Raises:
        RequestError: there is no such statement.
    """
    row = _statement(shown, number)
    if row is None:
        raise RequestError(f"{number!r} is the number of no statement that changed")
    return _relabels(conn, shown, row, tuple(categories))


def _statement(shown: ShownChange, number: str) -> RowJson | None:
    rows = changed_statements(shown)
    is_one = number.isascii() and number.isdecimal() and 1 <= int(number) <= len(rows)
    return rows[int(number) - 1] if is_one else None


def _relabels(
    conn: Connection, shown: ShownChange, row: RowJson, categories: tuple[str, ...]
) -> tuple[Relabel, ...]:
    """A statement that was split or joined is several."""
    return tuple(
        Relabel(text=one.text, heading=one.heading, categories=categories)
        for one in _segments(conn, shown, row)
    )


def _segments(conn: Connection, shown: ShownChange, row: RowJson) -> tuple[VersionSegment, ...]:
    change = shown.queued.change
    if row["new"] is not None:
        number, first, end = change.new_number, row["new"], row.get("new_end")
    else:
        number, first, end = change.old_number, row["old"] or 0, row.get("old_end")
    found = segments.of_version(conn, shown.queued.site_id, number)
    return found[first : end or first + 1]


def label_lines(conn: Connection, chosen: Iterable[Site]) -> Iterator[dict[str, Any]]:
    """The lines that the reviews of some sites give, a text each; see this module for which."""
    for site in chosen:
        wanted = QueueFilter(site_ids=(site.id,), state="all")
        told: dict[tuple[str, str], dict[str, Any]] = {}
        for queued in review_queue.queue(conn, wanted):
            review = queued.review
            if review is None:
                continue
            if review.verdict is ReviewVerdict.FALSE:
                for one in _intruders(conn, queued):
                    told.setdefault((one.heading, one.text), _line(queued, one.heading, one.text))
            for label in review.labels:
                line = _line(queued, label.heading, label.text)
                told[label.heading, label.text] = line | {"categories": list(label.categories)}
        yield from told.values()


def _intruders(conn: Connection, queued: QueuedChange) -> Iterator[VersionSegment]:
    """What came with a false change and had never stood in the policy."""
    shown = show_change(conn, queued)
    earlier = range(1, queued.change.new_number)
    known = {
        one.text
        for version in segments.of_versions(conn, queued.site_id, earlier).values()
        for one in version
    }
    for row in shown.detail.comparison["segments"]:
        if row["op"] == "added":
            for one in _segments(conn, shown, row):
                if one.text not in known and any(letter.isalpha() for letter in one.text):
                    yield one


def _line(queued: QueuedChange, heading: str, text: str) -> dict[str, Any]:
    review = queued.review
    return {
        "text": text,
        "heading": heading,
        "categories": [],
        "policy": queued.site,
        "change": queued.id,
        "reviewer": review.reviewer if review else "",
    }
