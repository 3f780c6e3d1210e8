"""A change as its reviewer reads it in a terminal: what to know of it, then what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from storage.records import format_time
from tracker.cli.diff_view import MARKS, PLAIN, STYLES, shown
from tracker.reports.folding import Fold, fold
from tracker.reports.runs import runs
from tracker.reports.tags import tags_of
from tracker.review_labels import changed_statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from storage.review_records import QueuedChange, Review
    from tracker.comparison import RowJson
    from tracker.reviewing import ShownChange

MOST_STATEMENTS = 12
"""Changed statements shown at first: what fits on a screen or two."""

AROUND = 70
"""Characters of unchanged text shown on each side of an edit."""


def print_change(change: ShownChange, out: Console, *, whole: bool = False) -> None:
    """Print a change; ``whole``: all statements that changed, and these to their full length."""
    for line in _head(change):
        out.print(line)
    _print_statements(change, out, whole=whole)
    for review in change.said:
        out.print(Text(f"  {said_by(review)}", style="bold magenta"))


def name_of(queued: QueuedChange) -> str:
    """The change's name as one types it."""
    return f"{queued.site}#{queued.change.old_number}..{queued.change.new_number}"


def said_by(review: Review) -> str:
    """One review in a line: who said what, and when."""
    what = review.verdict or "no verdict"
    if review.restores is not None:
        what = f"taken back to {what}"
    tags = f" [{', '.join(review.tags)}]" if review.tags else ""
    labels = f", {len(review.labels)} relabelled" if review.labels else ""
    note = f": {shown(' '.join(review.note.split()))}" if review.note else ""
    return f"{shown(review.reviewer)}, {format_time(review.at)}: {what}{tags}{labels}{note}"


def _head(change: ShownChange) -> Iterator[Text]:
    joined, detail = change.queued.change, change.detail
    title = Text(f"{name_of(change.queued)}  ", style="bold")
    title.append(f"score {joined.score}", style="bold yellow")
    title.append(f"  {change.queued.id}", style="dim")
    yield title
    states = f"date stated {detail.old.stated_date or 'none'} → {detail.new.stated_date or 'none'}"
    silent = ", silent" if joined.silent else ""
    yield Text(
        f"  between {joined.after:%Y-%m-%d} and {joined.before:%Y-%m-%d}, {states}{silent}, "
        f"+{joined.words_added} −{joined.words_removed} words"
    )
    for reason in joined.reasons:
        yield Text(f"  · {shown(reason)}", style="yellow")
    yield Text(f"  old {detail.after_url}\n  new {detail.before_url}", style="dim")


def _print_statements(change: ShownChange, out: Console, *, whole: bool) -> None:
    numbers = {id(row): number for number, row in enumerate(changed_statements(change), 1)}
    plain = out.color_system is None
    told = 0
    for row in fold(change.detail.comparison["segments"]):
        if isinstance(row, Fold):
            out.print(Text(f"       … {row}", style="dim"))
            continue
        number = numbers.get(id(row))
        if number is not None:
            told += 1
            if told > MOST_STATEMENTS and not whole:
                left = len(numbers) - number + 1
                out.print(Text(f"       … {left} more that changed (m: all of it)", style="bold"))
                return
        line = Text(f"{number or '':>4} {MARKS[row['op']]} ", style="bold")
        line.append_text(_words(row, plain=plain, whole=whole))
        if tags := tags_of(row):
            line.append(f"  [{shown(tags)}]", style="cyan")
        out.print(line)


def _words(row: RowJson, *, plain: bool, whole: bool) -> Text:
    line = Text()
    same = "dim" if row["op"] == "equal" else ""
    found = runs(row)
    for at, (op, pieces) in enumerate(found):
        before, after = PLAIN[op] if plain else ("", "")
        line.append(before)
        if op == 0 and not whole:
            text = "".join(piece for piece, _ in pieces)
            edges = (at > 0 or row["op"] == "equal", at < len(found) - 1)
            line.append(shown(shortened(text, head=edges[0], tail=edges[1])), style=same)
        else:
            for text, telling in pieces:
                line.append(shown(text), style=f"{STYLES[op] or same}{' bold' * telling}".strip())
        line.append(after)
    return line


def shortened(text: str, *, head: bool, tail: bool) -> str:
    """A stretch of unchanged text, with what is far from an edit on either side left out.

    ``head``: keep its beginning, ``tail``: its end; both end between two words.
    """
    if len(text) <= AROUND * (head + tail) + 20:
        return text
    first = text[:AROUND].rpartition(" ")[0] if head else ""
    last = text[-AROUND:].partition(" ")[2] if tail else ""
    return f"{first}{' ' * head}…{' ' * tail}{last}"
