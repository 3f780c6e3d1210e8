"""SQLite and PostgreSQL side by side: ``python -m tests.benchmarks.bench_databases [CAPTURES]``.

One site's captures are recorded, kept and judged as a crawl does it, 64 pages to a transaction; a
tenth as many versions of 200 segments are derived, replaced and read; then everything is copied to
the other kind. The server runs on this machine, over its socket, and waits for no disk.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event

from storage import captures, sites, snapshots, versions
from storage.copying import copy
from storage.database import open_database
from storage.records import (
    Capture,
    Document,
    Memento,
    Screening,
    Verdict,
    Version,
    VersionSegment,
)
from storage.versions import DerivedVersion
from tests.postgresql import running_postgres
from tracker.kept import load_history

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.database import Connection, Database
    from storage.records import ListedCapture

SITE = "example.com"
TOGETHER = 64
START = datetime(2010, 1, 1, tzinfo=UTC)
POLICY = Screening(verdict=Verdict.POLICY, reason="", policy_score=1.0)
CHANCE = random.Random(1)
PAGE = " ".join(f"word{CHANCE.randrange(5_000)}" for _ in range(6_000))


def timed(what: str, rows: int, work: Callable[[], object]) -> None:
    """Do something once and print how long it took, and how many statements."""
    statements = []
    event.listen(Engine, "before_cursor_execute", lambda *_: statements.append(1))
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    rate = f"{rows / seconds:8.0f} a second" if rows > 1 else " " * 17
    print(f"  {what:24} {seconds * 1000:8.1f} ms {rate} {len(statements):6} statements")


def main(wanted: int) -> None:
    """Print the figures of both databases."""
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        first, second = (str(Path(folder) / name) for name in ("first.db", "second.db"))
        third, fourth = (server.url(server.create_database()) for _ in range(2))
        for name, url, other in (("SQLite", first, third), ("PostgreSQL", fourth, second)):
            print(name)
            timed("make the tables", 1, lambda url=url: open_database(url).close())  # type: ignore[misc]  # mypy cannot infer a default
            timed("open", 1, lambda url=url: open_database(url).close())  # type: ignore[misc]  # as above
            with open_database(url) as db, open_database(other) as target:
                measure(db, wanted)
                with db.read() as conn:
                    rows = len(captures.of_site(conn, 1))
                timed("copy to the other", rows, partial(copy, db, target, lambda _: None))


def measure(db: Database, wanted: int) -> None:
    """A crawl of one site, its derivation and its history."""
    with db.write() as conn:
        site = sites.add(conn, SITE)
    timed("record captures", wanted, lambda: db.transact(partial(record, site.id, wanted)))
    listed = db.retrieve(lambda conn: captures.of_site(conn, site.id))
    timed("keep and judge pages", wanted, partial(keep, db, listed))
    derived = [version(number, listed) for number in range(1, wanted // 10)]
    replace = partial(versions.replace, site_id=site.id, derived=derived, made_by={"test": "1"})
    timed("save versions", len(derived), lambda: db.transact(replace))
    timed("save them again", len(derived), lambda: db.transact(replace))
    timed("history", 1, lambda: load_history(db, SITE))


def record(site_id: int, wanted: int, conn: Connection) -> None:
    listed = (
        Capture(
            urlkey="com,example)/privacy",
            timestamp=f"{START + timedelta(hours=n):%Y%m%d%H%M%S}",
            original="http://example.com/privacy",
            mimetype="text/html",
            statuscode=200,
            digest="-",
        )
        for n in range(wanted)
    )
    captures.record(conn, site_id, "wayback", "policy", listed)


def keep(db: Database, listed: Sequence[ListedCapture]) -> None:
    for start in range(0, len(listed), TOGETHER):
        db.transact(partial(keep_together, listed[start : start + TOGETHER]))


def keep_together(listed: Sequence[ListedCapture], conn: Connection) -> None:
    for one in listed:
        memento = Memento(
            capture=one.capture,
            archive_url="http://archive/1",
            status=200,
            headers=(("Content-Type", "text/html"),),
            body=f"{PAGE} {one.id}".encode(),
            fetched_at=START,
        )
        kept = snapshots.keep(conn, one.id, memento)
        document = Document(markdown=f"{PAGE[:20_000]} {one.id // 10}", surroundings=("menu",))
        snapshots.judge(conn, kept, POLICY, document, normalizer="1")


def version(number: int, listed: Sequence[ListedCapture]) -> DerivedVersion:
    digest = sha256(str(number).encode()).hexdigest()
    moment = listed[number * 10].capture.moment
    texts = [f"Segment {n} of our policy." for n in range(199)] + [f"Number {number}."]
    return DerivedVersion(
        version=Version(
            id=digest[:12],
            number=number,
            url="http://example.com/privacy",
            first_seen=moment,
            last_seen=moment,
            captures=10,
            archive_url="http://archive/1",
            stated_date=None,
            language="en",
            words=1_000,
            text_sha256=digest,
        ),
        snapshot_id=number * 10,
        segments=tuple(VersionSegment(text=text, kind="paragraph") for text in texts),
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
