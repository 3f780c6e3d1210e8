"""Options that commands share, and what they resolve to."""

from __future__ import annotations

import calendar
import functools
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.output import hint
from tracker.config import Config, read
from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storage.database import Database


def configured(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--config`` and ``--db``; the command gets a resolved ``config``."""

    @click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Configuration file [default: config.toml, if there is one].",
    )
    @click.option(
        "--db",
        envvar="TRACKER_DB",
        metavar="URL",
        help="Database, a SQLAlchemy URL or a file [default: sqlite:///tracker.db].",
    )
    @functools.wraps(function)
    def wrapped(*args: Any, config_file: Path | None, db: str | None, **kwargs: Any) -> Any:
        config = read(config_file)
        if db:
            config = replace(config, database=replace(config.database, url=db))
        return function(*args, config=config, **kwargs)

    return wrapped


def archived(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--archive`` and the archive's budget; goes inside :func:`configured`."""

    @click.option(
        "--archive",
        envvar="TRACKER_ARCHIVE",
        metavar="WHERE",
        help="wayback, wayback:URL, pywb:URL, memento:URL or warc:PATH [default: wayback].",
    )
    @click.option(
        "--cdx-per-minute",
        envvar="TRACKER_CDX_PER_MINUTE",
        type=click.FloatRange(min=0),
        help="Index requests a minute, 0 for no limit [default: 24].",
    )
    @click.option(
        "--replay-per-minute",
        envvar="TRACKER_REPLAY_PER_MINUTE",
        type=click.FloatRange(min=0),
        help="Replay requests a minute, 0 for no limit [default: 480].",
    )
    @functools.wraps(function)
    def wrapped(
        *args: Any,
        config: Config,
        archive: str | None,
        cdx_per_minute: float | None,
        replay_per_minute: float | None,
        **kwargs: Any,
    ) -> Any:
        changed: dict[str, Any] = {}
        if archive is not None:
            changed["where"] = archive
        if cdx_per_minute is not None:
            changed["cdx_per_minute"] = cdx_per_minute
        if replay_per_minute is not None:
            changed["replay_per_minute"] = replay_per_minute
        config = replace(config, archive=replace(config.archive, **changed))
        return function(*args, config=config, **kwargs)

    return wrapped


def live_checked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--live``; goes inside :func:`configured`."""

    @click.option(
        "--live",
        is_flag=True,
        help="Look at the site's own page, too, once: a change shows before an archive has it.",
    )
    @functools.wraps(function)
    def wrapped(*args: Any, config: Config, live: bool, **kwargs: Any) -> Any:
        if live:
            config = replace(config, archive=replace(config.archive, live=True))
        return function(*args, config=config, **kwargs)

    return wrapped


def output_format(*choices: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--format``; the first choice is the default."""
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True
    )


def form_of(output: Path | None, suffixes: Mapping[str, str], default: str) -> str:
    """The format that an output file's suffix names; the default for stdout.

    Raises:
        RequestError: the suffix names none.
    """
    suffix = output.suffix.lower() if output else ""
    if suffix and suffix not in suffixes:
        raise RequestError(
            f"no format for {suffix}: end in {', '.join(suffixes)}, or give --format"
        )
    return suffixes.get(suffix, default)


def day_begins(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """Read an option as a date, or an ISO time; ``2015`` and ``2015-05`` mean their beginning."""
    return _moment(ctx, param, value, end=False)


def day_ends(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """The same, meaning the end of the day, month or year."""
    return _moment(ctx, param, value, end=True)


def _moment(
    ctx: click.Context, param: click.Parameter, value: str | None, *, end: bool
) -> datetime | None:
    if value is None:
        return None
    whole = _whole_day(value.strip(), end=end)
    try:
        moment = datetime.fromisoformat(whole)
    except ValueError as error:
        message = f"{value!r} is no date; write it as 2015-05-12"
        raise click.BadParameter(message, ctx=ctx, param=param) from error
    if end and len(whole) == len("2015-05-12"):
        moment = datetime.combine(moment, time.max)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _whole_day(text: str, *, end: bool) -> str:
    if len(text) == len("2015"):
        return f"{text}-12-31" if end else f"{text}-01-01"
    if len(text) == len("2015-05") and text[:4].isdigit() and text[5:].isdigit():
        month = min(max(int(text[5:]), 1), 12)
        return f"{text}-{calendar.monthrange(int(text[:4]), month)[1]}" if end else f"{text}-01"
    return text


def open_configured(
    config: Config, *, create: bool = False, tell: Callable[[str], None] = hint
) -> Database:
    """Open the configured database; ``create`` it where it does not exist.

    A person is told of a new one at a place that was named: the name may be mistyped. Whatever
    follows may fail, and a failure is one line on stderr.

    Raises:
        MissingError: there is none.
        StorageError: it cannot be used.
    """
    from storage.database import open_database

    db = open_database(config.database.url, create=create)
    if db.is_new and not config.database.is_default:
        tell(f"new database: {db.name}")
    return db
