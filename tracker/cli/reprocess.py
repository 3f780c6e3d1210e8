"""``tracker reprocess``: everything anew from what is kept."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import json_document, say

if TYPE_CHECKING:
    from collections import Counter

    from rich.progress import Progress, TaskID

    from storage.records import Site
    from tracker.analysis import Analysis
    from tracker.config import Config


@click.command("reprocess")
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@output_format("text", "json")
@configured
def command(sites: tuple[str, ...], form: str, config: Config) -> None:
    """Derive versions and changes anew from kept snapshots, fetching nothing.

    For after an upgrade of the tracker, or a new [[override]] in config.toml. What differs then is
    a technical matter, not a change of any policy: it is listed as versions gone and new.

    \b
    Example:
      tracker reprocess
      tracker reprocess picroma.com
    """
    from rich.console import Console
    from rich.progress import Progress

    from storage import sites as kept
    from storage import snapshots
    from tracker.classify.model import load
    from tracker.kept import find_site
    from tracker.labels import LabelBook
    from tracker.reprocessing import reprocess

    book = LabelBook(partial(load, config.classifier.path))
    done: list[tuple[Site, Analysis]] = []
    unfound: list[str] = []
    shown = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    with open_configured(config) as db, shown:
        with db.read() as conn:
            chosen = [find_site(conn, key) for key in sites] if sites else kept.every(conn)
        for site in chosen:
            task = shown.add_task(site.domain, total=None)
            watch = partial(_show, shown, task)
            analysis = reprocess(db, config, site, book, watch)
            shown.remove_task(task)
            done.append((site, analysis))
            with db.read() as conn:
                unfound += _unfound(site, snapshots.notes(conn, site.id))
    for line in unfound:
        say(f"tracker: {line}")
    if form == "json":
        json_document({"sites": [_document(site, analysis) for site, analysis in done]})
        return
    for site, analysis in done:
        say(f"{site.domain}: {analysis.versions} versions, {_difference(analysis)}")


def _unfound(site: Site, notes: Counter[str]) -> list[str]:
    """Which rules by hand found nothing: a page that has changed, or a slip in a selector."""
    from crawler.normalize.document import NOTHING_FOUND

    return [
        f"{site.domain}: {note.removeprefix(NOTHING_FOUND)} found nothing in {count} captures, "
        "which were read without it"
        for note, count in notes.items()
        if note.startswith(NOTHING_FOUND)
    ]


def _show(shown: Progress, task: TaskID, done: int, total: int) -> None:
    shown.update(task, completed=done, total=total)


def _document(site: Site, analysis: Analysis) -> dict[str, Any]:
    return {
        "site": site.domain,
        "versions": analysis.versions,
        "changes": analysis.changes,
        "new": list(analysis.new),
        "gone": list(analysis.gone),
    }


def _difference(analysis: Analysis) -> str:
    if not analysis.new and not analysis.gone:
        return "the same as before"
    return f"{len(analysis.new)} new and {len(analysis.gone)} gone: texts are read otherwise now"
