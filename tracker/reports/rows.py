"""The rows of a comparison as HTML: words put in and taken out, tables as cells.

Written here and not in a template, since a report has thousands of them. Every piece of archived
text goes through ``escape``; what is added around it is written in this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from tracker.reports.folding import Fold
from tracker.reports.runs import cells, is_heading, runs
from tracker.reports.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracker.comparison import RowJson
    from tracker.reports.runs import Run

_MARKS = {-1: ("<del>", "</del>"), 0: ("", ""), 1: ("<ins>", "</ins>")}


SHORT = 180
"""Characters of an unchanged statement that a report shows: enough to know the place."""


def rows_html(rows: Iterable[RowJson | Fold], *, short: bool = False) -> Markup:
    """Render folded rows; ``short``: of unchanged statements only the beginning."""
    # Only literals of this module, and what `escape` gave, come together here.
    return Markup("".join(_lines(rows, short=short)))  # noqa: S704


def _lines(rows: Iterable[RowJson | Fold], *, short: bool) -> Iterator[str]:
    yield '<div class="diff">\n'
    for row in rows:
        if isinstance(row, Fold):
            yield f'<p class="fold">{escape(str(row))}</p>\n'
            continue
        op = escape(row["op"])
        heading = " heading" if is_heading(row) else ""
        told = "" if row["op"] == "equal" else op
        yield f'<div class="row {op}{heading}"><span class="op">{told}</span>'
        found = cells(runs(row))
        if short and row["op"] == "equal":
            found = [_beginning(found)]
        if len(found) == 1:
            yield f'<p dir="auto">{_words(found[0])}</p>'
        else:
            yield '<div class="cells">'
            for cell in found:
                yield f'<span dir="auto">{_words(cell)}</span>'
            yield "</div>"
        if tags := tags_of(row):
            yield f'<span class="tags">{escape(tags)}</span>'
        yield "</div>\n"
    yield "</div>\n"


def _beginning(found: Iterable[Iterable[Run]]) -> list[Run]:
    text = " · ".join("".join(t for _, ps in cell for t, _ in ps).strip() for cell in found)
    if len(text) > SHORT:
        text = f"{text[:SHORT].rpartition(' ')[0]} …"
    return [(0, [(text, False)])]


def _words(found: Iterable[Run]) -> str:
    parts = []
    for op, pieces in found:
        before, after = _MARKS[op]
        parts.append(before)
        for text, telling in pieces:
            safe = escape(text)
            parts.append(f"<strong>{safe}</strong>" if telling else safe)
        parts.append(after)
    return "".join(parts)
