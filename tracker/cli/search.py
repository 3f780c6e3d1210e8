"""``tracker search``: who said it, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, day_begins, day_ends, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines, say, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.search import Said, Term
    from tracker.config import Config


@click.command("search")
@click.argument("query")
@click.option("--first", is_flag=True, help="For each site the first version that says it.")
@click.option("--site", "sites", multiple=True, metavar="SITE", help="Only this one; repeatable.")
@click.option("--category", help="Only segments of this practice category.")
@click.option(
    "--from", "since", callback=day_begins, metavar="DATE", help="Still in force then or later."
)
@click.option("--to", "until", callback=day_ends, metavar="DATE", help="In force by then.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@output_format("table", "json", "jsonl")
@configured
def command(
    query: str,
    first: bool,
    sites: tuple[str, ...],
    category: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    form: str,
    config: Config,
) -> None:
    """Search the text of all versions.

    All words of QUERY must stand in one segment (paragraph, list item, heading); "in quotation
    marks" they must follow one another; biometr* finds all that begins so. AND, OR and
    NOT are words like any other.

    \b
    Example:
      tracker search biometric --first
      tracker search '"legitimate interest*" advertising' --category "Third Party"
    """
    from storage import search
    from tracker.kept import find_site
    from tracker.practice_filter import category_named, known_categories
    from tracker.searching import parse, said_document

    terms = parse(query)
    known = known_categories(config.classifier.path) if category else ()
    with open_configured(config) as db, db.read() as conn:
        where = search.Where(
            site_ids=tuple(find_site(conn, key).id for key in sites),
            category=None if category is None else category_named(category, known),
            since=since,
            until=until,
        )
        find = search.firsts if first else search.spans
        found = find(conn, terms, where, limit=limit + 1)
    shown = found[:limit]
    if form == "json":
        json_document([said_document(said, terms) for said in shown])
    elif form == "jsonl":
        json_lines(said_document(said, terms) for said in shown)
    else:
        _print(shown, terms)
    if len(found) > limit:
        say(f"tracker: there is more: --limit shows it, these are the oldest {limit}")
    elif not found:
        say(f"tracker: no version says {query}")


def _print(found: Sequence[Said], terms: Sequence[Term]) -> None:
    from rich.text import Text

    from tracker.searching import excerpt

    shown = table("site", "versions", "first said", "last seen", "text")
    for said in found:
        text = Text.assemble(
            *((piece, "bold underline" if hit else "") for piece, hit in excerpt(said.text, terms))
        )
        numbers = f"{said.first}" if said.first == said.last else f"{said.first}–{said.last}"
        last = "in force" if said.last == said.newest else f"{said.last_seen:%Y-%m-%d}"
        shown.add_row(said.site, numbers, f"{said.first_seen:%Y-%m-%d}", last, text)
    if found:
        console().print(shown)
