"""The words of a change that matter most, cut to a line or two each."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from tracker.reports.runs import is_heading, runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracker.comparison import RowJson

Passage = list[tuple[int, str]]
"""-1 taken out, 0 kept, 1 put in: as in the JSON of `tracker diff`, long unchanged parts cut."""

CONTEXT_WORDS = 7
DATE_WORDS = 8
LONGEST = 320
"""Characters of a passage: about four lines of a mail."""


def passages(rows: Iterable[RowJson], number: int = 3) -> list[Passage]:
    """The most telling passages, in the text's order.

    Those come first whose commitment went somewhere, then those that touch a period, an amount, a
    negation; then the longest. A line that only states another date says nothing that the notice
    does not, and is left out.
    """
    edited = [row for row in rows if row["words_added"] or row["words_removed"]]
    changed = [row for row in edited if not _only_a_date(row)] or edited
    ranked = sorted(range(len(changed)), key=lambda at: (_weight(changed[at]), -at), reverse=True)
    chosen = sorted(islice(ranked, number))
    return [cut for at in chosen if (cut := _cut(changed[at]))]


def _weight(row: RowJson) -> tuple[bool, bool, bool, int]:
    size = row["words_added"] + row["words_removed"]
    return "direction" in row, not is_heading(row), bool(row.get("highlights")), size


def _only_a_date(row: RowJson) -> bool:
    telling = {one["kind"] for one in row.get("highlights", ())}
    return telling == {"date"} and row["words_added"] + row["words_removed"] <= DATE_WORDS


def _cut(row: RowJson) -> Passage:
    """The row's words without long unchanged stretches, up to `LONGEST` characters."""
    joined = [(op, "".join(text for text, _ in pieces)) for op, pieces in runs(row)]
    last = len(joined) - 1
    cut: Passage = []
    left = LONGEST
    for at, (op, text) in enumerate(joined):
        shown = _around(text, first=at == 0, last=at == last) if op == 0 else text
        if len(shown) > left:
            cut.append((op, shown[:left].rsplit(None, 1)[0] + " …"))
            break
        cut.append((op, shown))
        left -= len(shown)
    return cut


def _around(text: str, *, first: bool, last: bool) -> str:
    words = text.split(" ")
    if first:
        return f"… {' '.join(words[-CONTEXT_WORDS:])}" if len(words) > CONTEXT_WORDS else text
    if last:
        return f"{' '.join(words[:CONTEXT_WORDS])} …" if len(words) > CONTEXT_WORDS else text
    if len(words) <= 2 * CONTEXT_WORDS + 1:
        return text
    return f"{' '.join(words[:CONTEXT_WORDS])} … {' '.join(words[-CONTEXT_WORDS:])}"
