"""What ``tracker diff`` and ``tracker compare`` have in common: how a comparison is shown."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import form_of
from tracker.cli.output import console, json_document, json_lines, say
from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.config import Config
    from tracker.diff.words import Ignore
    from tracker.reports.sides import Compared

FORMATS = ("text", "unified", "md", "html", "json", "jsonl")
SUFFIXES = {
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".json": "json",
    ".jsonl": "jsonl",
    ".txt": "text",
    ".patch": "unified",
    ".diff": "unified",
}
LINES = 3
"""Lines around a change in a unified diff, as everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """How a comparison is to be made and shown; ``context`` is None for the format's own."""

    form: str
    output: Path | None
    context: int | None
    side_by_side: bool | None
    ignore: frozenset[Ignore]
    only: tuple[str, ...]


def showing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how; the command gets them as ``how``, a `Showing`.

    Goes inside `configured`: what categories there are depends on the model.
    """

    @click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="[default: by the suffix of --output, else text]",
    )
    @click.option(
        "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write."
    )
    @click.option(
        "--context",
        type=click.IntRange(min=0),
        metavar="N",
        help="Unchanged segments around each change [default: 1; lines in unified: 3].",
    )
    @click.option(
        "--side-by-side/--inline",
        "side_by_side",
        default=None,
        help="[default: side by side where the terminal is wide enough]",
    )
    @click.option(
        "--ignore",
        multiple=True,
        type=click.Choice(["formatting", "case", "dates"], case_sensitive=False),
        help="What to leave unmarked; repeatable. Formatting and case alone are never a change.",
    )
    @click.option(
        "--only",
        multiple=True,
        metavar="CATEGORY",
        help="Only changes in a practice category, such as 'retention'; repeatable.",
    )
    @functools.wraps(function)
    def wrapped(
        *args: Any,
        form: str | None,
        output: Path | None,
        context: int | None,
        side_by_side: bool | None,
        ignore: tuple[str, ...],
        only: tuple[str, ...],
        config: Config,
        **kwargs: Any,
    ) -> Any:
        from tracker.diff.words import Ignore
        from tracker.practice_filter import category_named, known_categories

        known = known_categories(config.classifier.path) if only else ()
        how = Showing(
            form=form or form_of(output, SUFFIXES, "text"),
            output=output,
            context=context,
            side_by_side=side_by_side,
            ignore=frozenset(Ignore(name.lower()) for name in ignore),
            only=tuple(dict.fromkeys(category_named(name, known) for name in only)),
        )
        if how.form == "unified" and (how.ignore or how.only):
            raise RequestError("a unified diff must apply, so it is whole: no --ignore, no --only")
        return function(*args, how=how, config=config, **kwargs)

    return wrapped


def show(compared: Compared, how: Showing, document: dict[str, Any]) -> None:
    """Write a comparison; ``document`` is what JSON says of it besides its segments.

    Raises:
        TrackerError: the file cannot be written.
    """
    compared = replace(compared, only=how.only)
    if how.output is not None:
        _write(_rendered(compared, how, document), how.output)
    elif how.form == "json":
        json_document(_document(compared, how, document))
    elif how.form == "jsonl":
        json_lines(_document(compared, how, document)["segments"])
    elif how.form == "text":
        from tracker.cli.diff_view import print_comparison
        from tracker.reports.folding import CONTEXT

        context = CONTEXT if how.context is None else how.context
        print_comparison(compared, console(), context=context, side_by_side=how.side_by_side)
    else:
        click.echo(_rendered(compared, how, document), nl=False)


def _document(compared: Compared, how: Showing, document: dict[str, Any]) -> dict[str, Any]:
    from tracker.practice_filter import restricted

    found = {**restricted(compared.comparison, how.only), **document}
    if how.only:
        found["only"] = list(how.only)
    if how.ignore:
        found["ignore"] = sorted(how.ignore)
    return found


def _rendered(compared: Compared, how: Showing, document: dict[str, Any]) -> str:
    from tracker.reports.folding import CONTEXT

    context = CONTEXT if how.context is None else how.context
    if how.form == "unified":
        from tracker.reports.unified import unified

        return unified(compared, LINES if how.context is None else how.context)
    if how.form == "md":
        from tracker.reports.markdown import comparison_markdown

        return comparison_markdown(compared, context)
    if how.form == "html":
        from tracker.reports.html import render_comparison

        return render_comparison(compared, context)
    found = _document(compared, how, document)
    if how.form == "json":
        return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if how.form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found["segments"])
    return _text(compared, how, context)


def _text(compared: Compared, how: Showing, context: int) -> str:
    """What a terminal would show, for a file: without colour, a segment a line."""
    from io import StringIO

    from rich.console import Console

    from tracker.cli.diff_view import print_comparison

    out = StringIO()
    page = Console(file=out, highlight=False, width=160, color_system=None)
    print_comparison(compared, page, context=context, side_by_side=how.side_by_side)
    return out.getvalue()


def _write(text: str, output: Path) -> None:
    from tracker.exports.target import write_whole

    write_whole(output, text, errors="surrogatepass")
    say(f"written: {output.resolve()}")
