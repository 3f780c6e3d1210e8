"""``tracker doctor``: is everything there that a crawl needs?"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.errors import CrawlError
from storage.errors import MissingError, StorageError
from tracker.cli.options import archived, configured, open_configured, output_format
from tracker.cli.output import json_document
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.config import Config

ENOUGH_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at, and what was found."""

    what: str
    ok: bool
    text: str


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Read and verify every kept body.")
@click.option(
    "--repair",
    is_flag=True,
    help="With --deep: have the next crawl fetch what is damaged again.",
)
@output_format("text", "json")
@configured
@archived
def command(deep: bool, repair: bool, form: str, config: Config) -> None:
    """Check configuration, database, archive and disk, a line each, with the remedy.

    \b
    Example:
      tracker doctor
      tracker doctor --deep --db sqlite:///corpus.db
      tracker doctor --deep --repair && tracker crawl
    """
    findings = list(_examine(config, deep=deep or repair, repair=repair))
    if form == "json":
        json_document([{"what": f.what, "ok": f.ok, "text": f.text} for f in findings])
    else:
        for finding in findings:
            mark = click.style("ok  ", fg="green") if finding.ok else click.style("FAIL", fg="red")
            click.echo(f"{mark} {finding.what}: {finding.text}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _examine(config: Config, *, deep: bool, repair: bool) -> Iterator[Finding]:
    yield Finding(what="configuration", ok=True, text=_configuration(config))
    missing = _missing(config)
    if missing is None:
        yield _attempt("database", lambda: _database(config, deep=deep, repair=repair))
        yield _attempt("schedule", lambda: _schedule(config))
        yield _attempt("notices", lambda: _notices(config))
    else:
        # Before its first use nothing is wrong, unless somebody says that it is elsewhere.
        yield Finding(what="database", ok=config.database.is_default, text=missing)
    yield _attempt("archive", lambda: _archive(config))
    yield _attempt("classifier", lambda: _classifier(config))
    yield _disk()


def _attempt(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what=what, ok=True, text=look())
    except (TrackerError, CrawlError, StorageError) as error:
        return Finding(what=what, ok=False, text=str(error))


def _configuration(config: Config) -> str:
    budget = f"{config.archive.cdx_per_minute:g} index and {config.archive.replay_per_minute:g}"
    return f"{budget} replay requests a minute to {config.archive.where}"


def _missing(config: Config) -> str | None:
    try:
        open_configured(config).close()
    except MissingError as error:
        return str(error)
    except StorageError:
        return None
    return None


def _database(config: Config, *, deep: bool, repair: bool) -> str:
    from storage import blobs, snapshots
    from storage.overviews import count_sites

    with open_configured(config) as db:
        with db.read() as conn:
            text = f"{db.name}, {db.backend.describe(conn)}, {count_sites(conn)} sites"
        if deep:
            checked, damaged = blobs.verify(db)
            if damaged:
                names = ", ".join(key[:12] for key in damaged[:5])
                found = f"{len(damaged)} of {checked} bodies in {db.name} are damaged ({names})"
                if not repair:
                    raise StorageError(f"{found}: `tracker doctor --deep --repair`")
                again = db.transact(lambda conn: snapshots.give_up(conn, damaged))
                raise StorageError(f"{found}: crawl again, {again} captures will be fetched anew")
            text += f", {checked} bodies verified"
    return text


def _schedule(config: Config) -> str:
    from tracker.clocks import utc_now
    from tracker.schedule.health import health, health_line

    with open_configured(config) as db:
        found = db.retrieve(lambda conn: health(conn, utc_now()))
    line = health_line(found)
    if not found.ok:
        raise TrackerError(line)
    return line


def _notices(config: Config) -> str:
    from tracker.notify.health import notices_line

    with open_configured(config) as db:
        return notices_line(db, config)


def _archive(config: Config) -> str:
    from crawler.probe import probe

    return probe(config.archive)


def _classifier(config: Config) -> str:
    from tracker.classify.model import load

    return f"version {load(config.classifier.path).version}"


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free
    ok = free > ENOUGH_BYTES
    text = f"{free / 1e9:.1f} GB free" + ("" if ok else ": make room, captures need it")
    return Finding(what="disk", ok=ok, text=text)
