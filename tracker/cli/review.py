"""``tracker review``: the queue of changes, and what people make of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines, say, table
from tracker.cli.review_options import VERDICTS, chosen, reviewing

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Connection
    from storage.review_records import QueuedChange, QueueFilter, Relabel
    from tracker.config import Config

ON_SCREEN = 40
"""Changes listed for a person who gives no --limit; JSON has all."""


@click.group("review")
def command() -> None:
    """The queue of changes that nobody has reviewed yet, those that may matter most first.

    \b
    Example:
      tracker review next
      tracker review list --min-score 30
      tracker review mark 'picroma.com#1..2' important --note "sells data now"
    """


@command.command("list", short_help="What waits, most material first.")
@configured
@chosen
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many changes.")
@output_format("text", "json", "jsonl")
def list_(
    choose: Callable[[Connection], QueueFilter], limit: int | None, form: str, config: Config
) -> None:
    """List changes without a verdict, or those of a --state, those that may matter most first.

    The score (0 to 100) and its reasons are explained in docs/materiality.md.

    \b
    Example:
      tracker review list --category sharing --since 2024-01-01
      tracker review list --state important --format json
    """
    from tracker.reviewing import queued_document, walk

    with open_configured(config) as db:
        with db.read() as conn:
            wanted = choose(conn)
        if form == "text":
            _print_list(list(walk(db, wanted, limit=limit or ON_SCREEN + 1)), limit)
        elif form == "json":
            json_document([queued_document(one) for one in walk(db, wanted, limit=limit)])
        else:
            json_lines(queued_document(one) for one in walk(db, wanted, limit=limit))


def _print_list(found: list[QueuedChange], limit: int | None) -> None:
    from rich.markup import escape

    if not found:
        say("nothing to review here")
        return
    rows = table("score", "change", "between", "words", "state", "why", right=("score",))
    for one in found[: limit or ON_SCREEN]:
        change = one.change
        rows.add_row(
            str(change.score),
            escape(f"{one.site}#{change.old_number}..{change.new_number}"),
            f"{change.after:%Y-%m-%d} – {change.before:%Y-%m-%d}",
            f"+{change.words_added} −{change.words_removed}",
            one.state,
            escape("; ".join(change.reasons[:3])),
        )
    console().print(rows)
    if limit is None and len(found) > ON_SCREEN:
        say("there are more: --limit N lists N, `tracker review next` goes through them")


@command.command("show", short_help="One change: why, what differs, what was said.")
@click.argument("change")
@output_format("text", "json")
@configured
def show(change: str, form: str, config: Config) -> None:
    """Show a change, SITE#1..2 or its id: why it may matter, what differs, and what was said.

    \b
    Example:
      tracker review show 'picroma.com#1..2'
    """
    from tracker.cli.review_view import print_change
    from tracker.history import review_document
    from tracker.reviewing import find_change, queued_document, show_change

    with open_configured(config) as db, db.read() as conn:
        found = show_change(conn, find_change(conn, change))
    if form == "json":
        said = [review_document(review) for review in found.said]
        document = queued_document(found.queued)
        json_document({**document, "history": said, "diff": found.detail.comparison})
    else:
        print_change(found, console(), whole=True)


@command.command("mark", short_help="Say what a change is.")
@click.argument("change")
@click.argument("verdict", type=click.Choice(VERDICTS, case_sensitive=False))
@click.option("--note", default="", help="Why, in your words.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by; repeatable.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="N=CATEGORIES",
    help="The practice categories that the Nth changed statement has, such as 2=retention,sharing "
    "or 3=none; repeatable.",
)
@click.option(
    "--revision",
    type=click.IntRange(min=0),
    metavar="N",
    help="Only if the review that you saw (0: none) is still the last.",
)
@reviewing
@output_format("text", "json")
@configured
def mark(
    change: str,
    verdict: str,
    note: str,
    tags: tuple[str, ...],
    labels: tuple[str, ...],
    revision: int | None,
    reviewer: str,
    form: str,
    config: Config,
) -> None:
    """Say what a change is: important, routine, false (nothing changed, it was misread), undecided.

    A later verdict takes the place of an earlier one, and `undo` brings that back; all are kept.

    \b
    Example:
      tracker review mark 'picroma.com#1..2' important --note "sells data now" --tag sale
      tracker review mark 'picroma.com#2..3' false --as ann
    """
    from dataclasses import replace

    from storage.reviews import StaleReview
    from tracker import reviewing
    from tracker.cli.review_view import said_by

    with open_configured(config) as db:
        with db.read() as conn:
            found = reviewing.find_change(conn, change)
            given = _labels(conn, labels, found, config)
        if revision is not None and found.review and found.revision != revision:
            raise StaleReview(found.review)
        review = reviewing.mark(
            db, found, verdict, reviewer=reviewer, note=note, tags=tags, labels=given
        )
    if form == "json":
        json_document(reviewing.queued_document(replace(found, review=review)))
    else:
        say(f"{change}: {said_by(review)}")


def _labels(
    conn: Connection, given: tuple[str, ...], found: QueuedChange, config: Config
) -> list[Relabel]:
    if not given:
        return []
    from tracker.practice_filter import known_categories
    from tracker.review_labels import relabelled
    from tracker.reviewing import show_change

    known, shown = known_categories(config.classifier.path), show_change(conn, found)
    return [label for one in given for label in relabelled(conn, one, shown, known)]


@command.command("undo", short_help="Take the last verdict back.")
@click.argument("change")
@reviewing
@output_format("text", "json")
@configured
def undo(change: str, reviewer: str, form: str, config: Config) -> None:
    """Take the last verdict of a change back: what was said before counts again.

    \b
    Example:
      tracker review undo 'picroma.com#1..2'
    """
    from dataclasses import replace

    from tracker import reviewing
    from tracker.cli.review_view import said_by

    with open_configured(config) as db:
        with db.read() as conn:
            found = reviewing.find_change(conn, change)
        review = reviewing.undo(db, found, reviewer=reviewer)
    if form == "json":
        json_document(reviewing.queued_document(replace(found, review=review)))
    else:
        say(f"{change}: {said_by(review)}")


@command.command("next", short_help="Go through the queue by keys.")
@configured
@chosen
@reviewing
def next_(choose: Callable[[Connection], QueueFilter], reviewer: str, config: Config) -> None:
    """Go through the queue, a change at a time, a key a verdict.

    i important, r routine, f false, d undecided; n a note, t a tag, c categories, m more of the
    change, s skip, u undo, h help, q quit. Keys can come through a pipe, too.

    \b
    Example:
      tracker review next --min-score 20 --as ann
    """
    from tracker.cli.review_next import go_through

    with open_configured(config) as db:
        with db.read() as conn:
            wanted = choose(conn)
        go_through(db, wanted, reviewer, config)


@command.command("export", short_help="Label lines for `tracker train`.")
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write [default: stdout].",
)
@configured
def export(sites: tuple[str, ...], output: Path | None, config: Config) -> None:
    """Write what reviews teach a classifier, as lines for `tracker train`.

    A statement that was given other categories is a line with these; one that only a false version
    showed is a line with none. The reviews themselves are a table of `tracker export`.

    \b
    Example:
      tracker review export -o labels.jsonl && tracker train labels.jsonl
    """
    from storage import sites as kept_sites
    from tracker.exports.target import write_whole
    from tracker.kept import find_site
    from tracker.review_labels import label_lines

    with open_configured(config) as db, db.read() as conn:
        chosen = [find_site(conn, key) for key in sites] or kept_sites.every(conn)
        lines = list(label_lines(conn, chosen))
    if output is None:
        json_lines(lines)
    else:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        write_whole(output, text)
    say(f"{len(lines)} labelled {'text' if len(lines) == 1 else 'texts'}")
