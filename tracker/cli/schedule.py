"""``tracker schedule``: run updates on their schedule, and say what that is."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from functools import partial
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import archived, configured, open_configured, output_format
from tracker.cli.output import json_document, say
from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from storage.database import Connection, Database
    from storage.run_records import Schedule
    from tracker.config import Config

PATIENCE = 9.5
"""Seconds after which a scheduler that was told to end ends, whatever it waits for."""


@click.group("schedule", invoke_without_command=True)
@click.option(
    "--log", "log_form", type=click.Choice(["human", "json"]), default="human", show_default=True
)
@click.option(
    "--workers", type=click.IntRange(min=1, max=64), default=4, show_default=True,
    help="Crawls at once.",
)  # fmt: skip
@click.option(
    "--metrics", "port", type=click.IntRange(min=0, max=65535), metavar="PORT",
    help="Serve figures for Prometheus on this machine.",
)  # fmt: skip
@configured
@archived
@click.pass_context
def command(
    ctx: click.Context, log_form: str, workers: int, port: int | None, config: Config
) -> None:
    """Run updates on their schedule, in the foreground, until stopped.

    Schedules are sections of config.toml ([[schedule]]) or made by `tracker schedule add`. Several
    schedulers may run on one database: each run is carried out once. SIGTERM or Ctrl-C ends it
    within ten seconds; what is not done is handed back.

    \b
    Example:
      tracker schedule add picroma.com --every 6h
      tracker schedule add --all --cron "0 3 * * *" --timezone Europe/Berlin --jitter 30m
      tracker schedule
      tracker schedule --log json --metrics 9464
    """
    if ctx.invoked_subcommand is None:
        _run(config, log_form, workers, port)
        return
    given = [
        param.opts[0]
        for param in command.params
        if ctx.get_parameter_source(param.name or "") is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(f"{given[0]} goes after `{ctx.invoked_subcommand}`")


def _run(config: Config, log_form: str, workers: int, port: int | None) -> None:
    from storage import schedules
    from tracker.clocks import utc_now
    from tracker.running import Work
    from tracker.schedule.enqueueing import keep_rules
    from tracker.schedule.log import Log
    from tracker.schedule.metrics import served_metrics
    from tracker.schedule.service import Rhythm, Service

    stop = Event()
    _end_on_signals(stop)
    log = Log(sys.stderr, utc_now, as_json=log_form == "json")
    with ExitStack() as stack:
        tell = partial(log, "database")
        db = stack.enter_context(open_configured(config, create=True, tell=tell))
        keep_rules(db, config.schedules, utc_now())
        if port is not None:
            port = stack.enter_context(served_metrics(db, utc_now, port))
            log("metrics", f"figures at http://127.0.0.1:{port}/metrics", port=port)
        known = db.retrieve(schedules.every)
        number = "1 schedule" if len(known) == 1 else f"{len(known) or 'no'} schedules"
        hint = "" if known else "; add one: tracker schedule add SITE --every 6h"
        log("started", f"started, {number}{hint}", pid=os.getpid(), schedules=len(known))
        work = Work(db=db, config=config, clock=utc_now)
        if not Service(work, log, workers=workers, rhythm=Rhythm()).run(stop):
            # Threads at an analysis would be waited for; it is kept as a whole, or not at all.
            os._exit(0)


def _end_on_signals(stop: Event) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        if not stop.is_set():
            # A database that is away may be waited for: whoever ended us does not.
            last = Timer(PATIENCE, os._exit, args=(0,))
            last.daemon = True
            last.start()
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _target(function: Callable[..., Any], *, create: bool = False) -> Callable[..., Any]:
    """Add SITE, ``--tag`` and ``--all``: of them the command gets one, as a ``target``."""

    @click.argument("site", required=False, metavar="SITE")
    @click.option("--tag", help="All sites of a tag.")
    @click.option("--all", "everything", is_flag=True, help="All tracked sites.")
    @configured
    def wrapped(
        *args: Any, site: str | None, tag: str | None, everything: bool, config: Config, **rest: Any
    ) -> Any:
        from tracker.schedule_rules import ALL, tag_target

        if [site is not None, tag is not None, everything].count(True) != 1:
            raise click.UsageError("name one of SITE, --tag and --all")
        with open_configured(config, create=create) as db:
            if site is not None:
                target = _site_target(db, site)
            else:
                target = ALL if tag is None else tag_target(tag)
            return function(*args, db=db, target=target, **rest)

    wrapped.__name__, wrapped.__doc__ = function.__name__, function.__doc__
    return wrapped


def _site_target(db: Database, key: str) -> str:
    """The target of SITE, which a tracked site's name may be; one that is new is not kept yet."""
    from storage import sites
    from tracker.schedule_rules import site_target
    from tracker.targets import site_in

    site = db.retrieve(lambda conn: sites.get(conn, key))
    return site_target(site.domain if site else site_in(key))


