"""The words of a changed segment as a person reads them: without Markdown's own signs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.comparison import RowJson

_HEADING = re.compile(r"\s*#{1,6}\s+")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")

Run = tuple[int, str]


def is_heading(row: RowJson) -> bool:
    """Whether the row shows a heading."""
    return bool(_HEADING.match(row["new_text"] or row["old_text"] or ""))


def runs(row: RowJson) -> list[Run]:
    """What to show: -1 taken out, 0 kept, 1 put in; no empty run, no blank at either end."""
    found = [(op, _plain(text)) for op, text in row["words"]]
    if found:
        op, text = found[0]
        found[0] = (op, _HEADING.sub("", text, count=1).lstrip())
    while found and not found[-1][1].strip():
        found.pop()
    if found:
        op, text = found[-1]
        found[-1] = (op, text.rstrip())
    return [(op, text) for op, text in found if text]


def _plain(text: str) -> str:
    """Whole links become their text; one that was edited in the middle stays as it is."""
    return _LINK.sub(r"\1", text)
