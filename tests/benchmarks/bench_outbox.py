"""Senders that are killed, a receiver that is down every other while: the ledger of that.

Notices go out while several processes send at once on a clock that runs fast, each
killed at random. Prints notices, messages taken, kills, ``lost`` (never taken) and ``doubled``
(told twice by messages of different ids), which must be 0; and messages that came again under their
id, which a receiver that knows ids drops.

``python -m tests.benchmarks.bench_outbox [KILLS] [SEED] [sqlite|postgresql]``
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import outbox, sites
from storage.database import open_database
from storage.notices import NewNotice, NoticeKind, NoticeState
from tests.postgresql import running_postgres
from tests.standins.receivers import HookReceiver

SPEED = 600.0
"""Ten minutes a second: a lease ends in one, and waits of hours pass while one looks on."""

SENDERS = 3
KILL_SECONDS = 4.0
"""The longest that passes between two kills: a sender needs one or two to begin."""

BEAT = 0.25
"""Seconds after which something new is put in, and the receiver is up or down."""

SENDER = """
import sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from storage.database import open_database
from tracker.config import read
from tracker.notify.deliver import deliver
url, config = sys.argv[1], read(Path(sys.argv[2]))
begun, speed = map(float, sys.argv[3:5])
def clock():
    return datetime.fromtimestamp(begun, UTC) + timedelta(seconds=(time.time() - begun) * speed)
with open_database(url) as db:
    while True:
        deliver(db, config, clock)
        time.sleep(0.01)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What came of it."""

    notices: int
    messages: int
    kills: int
    lost: int
    doubled: int
    again: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.notices} notices in {self.messages} messages, {self.kills} kills, lost"
            f" {self.lost}, doubled {self.doubled}; {self.again} came again under their id;"
            f" {self.seconds:.0f} s"
        )


def measure(url: str, folder: Path, kills: int, seed: int) -> Ledger:
    """Kill senders until so many are dead, then let what is left go out."""
    chance, begun = random.Random(seed), time.time()
    os.environ["TRACKER_WEBHOOK_SECRET"] = "a secret"  # noqa: S105 - of this run
    with HookReceiver(folder / "hook.jsonl") as hook, open_database(url) as db:
        channel = f"webhook:{hook.url}"
        config = folder / "config.toml"
        config.write_text(f'[[notify]]\nname = "desk"\nto = "{channel}"\n', encoding="utf-8")
        command = [sys.executable, "-c", SENDER, url, str(config), str(begun), str(SPEED)]
        senders = [subprocess.Popen(command) for _ in range(SENDERS)]
        killed = put = 0
        try:
            while killed < kills:
                until = time.monotonic() + chance.uniform(0, KILL_SECONDS)
                while time.monotonic() < until:
                    with db.write() as conn:
                        site = sites.add(conn, "example.com")
                        put += outbox.add(conn, _notices(channel, site.id, put, chance, begun))
                    hook.status = chance.choice([204, 204, 503])
                    time.sleep(BEAT)
                at = chance.randrange(SENDERS)
                senders[at].send_signal(signal.SIGKILL)
                senders[at].wait()
                senders[at] = subprocess.Popen(command)
                killed += 1
            hook.status = 204
            while set(db.retrieve(outbox.counts)) != {NoticeState.SENT}:
                time.sleep(0.2)
        finally:
            for sender in senders:
                sender.kill()
                sender.wait()
        return _ledger(hook, put, killed, time.time() - begun)


def _notices(
    channel: str, site_id: int, start: int, chance: random.Random, begun: float
) -> list[NewNotice]:
    """A few notices more, at once or for a digest within the next hours of the fast clock."""
    now = datetime.fromtimestamp(begun, UTC) + timedelta(seconds=(time.time() - begun) * SPEED)
    found = []
    for number in range(start, start + chance.randrange(0, 5)):
        digest = chance.random() < 0.5
        found.append(
            NewNotice(
                key=str(number),
                channel=channel,
                rule=f"desk {chance.randrange(5)}",
                kind=NoticeKind.RECOVERY,
                site_id=site_id,
                payload={
                    "form": 1,
                    "kind": "recovery",
                    "site": "example.com",
                    "name": None,
                    "reason": str(number),
                    "at": "2025-01-01T00:00:00Z",
                },
                created=now,
                due=now + timedelta(hours=chance.uniform(0, 3) if digest else 0),
                digest=digest,
            )
        )
    return found


def _ledger(hook: HookReceiver, put: int, killed: int, seconds: float) -> Ledger:
    by_id = {posted.headers["idempotency-key"]: posted for posted in hook.posted}
    told = Counter(one["reason"] for posted in by_id.values() for one in posted.document["notices"])
    return Ledger(
        notices=put,
        messages=len(by_id),
        kills=killed,
        lost=sum(str(number) not in told for number in range(put)),
        doubled=sum(count - 1 for count in told.values()),
        again=len(hook.posted) - len(by_id),
        seconds=seconds,
    )


def main(kills: int, seed: int, databases: list[str]) -> None:
    """Print a ledger for each database."""
    for name in databases:
        with tempfile.TemporaryDirectory() as folder:
            if name == "sqlite":
                url = str(Path(folder) / "tracker.db")
                open_database(url).close()
                ledger = measure(url, Path(folder), kills, seed)
            else:
                with running_postgres() as server:
                    url = server.url(server.create_database())
                    open_database(url).close()
                    ledger = measure(url, Path(folder), kills, seed)
        print(f"{name}: {ledger}")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(
        int(arguments[0]) if arguments else 50,
        int(arguments[1]) if len(arguments) > 1 else 1,
        arguments[2:] or ["sqlite", "postgresql"],
    )