@command.command("add")
@click.option("--every", metavar="6h", help="An interval: 90s, 10m, 6h, 7d, 2w.")
@click.option("--cron", metavar='"0 3 * * *"', help="A cron line: minute hour day month weekday.")
@click.option("--timezone", default="UTC", show_default=True, help="In which --cron is read.")
@click.option("--jitter", default="0", metavar="10m", help="Spread the sites over so long.")
@click.option("--adaptive", is_flag=True, help="Only sites that are due by their own pace.")
@output_format("text", "json")
@partial(_target, create=True)
def add(
    every: str | None,
    cron: str | None,
    timezone: str,
    jitter: str,
    adaptive: bool,
    form: str,
    db: Database,
    target: str,
) -> None:
    """Schedule a site, the sites of a tag, or all; shows the next five runs.

    One schedule a target: a second one takes the first one's place. Where several concern a site
    the narrowest counts: its own, else that of its tags, else that of all.

    \b
    Example:
      tracker schedule add picroma.com --every 6h
      tracker schedule add --tag banks --cron "0 3 * * 1-5" --timezone Europe/Berlin
      tracker schedule add --all --every 1h --adaptive --jitter 30m
    """
    from storage import schedules, sites
    from storage.run_records import Origin
    from tracker.cli.schedule_view import schedule_document, show_schedules
    from tracker.clocks import utc_now
    from tracker.kept import must_have_domain
    from tracker.timetables import timetable

    made = timetable(every=every, cron=cron, timezone=timezone, jitter=jitter, adaptive=adaptive)
    now = utc_now()

    def keep(conn: Connection) -> Schedule:
        kind, _, name = target.partition(":")
        if kind == "site":
            must_have_domain(sites.get(conn, name) or sites.add(conn, name))
        return schedules.put(conn, target, made, origin=Origin.COMMAND, now=now)

    schedule = db.transact(keep)
    if form == "json":
        json_document(schedule_document(schedule, now))
    else:
        show_schedules(db, [schedule], now)


@command.command("list")
@output_format("text", "json")
@configured
def list_(form: str, config: Config) -> None:
    """All schedules, each with its next five runs.

    Those of config.toml are listed once a scheduler has read them, or this command.

    \b
    Example:
      tracker schedule list
      tracker schedule list --format json
    """
    from storage import schedules
    from tracker.cli.schedule_view import schedule_document, show_schedules
    from tracker.clocks import utc_now
    from tracker.schedule.enqueueing import keep_rules

    with open_configured(config, create=bool(config.schedules)) as db:
        now = utc_now()
        keep_rules(db, config.schedules, now)
        found = db.retrieve(schedules.every)
        if form == "json":
            json_document([schedule_document(schedule, now) for schedule in found])
        else:
            show_schedules(db, found, now)


@command.command("pause")
@_target
def pause(db: Database, target: str) -> None:
    """Pause a schedule: nothing of it is due until it is resumed.

    \b
    Example:
      tracker schedule pause picroma.com
      tracker schedule pause --tag banks
    """
    _pause(db, target, paused=True)


@command.command("resume")
@_target
def resume(db: Database, target: str) -> None:
    """Let a paused schedule go on; what would have been due meanwhile is not made up for.

    \b
    Example:
      tracker schedule resume picroma.com
    """
    _pause(db, target, paused=False)


@command.command("remove")
@_target
def remove(db: Database, target: str) -> None:
    """Remove a schedule. The sites stay tracked.

    \b
    Example:
      tracker schedule remove picroma.com
      tracker schedule remove --all
    """
    from storage import schedules
    from tracker.schedule_rules import shown_target

    if not db.transact(lambda conn: schedules.remove(conn, target)):
        raise _unknown(target)
    say(f"{shown_target(target)}: no longer scheduled")


@command.command("run-now")
@_target
def run_now(db: Database, target: str) -> None:
    """Have a scheduler that is at work run sites now, whatever their schedule says.

    \b
    Example:
      tracker schedule run-now picroma.com
      tracker schedule run-now --tag banks
    """
    from storage import runs, tags
    from storage import sites as kept
    from tracker.clocks import utc_now
    from tracker.kept import must_have_domain
    from tracker.schedule.health import health
    from tracker.schedule_rules import shown_target

    now = utc_now()

    def ask(conn: Connection) -> int:
        kind, _, name = target.partition(":")
        if kind == "site":
            site = kept.get(conn, name)
            if site is not None:
                must_have_domain(site)
            chosen = [] if site is None else [site]
        else:
            tagged = set(tags.site_ids(conn, name)) if kind == "tag" else None
            chosen = [one for one in kept.every(conn) if tagged is None or one.id in tagged]
        ids = [one.id for one in chosen if kept.is_crawlable(one)]
        runs.ask_now(conn, ids, now)
        return len(ids)

    number = db.transact(ask)
    if not number:
        raise RequestError(f"{shown_target(target)}: no such site is tracked; `tracker add` it")
    say(f"{'1 run is' if number == 1 else f'{number} runs are'} due now")
    if not db.retrieve(lambda conn: health(conn, now)).alive:
        say("tracker: no scheduler is at work: run `tracker schedule`, or `tracker update`")


def _pause(db: Database, target: str, *, paused: bool) -> None:
    from storage import schedules
    from tracker.clocks import utc_now
    from tracker.schedule_rules import shown_target

    now = utc_now()
    if not db.transact(lambda conn: schedules.pause(conn, target, paused=paused, now=now)):
        raise _unknown(target)
    say(f"{shown_target(target)}: {'paused' if paused else 'goes on'}")


def _unknown(target: str) -> RequestError:
    from tracker.schedule_rules import shown_target

    return RequestError(
        f"{shown_target(target)} has no schedule of its own; see `tracker schedule list`"
    )
