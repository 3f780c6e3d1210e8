"""A comparison as a person reads it in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.reports.folding import Fold, fold
from tracker.reports.runs import runs

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from tracker.comparison import ComparisonJson, RowJson

STYLES = {-1: "red strike", 0: "", 1: "green underline"}
PLAIN = {-1: "[-{}-]", 0: "{}", 1: "{{+{}+}}"}
"""As ``git diff --word-diff=plain`` marks words, for where there is no colour."""

MARKS = {"added": "+", "removed": "-", "modified": "~", "moved": ">", "equal": " "}


def print_comparison(comparison: ComparisonJson, out: Console) -> None:
    """Print what changed, segment by segment, with its practice categories."""
    from rich.text import Text

    for row in fold(comparison["segments"]):
        if isinstance(row, Fold):
            out.print(Text(f"  … {row.segments} unchanged", style="dim"))
        else:
            out.print(_row(row, plain=out.color_system is None))
    added, removed = comparison["words_added"], comparison["words_removed"]
    if comparison["identical"]:
        out.print("The words are the same.")
    else:
        out.print(Text(f"{added} words added, {removed} removed", style="bold"))


def _row(row: RowJson, *, plain: bool) -> Text:
    from rich.text import Text

    op = row["op"]
    line = Text(f"{MARKS[op]} ", style="bold" if op != "equal" else "dim")
    for side, text in runs(row):
        shown = PLAIN[side].format(_shown(text)) if plain else _shown(text)
        line.append(shown, style=STYLES[side] if side or op != "equal" else "dim")
    line.rstrip()
    if op != "equal" and row["practices"]:
        line.append(f"  [{', '.join(row['practices'])}]", style="cyan")
    if op == "moved":
        line.append("  (moved)", style="yellow")
    return line


def _shown(text: str) -> str:
    """Archived text must not steer the terminal: control characters go."""
    return "".join(c for c in text if c in "\n\t" or c.isprintable())
