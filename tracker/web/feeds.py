"""Atom feeds of changes (RFC 4287): an entry a change, whose id stays when all is derived anew."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from storage.records import format_time
from tracker.reports.runs import runs
from tracker.web.rendering import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.overviews import RecentChange
    from tracker.comparison import RowJson

Passages = tuple[tuple[tuple[int, str], ...], ...]
"""Changed passages, each in pieces: -1 taken out, 0 kept or 1 put in, and the text."""

MOST_PASSAGES = 8
LONGEST_PASSAGE = 1_200
"""Characters of a passage that an entry shows: it should make one look, not replace that."""

NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for, escaped or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A change with the passages that changed."""

    change: RecentChange
    passages: Passages = ()

    @property
    def id(self) -> str:
        """The entry's id: that of the change, as a URN."""
        return uuid5(NAMESPACE_URL, f"policy-tracker:{self.change.site}:{self.change.id}").urn

    @property
    def title(self) -> str:
        """The site, and what a reader decides by."""
        change = self.change.change
        touched = ", ".join(practice.category for practice in change.practices[:3])
        silent = ", silently" if change.silent else ""
        return (
            f"{self.change.site}: +{change.words_added} −{change.words_removed} words{silent}"
            + (f" ({touched})" if touched else "")
        )


def passages(rows: Iterable[RowJson]) -> Passages:
    """The changed rows of a comparison, shortened to what an entry shows."""
    found = []
    for row in rows:
        if row["op"] == "equal":
            continue
        pieces = tuple((op, "".join(text for text, _ in run)) for op, run in runs(row))
        found.append(_shortened(pieces))
        if len(found) == MOST_PASSAGES:
            break
    return tuple(found)


def render_feed(title: str, base: str, path: str, entries: Sequence[Entry]) -> str:
    """The feed as XML; ``base`` is the address by which the app was asked, ``path`` the feed's."""
    updated = max((entry.change.change.before for entry in entries), default=None)
    text = (
        environment()
        .get_template("feed.xml.j2")
        .render(
            title=title,
            base=base,
            path=path,
            id=uuid5(NAMESPACE_URL, f"policy-tracker:feed:{path}").urn,
            updated=format_time(updated or datetime(2000, 1, 1, tzinfo=UTC)),
            entries=entries,
            content=_content,
        )
    )
    return NO_XML.sub("\ufffd", text)


def _content(entry: Entry) -> str:
    """An entry's text as HTML, which the feed carries escaped."""
    one = entry.change
    template = environment().get_template("entry.html.j2")
    return template.render(one=one, change=one.change, passages=entry.passages)


def _shortened(pieces: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    room, kept = LONGEST_PASSAGE, []
    for op, text in pieces:
        if len(text) > room:
            kept.append((op, text[:room] + "…"))
            break
        kept.append((op, text))
        room -= len(text)
    return tuple(kept)
