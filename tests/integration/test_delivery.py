"""Messages on their way while receivers are down, refuse and name times, and senders are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from storage import outbox
from storage.notices import NoticeState
from tests.standins.receivers import HookReceiver
from tests.telling import NOW, SECRET, Clock, configured, put, states
from tracker.notify.channels import send
from tracker.notify.deliver import FLOOD, GIVE_UP_AFTER, LEASE, deliver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HookReceiver]:
    monkeypatch.setenv("TRACKER_WEBHOOK_SECRET", SECRET)
    with HookReceiver(tmp_path / "hook.jsonl") as receiver:
        yield receiver


SENDER = """
import sys
from datetime import UTC, datetime
from storage.database import open_database
from tracker.config import read
from tracker.notify.deliver import deliver
from pathlib import Path
with open_database(sys.argv[1]) as db:
    deliver(db, read(Path(sys.argv[2])), lambda: datetime.now(UTC))
"""


def test_a_receiver_that_is_down_for_a_day_loses_nothing_and_gets_nothing_twice(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    config = configured(channel)
    put(db, channel, 3)
    hook.status = 503
    tries = 0
    while clock.now < NOW + timedelta(days=1):
        done = deliver(db, config, clock)
        tries += bool(done.failures)
        assert done.dead == 0
        clock.now += timedelta(minutes=5)
    assert tries < 15
    hook.status = 204
    while clock.now < NOW + timedelta(days=2):
        deliver(db, config, clock)
        clock.now += timedelta(minutes=30)
    told = [one["from"] for posted in hook.posted for one in posted.document["notices"]]
    assert sorted(told) == [0, 1, 2]
    assert set(states(db)) == {NoticeState.SENT}


def test_what_fails_for_two_weeks_is_given_up_and_can_be_tried_again(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    config = configured(channel)
    put(db, channel)
    hook.status = 404
    dead = 0
    while not dead:
        dead = deliver(db, config, clock).dead
        clock.now += timedelta(hours=2)
    assert GIVE_UP_AFTER < clock.now - NOW < GIVE_UP_AFTER + timedelta(days=1)
    tries = len(hook.requests())
    assert tries < 80
    hook.status = 204
    assert deliver(db, config, clock).messages == 0
    with db.write() as conn:
        [given_up] = outbox.listed(conn, state=NoticeState.DEAD)
        assert given_up.reason == f"given up after {tries} tries: 127.0.0.1 answers 404"
        assert outbox.revive(conn, clock.now, [given_up.id]) == 1
    assert deliver(db, config, clock).messages == 1


def test_a_receiver_may_say_when_and_is_not_followed_elsewhere(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    put(db, channel)
    hook.status, hook.retry_after = 429, 7200
    deliver(db, configured(channel), clock)
    with db.read() as conn:
        assert outbox.listed(conn)[0].due == NOW + timedelta(hours=2, seconds=1)
    clock.now += timedelta(hours=3)
    hook.status, hook.location = 302, f"{hook.url}/elsewhere"
    assert deliver(db, configured(channel), clock).failures == {channel: "127.0.0.1 answers 302"}
    assert [one.path for one in hook.requests()] == ["/", "/"] or len(hook.requests()) == 2


def test_one_channel_that_fails_does_not_hold_up_another(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    good, bad = f"webhook:{hook.url}", "webhook:http://127.0.0.1:9/"
    put(db, bad, 3)
    put(db, good, 2)
    done = deliver(db, configured(bad, good), clock)
    assert (done.notices, done.put_off, list(done.failures)) == (2, 1, [bad])


def test_one_message_that_is_not_taken_does_not_hold_up_the_others(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    put(db, channel, 4)
    hook.refused = b'"from":0,'
    for _ in range(3):
        deliver(db, configured(channel), clock)
        clock.now += timedelta(minutes=10)
    told = [one["from"] for posted in hook.posted for one in posted.document["notices"]]
    assert told == [1, 2, 3]
    assert len(hook.requests()) == 6


def test_many_at_once_are_one_message_and_so_is_a_digest(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    config = configured(channel)
    put(db, channel, FLOOD)
    put(db, channel, 2, start=50, due=NOW + timedelta(hours=1), digest=True)
    assert deliver(db, config, clock).messages == 1
    clock.now += timedelta(hours=2)
    put(db, channel, 1, start=90)
    assert deliver(db, config, clock).messages == 2
    assert [len(posted.document["notices"]) for posted in hook.posted] == [FLOOD, 1, 2]


def test_a_worker_that_dies_while_sending_leaves_the_same_message_to_the_next(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    channel = f"webhook:{hook.url}"
    config = configured(channel)
    put(db, channel, 2, due=NOW, digest=True)

    def killed_after_sending(*args: Any) -> None:
        send(*args)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(db, config, clock, send=killed_after_sending)
    put(db, channel, 1, start=9, digest=True)
    done = deliver(db, config, clock)
    assert done.messages == 1
    clock.now += LEASE
    assert deliver(db, config, clock).messages == 1
    first, other, again = hook.posted
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]
    assert first.body == again.body
    assert other.headers["idempotency-key"] != first.headers["idempotency-key"]


def test_a_channel_that_no_rule_names_any_more_gets_nothing(
    db: Database, clock: Clock, hook: HookReceiver
) -> None:
    put(db, f"webhook:{hook.url}")
    assert deliver(db, configured("mailto:a@example.org"), clock).dead == 1
    assert hook.posted == []


def test_several_senders_and_a_kill_lose_nothing_and_double_nothing(
    db: Database, database_url: str, hook: HookReceiver, tmp_path: Path
) -> None:
    channel = f"webhook:{hook.url}"
    config = tmp_path / "config.toml"
    config.write_text(f'[[notify]]\nname = "desk"\nto = "{channel}"\n')
    for start in range(0, 40, 4):
        put(db, channel, 4, start=start, due=NOW + timedelta(minutes=start), digest=bool(start % 8))
    command = [sys.executable, "-c", SENDER, database_url, str(config)]
    senders = [subprocess.Popen(command) for _ in range(3)]
    deadline = time.monotonic() + 60
    while not hook.posted and time.monotonic() < deadline:
        time.sleep(0.005)
    senders[0].send_signal(signal.SIGKILL)
    for sender in senders:
        sender.wait(60)
    later = Clock()
    later.now = datetime.now(UTC) + LEASE
    deliver(db, configured(channel), later)
    messages = {posted.headers["idempotency-key"]: posted for posted in hook.posted}
    told = [one["from"] for posted in messages.values() for one in posted.document["notices"]]
    assert sorted(told) == list(range(40))
    assert set(states(db)) == {NoticeState.SENT}
