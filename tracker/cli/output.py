"""What commands write: data to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.table import Table


def json_document(document: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=not _takes_all(), indent=2))


def json_lines(documents: Iterable[Any]) -> None:
    """Print one JSON object a line, each flushed: a reader may be waiting for it."""
    escaped = not _takes_all()
    for document in documents:
        sys.stdout.write(json.dumps(document, ensure_ascii=escaped) + "\n")
        sys.stdout.flush()


def _takes_all() -> bool:
    """Whether stdout can take every character; JSON is escaped where it cannot."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def say(message: str) -> None:
    """Tell the person at the terminal something that is not data."""
    click.echo(message, err=True)


def hint(message: str) -> None:
    """Tell a person what a program would take for the command's own word: at a terminal only."""
    if sys.stderr.isatty():
        say(message)


def console() -> Console:
    """The console for tables: colour on a terminal, plain and not cut off elsewhere."""
    from rich.console import Console

    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return Console(highlight=False)
    return Console(highlight=False, width=160)


def table(*columns: str, right: tuple[str, ...] = (), title: str | None = None) -> Table:
    """A table without frames; columns named in ``right`` are numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for column in columns:
        if column in right:
            made.add_column(column, justify="right", no_wrap=True)
        else:
            made.add_column(column, overflow="fold")
    return made
