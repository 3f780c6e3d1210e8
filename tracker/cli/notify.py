"""``tracker notify``: notices that wait or were given up, and rules tried out."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import configured, day_begins, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines, say, table
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.notices import Notice
    from tracker.config import Config
    from tracker.notify.deliver import Delivered
    from tracker.notify.messages import Message

STATES = ("waiting", "sending", "sent", "dead")
NONE = {
    None: "no notice waits, and none was sent",
    "waiting": "no notice waits",
    "sending": "no notice is being sent",
    "sent": "no notice was sent",
    "dead": "no notice was given up",
}
"""What is said where there is no notice of a state."""

PARTLY = 3


@click.group("notify")
def command() -> None:
    """Notices of changes: those that wait, those given up, and what rules would send.

    The rules are [[notify]] sections of config.toml; docs/notifications.md explains them.

    \b
    Example:
      tracker notify preview picroma.com
      tracker notify test
      tracker notify list --state dead
    """


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only notices that stand there.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many."
)
@output_format("text", "json", "jsonl")
@configured
def listing(state: str | None, limit: int, form: str, config: Config) -> None:
    """Notices, newest first; `dead` ones were given up after two weeks of tries.

    \b
    Example:
      tracker notify list --state dead
    """
    from storage import outbox
    from storage.notices import NoticeState

    chosen = NoticeState(state) if state else None
    with open_configured(config) as db, db.read() as conn:
        notices = outbox.listed(conn, state=chosen, limit=limit)
    if form == "json":
        json_document([_document(notice) for notice in notices])
    elif form == "jsonl":
        json_lines(_document(notice) for notice in notices)
    elif notices:
        _print(notices)
    else:
        say(NONE[state])


@command.command("preview")
@click.argument("sites", nargs=-1, metavar="[SITE]...")
@click.option(
    "--since",
    metavar="DATE",
    callback=day_begins,
    help="The sites' changes since then [default: the last one].",
)
@output_format("text", "json")
@configured
def preview(sites: tuple[str, ...], since: datetime | None, form: str, config: Config) -> None:
    """What would be sent, to whom: of these sites' changes, or of what waits in the outbox.

    Nothing is sent and nothing is noted.

    \b
    Example:
      tracker notify preview picroma.com --since 2024-01-01
      tracker notify preview
    """
    shown = list(_previews(config, sites, since))
    if form == "json":
        json_document(
            [
                {"channel": channel, "rule": rule, "due": due, **message.document}
                for channel, rule, due, message in shown
            ]
        )
        return
    for channel, rule, due, message in shown:
        click.echo(f"to {channel} by rule {rule!r}, {due}\nsubject: {message.subject}\n")
        click.echo(message.text)
    if not shown:
        say("nothing would be sent" if config.notify else "no [[notify]] rule in config.toml")


@command.command("test")
@click.option("--rule", "only", help="Only the channels of this rule.")
@output_format("text", "json")
@configured
def test(only: str | None, form: str, config: Config) -> None:
    """Send a short message to every address, and say what came of it.

    \b
    Example:
      tracker notify test --rule desk
    """
    from tracker.notify.channels import send
    from tracker.notify.errors import ChannelError
    from tracker.notify.messages import trial

    chosen = [rule for rule in config.notify if only in {None, rule.name}]
    if not chosen:
        if not config.notify:
            raise TrackerError("no [[notify]] rule in config.toml")
        known = ", ".join(rule.name for rule in config.notify)
        raise TrackerError(f"no rule {only!r}; there is: {known}")
    message = trial(datetime.now(UTC))
    results: dict[str, str | None] = {}
    for channel in dict.fromkeys(address for rule in chosen for address in rule.to):
        try:
            send(channel, message, config)
            results[channel] = None
        except ChannelError as error:
            results[channel] = str(error)
        if form == "text":
            click.echo(
                f"{'FAIL' if results[channel] else 'ok  '} {channel} {results[channel] or ''}"
            )
    if form == "json":
        json_document(
            [{"channel": one, "ok": not why, "reason": why} for one, why in results.items()]
        )
    failed = sum(why is not None for why in results.values())
    sys.exit(0 if not failed else 1 if failed == len(results) else PARTLY)


@command.command("send")
@output_format("text", "json")
@configured
def send_due(form: str, config: Config) -> None:
    """Send what is due now: what `tracker schedule` and `tracker update` do by themselves.

    \b
    Example:
      tracker notify send
    """
    from tracker.notify.deliver import deliver

    with open_configured(config) as db:
        done = deliver(db, config, lambda: datetime.now(UTC))
    sys.exit(_told(done, form))


@command.command("retry")
@click.argument("ids", nargs=-1, type=int, metavar="[ID]...")
@output_format("text", "json")
@configured
def retry(ids: tuple[int, ...], form: str, config: Config) -> None:
    """Try notices that were given up once more, at once: these, or all.

    \b
    Example:
      tracker notify retry
      tracker notify retry 17
    """
    from storage import outbox
    from tracker.notify.deliver import deliver

    with open_configured(config) as db:
        revived = db.transact(lambda conn: outbox.revive(conn, datetime.now(UTC), ids))
        say(f"{revived} tried again")
        done = deliver(db, config, lambda: datetime.now(UTC))
    sys.exit(_told(done, form))


def _previews(
    config: Config, keys: tuple[str, ...], since: datetime | None
) -> Iterator[tuple[str, str, str, Message]]:
    from storage import outbox
    from storage.notices import NoticeState
    from storage.records import format_time
    from tracker.kept import find_site
    from tracker.notify.announce import preview as would_tell
    from tracker.notify.deliver import message_of, waiting_messages
    from tracker.notify.messages import compose, message_id

    with open_configured(config) as db, db.read() as conn:
        if not keys:
            waiting = outbox.listed(conn, state=NoticeState.WAITING)
            for bundle in waiting_messages(waiting):
                name = bundle[0].message or message_id([one.key for one in bundle])
                due = format_time(min(one.due for one in bundle))
                message = message_of(name, bundle, config)
                yield bundle[0].channel, bundle[0].rule, due, message
        for key in keys:
            now = datetime.now(UTC)
            for new in would_tell(conn, config, find_site(conn, key), now, since=since):
                name = message_id([new.key])
                message = compose(name, [new.payload], now, config.notifications)
                due = format_time(new.due) if new.digest else "at once"
                yield new.channel, new.rule, due, message


def _told(done: Delivered, form: str) -> int:
    """Say what became of what was due, and give the exit status."""
    for channel, reason in done.failures.items():
        say(f"tracker: {channel}: {reason}")
    if form == "json":
        json_document(
            {
                "messages": done.messages,
                "notices": done.notices,
                "put_off": done.put_off,
                "dead": done.dead,
                "failures": done.failures,
            }
        )
    else:
        say(
            f"{done.notices} notices sent in {done.messages} messages;"
            f" {done.put_off} wait for another try, {done.dead} given up"
        )
    return PARTLY if done.put_off or done.dead else 0


def _document(notice: Notice) -> dict[str, Any]:
    from storage.records import format_time

    return {
        "id": notice.id,
        "state": notice.state.value,
        "kind": notice.kind.value,
        "site": notice.payload["site"],
        "rule": notice.rule,
        "channel": notice.channel,
        "created": format_time(notice.created),
        "due": format_time(notice.due),
        "sent": format_time(notice.sent) if notice.sent else None,
        "attempts": notice.attempts,
        "message": notice.message,
        "reason": notice.reason,
        "payload": dict(notice.payload),
    }


def _print(notices: list[Notice]) -> None:
    rows = table("id", "state", "kind", "site", "rule", "to", "due", "tries", "reason")
    for notice in notices:
        rows.add_row(
            str(notice.id),
            notice.state.value,
            notice.kind.value,
            notice.payload["site"],
            notice.rule,
            notice.channel,
            f"{notice.due:%Y-%m-%d %H:%M}",
            str(notice.attempts),
            notice.reason or "",
        )
    console().print(rows)
