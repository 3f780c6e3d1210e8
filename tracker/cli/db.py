"""``tracker db``: the database's own affairs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import json_document, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from storage.copying import Step
    from tracker.config import Config


@click.group("db")
def command() -> None:
    """The database's own affairs: its schema, its size, and moving it.

    \b
    Example:
      tracker db upgrade
      tracker db compact
      tracker db copy tracker.db postgresql://me@localhost/tracker
    """


@command.command("upgrade")
@output_format("text", "json")
@configured
def upgrade(form: str, config: Config) -> None:
    """Bring the schema up to date, or make the tables of an empty database.

    A file of SQLite's is copied beside itself first, and is brought up to date by every other
    command too; PostgreSQL waits for this one, since other programs may be at work in it.

    \b
    Example:
      tracker db upgrade --db postgresql://me@localhost/tracker
    """
    from storage.database import upgrade_database

    done = upgrade_database(config.database.url)
    if form == "json":
        json_document({"from": done.found, "to": done.now, "backup": done.backup})
    elif done.found == done.now:
        say(f"schema {done.now} is the newest: nothing to do")
    else:
        before = f"schema {done.found}" if done.found else "an empty database"
        kept = f"; the old file is kept as {done.backup}" if done.backup else ""
        say(f"from {before} to schema {done.now}{kept}")


@command.command("copy")
@click.argument("source", metavar="FROM_URL")
@click.argument("target", metavar="TO_URL")
@output_format("text", "json")
def copy(source: str, target: str, form: str) -> None:
    """Copy everything into another, empty database: SQLite to PostgreSQL, or the other way.

    All of it arrives, or nothing; every kept body is read back and verified. What is written to
    the source meanwhile is left out.

    \b
    Example:
      tracker db copy tracker.db postgresql://me@localhost/tracker
      tracker db copy postgresql://me@localhost/tracker sqlite:///backup.db
    """
    from rich.console import Console
    from rich.progress import Progress

    from storage.copying import copy as copy_database
    from storage.database import open_database

    shown = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    with (
        open_database(source, create=False) as old,
        open_database(target) as new,
        shown,
    ):
        copied = copy_database(old, new, _Bar(shown))
    if form == "json":
        json_document(
            {"rows": copied.rows, "bodies": copied.bodies, "damaged": list(copied.damaged)}
        )
        return
    total = sum(copied.rows.values())
    say(f"{total} rows of {len(copied.rows)} tables are in {new.name}, {copied.bodies} bodies read")
    if copied.damaged:
        say(f"{len(copied.damaged)} bodies were damaged before: `tracker doctor --deep` names them")


@command.command("compact")
@output_format("text", "json")
@configured
def compact(form: str, config: Config) -> None:
    """Pack the kept pages more tightly, and give the room back to the disk.

    Some 0.1 s for each page that was kept since the last time; reading stays as fast. It can be
    stopped at any moment and goes on from there.

    \b
    Example:
      tracker db compact
    """
    from rich.console import Console
    from rich.progress import Progress

    from storage import compaction

    shown = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    with open_configured(config) as db, shown:
        before = db.retrieve(compaction.measure)
        waiting = db.retrieve(compaction.waiting)
        task = shown.add_task("packing", total=waiting)
        compaction.compact(db, on_progress=lambda done: shown.advance(task, done))
        db.shrink()
        after = db.retrieve(compaction.measure)
    if form == "json":
        json_document(
            {
                "bodies": after.bodies,
                "packed_now": waiting,
                "plain_bytes": after.plain,
                "bytes_before": before.packed,
                "bytes_after": after.packed,
            }
        )
        return
    times = after.plain / max(after.packed, 1)
    say(
        f"{waiting} of {after.bodies} bodies and texts packed anew: {before.packed / 1e6:.1f} MB "
        f"became {after.packed / 1e6:.1f} MB, {times:.0f} times smaller than plain"
    )


class _Bar:
    """Shows the table that is under way."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._table: tuple[str, bool] | None = None
        self._task: TaskID | None = None

    def __call__(self, step: Step) -> None:
        """Take in one step."""
        if self._table != (step.table, step.verify):
            if self._task is not None:
                self._shown.remove_task(self._task)
            self._table = (step.table, step.verify)
            doing = "verifying" if step.verify else "copying"
            self._task = self._shown.add_task(f"{doing} {step.table}", total=step.total)
        if self._task is not None:
            self._shown.update(self._task, completed=step.done)
