"""A comparison as a person reads it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.reports.folding import Fold, fold
from tracker.reports.runs import runs
from tracker.reports.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from tracker.comparison import RowJson
    from tracker.reports.sides import Compared

STYLES = {-1: "red strike", 0: "", 1: "green underline"}
PLAIN = {-1: ("[-", "-]"), 0: ("", ""), 1: ("{+", "+}")}
"""As ``git diff --word-diff=plain`` marks words, for where there is no colour."""

MARKS = {"added": "+", "removed": "-", "modified": "~", "moved": ">", "equal": " "}
BOTH = (-1, 0, 1)
WIDE = 140
"""Columns from which two texts side by side have lines long enough to read."""

_JOINERS = "\u200c\u200d"


def print_comparison(
    compared: Compared, out: Console, *, context: int, side_by_side: bool | None = None
) -> None:
    """Print what changed, segment by segment, with its practice categories.

    Side by side only where asked for or, with None, on a terminal that is wide enough.
    """
    rows = fold(compared.comparison["segments"], context, only=compared.only)
    if side_by_side is None:
        side_by_side = out.is_terminal and out.width >= WIDE
    if side_by_side:
        _print_columns(rows, compared, out)
    else:
        _print_lines(rows, out)
    out.print(compared.summary, style="bold", markup=False)


def _print_lines(rows: Sequence[RowJson | Fold], out: Console) -> None:
    from rich.text import Text

    plain = out.color_system is None
    for row in rows:
        if isinstance(row, Fold):
            out.print(Text(f"  … {row}", style="dim"))
            continue
        line = Text(f"{MARKS[row['op']]} ", style="dim" if row["op"] == "equal" else "bold")
        line.append_text(_words(row, BOTH, plain=plain))
        out.print(line.append_text(_tags(row)))


def _print_columns(rows: Sequence[RowJson | Fold], compared: Compared, out: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    plain = out.color_system is None
    made = Table.grid(padding=(0, 1), expand=True)
    made.add_column(ratio=1, overflow="fold")
    made.add_column(width=1)
    made.add_column(ratio=1, overflow="fold")
    made.add_row(*(Text(text, style="bold") for text in _labels(compared)))
    for row in rows:
        if isinstance(row, Fold):
            made.add_row(Text(f"… {row}", style="dim"))
            continue
        old = _words(row, (-1, 0), plain=plain) if row["old"] is not None else Text()
        new = _words(row, (0, 1), plain=plain) if row["new"] is not None else Text()
        (old if row["new"] is None else new).append_text(_tags(row))
        made.add_row(old, MARKS[row["op"]], new)
    out.print(made)


def _labels(compared: Compared) -> tuple[str, str, str]:
    return shown(compared.old.label), "", shown(compared.new.label)


def _words(row: RowJson, sides: tuple[int, ...], *, plain: bool) -> Text:
    """The words of some sides; dates, amounts and duties that changed are bold besides."""
    from rich.text import Text

    line = Text()
    same = "dim" if row["op"] == "equal" else ""
    for op, pieces in runs(row):
        if op not in sides:
            continue
        before, after = PLAIN[op] if plain else ("", "")
        line.append(before)
        for text, telling in pieces:
            style = STYLES[op] or same
            line.append(shown(text), style=f"{style} bold" if telling else style)
        line.append(after)
    line.rstrip()
    return line


def _tags(row: RowJson) -> Text:
    from rich.text import Text

    tags = Text()
    if said := tags_of(row):
        tags.append(f"  [{said}]", style="cyan")
    if row["op"] == "moved":
        tags.append("  (moved)", style="yellow")
    return tags


def shown(text: str) -> str:
    """Archived text must not steer the terminal: control characters go, joiners of emoji stay."""
    return "".join(c for c in text if c in "\n\t" or c in _JOINERS or c.isprintable())
