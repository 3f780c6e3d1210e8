"""``tracker reprocess``: everything anew from what is kept."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.batch import PARTLY
from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import json_document, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import Progress, TaskID

    from storage.database import Database
    from storage.records import Site
    from tracker.config import Config
    from tracker.reprocessing import Reprocessed


@click.command("reprocess")
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option(
    "--all", "every", is_flag=True, help="Also sites that the present program has derived."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes, each with a site of its own.",
)
@output_format("text", "json")
@configured
def command(sites: tuple[str, ...], every: bool, jobs: int, form: str, config: Config) -> None:
    """Derive versions and changes anew from kept snapshots, fetching nothing.

    For after an upgrade of the tracker, or a new [[override]] in config.toml; sites that the same
    program has derived by the same rules are passed over. Stopped or killed, it goes on from there
    the next time. What differs is a technical matter, not a change of any policy: it is listed, and
    reviews of changes that are read otherwise now are carried over to them.

    \b
    Example:
      tracker reprocess
      tracker reprocess --jobs 4
      tracker reprocess --all picroma.com
    """
    from storage import sites as kept
    from tracker.kept import find_site

    done: list[Reprocessed] = []
    with open_configured(config) as db:
        with db.read() as conn:
            chosen = [find_site(conn, key) for key in sites] if sites else kept.every(conn)
        for one in _reprocessed(db, config, chosen, every=every, jobs=jobs):
            done.append(one)
            _warn(one)
            if form == "text" and one.analysis is not None:
                _tell(one)
    if form == "json":
        json_document(_document(done))
    _sum_up(done)
    sys.exit(PARTLY if any(one.failure for one in done) else 0)


def _reprocessed(
    db: Database, config: Config, chosen: Sequence[Site], *, every: bool, jobs: int
) -> Iterator[Reprocessed]:
    from rich.console import Console
    from rich.progress import Progress

    from tracker.reprocessing import reprocess_all, reprocess_together

    with Progress(
        console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True
    ) as shown:
        task = shown.add_task("sites", total=len(chosen))
        if jobs > 1 and len(chosen) > 1:
            results = reprocess_together(config, chosen, every=every, processes=jobs)
        else:
            within = shown.add_task("captures", total=None, visible=False)
            watch = partial(_show, shown, within)
            results = reprocess_all(db, config, chosen, every=every, watch=watch)
        for one in results:
            shown.advance(task)
            yield one


def _show(shown: Progress, task: TaskID, site: Site, done: int, total: int) -> None:
    shown.update(task, description=site.domain, completed=done, total=total, visible=done < total)


def _warn(one: Reprocessed) -> None:
    """Say what could not be read, and which rules by hand found nothing: a slip, or a new page."""
    from crawler.normalize.document import NOTHING_FOUND

    if one.failure:
        say(f"tracker: {one.site} stays as it was: {one.failure}")
    for note, count in (one.notes or {}).items():
        if note.startswith(NOTHING_FOUND):
            say(
                f"tracker: {one.site}: {note.removeprefix(NOTHING_FOUND)} found nothing in {count} "
                "captures, which were read without it"
            )


def _tell(one: Reprocessed) -> None:
    from tracker.cli.upgrade_view import upgrade_lines

    assert one.analysis is not None  # noqa: S101 - narrows for the type checker
    for line in upgrade_lines(one.site, one.analysis):
        click.echo(line)


def _sum_up(done: Sequence[Reprocessed]) -> None:
    derived = sum(one.analysis is not None for one in done)
    failed = sum(one.failure is not None for one in done)
    current = len(done) - derived - failed
    text = f"{derived} site{'' if derived == 1 else 's'} derived anew"
    if failed:
        text += f", {failed} stay as they were"
    if current:
        text += f", {current} passed over: this program has derived them so already (--all)"
    say(text)


def _document(done: Sequence[Reprocessed]) -> dict[str, Any]:
    from tracker.review_carrying import carried_document
    from tracker.upgrades import upgrade_document

    return {
        "sites": [
            {
                "site": one.site,
                "versions": one.analysis.versions,
                "changes": one.analysis.changes,
                "upgrade": upgrade_document(one.analysis.upgrade),
                "reviews": carried_document(one.analysis.reviews),
            }
            for one in done
            if one.analysis
        ],
        "passed_over": [one.site for one in done if not one.analysis and not one.failure],
        "failures": [
            {"site": one.site, "reason": one.failure} for one in done if one.failure is not None
        ],
    }
