"""The review queue of a million changes: how long a page, a count and a verdict take.

    python -m tests.benchmarks.bench_reviews [--changes 1000000] [--db URL]

The rows are made in the tables directly: sites of fifty versions, and one in a hundred changes
reviewed, those of the highest scores, since that is where reviewers begin.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from storage import bulk, review_queue, reviews, schema
from storage.database import open_database
from storage.review_records import QueueFilter, QueuePlace, ReviewVerdict
from tests.unit.test_storage_derived import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from sqlalchemy import Column

    from storage.database import Connection

VERSIONS = 50
DAY = "2020-01-01T00:00:00Z"
PRACTICES = '[["Data Retention", 1, 0, 0, 0, 0], ["Other", 0, 0, 1, 0, 0]]'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--db", help="An empty database [default: a SQLite file].")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(asked.db or str(Path(folder) / "tracker.db")) as db,
    ):
        with db.write() as conn:
            fill(conn, asked.changes // (VERSIONS - 1) or 1)
        measure(db.transact, asked.changes)


def fill(conn: Connection, sites: int) -> None:
    """Make the rows; every version rests on one snapshot."""
    chance = random.Random(1)
    site = schema.sites.c
    names = ((number, f"site{number}.example", DAY) for number in range(1, sites + 1))
    bulk.load(conn, (site.id, site.domain, site.added_at), batches(names))
    kept = snapshot(conn, 1, datetime(2020, 1, 1, tzinfo=UTC), "One text.")
    document = conn.execute(
        text("SELECT document_id FROM snapshots WHERE id = :kept"), {"kept": kept}
    ).scalar_one()
    every = [(number, place) for number in range(1, sites + 1) for place in range(1, VERSIONS + 1)]

    def version(number: int, place: int) -> tuple[Any, ...]:
        digest = sha256(f"{number} {place}".encode()).hexdigest()
        return (
            *(digest[:12], number, place, "", DAY, DAY, 1, "", kept, document, 1000, digest),
            *("{}", "", "{}"),
        )

    version_columns = columns(
        schema.versions,
        "id site_id number url first_seen last_seen captures archive_url snapshot_id document_id "
        "words text_sha256 practices reason made_by",
    )
    bulk.load(conn, version_columns, batches(version(*one) for one in every))
    change_columns = columns(
        schema.changes,
        "site_id new_number old_number after before silent words_added words_removed kind "
        "practices score reasons",
    )
    rows = (
        (
            *(number, place, place - 1, DAY, f"20{chance.randrange(10, 26)}-01-01T00:00:00Z"),
            *(False, 10, 5, "wording", PRACTICES, chance.randrange(101), '["because"]'),
        )
        for number, place in every
        if place > 1
    )
    bulk.load(conn, change_columns, batches(rows))
    bulk.settle(conn, schema.metadata.sorted_tables)
    reviewed = review_queue.queue(conn, QueueFilter(), limit=len(every) // 100)
    for one in reviewed:
        reviews.add(
            conn,
            one.site_id,
            old=one.old_sha256,
            new=one.new_sha256,
            verdict=ReviewVerdict.ROUTINE,
            reviewer="Ann",
            expected_revision=0,
        )
    print(f"{len(every) - sites} changes of {sites} sites, {len(reviewed)} reviewed")


def columns(table: Any, names: str) -> Sequence[Column[Any]]:
    return [table.c[name] for name in names.split()]


def batches(rows: Any) -> Iterator[list[tuple[Any, ...]]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == 5_000:
            yield batch
            batch = []
    yield batch


def measure(transact: Callable[[Callable[[Connection], Any]], Any], count: int) -> None:
    """Print what each question takes, the best of three."""

    def page(wanted: QueueFilter, after: QueuePlace | None = None) -> Callable[[Connection], Any]:
        return lambda conn: review_queue.queue(conn, wanted, limit=50, after=after)

    first = transact(page(QueueFilter()))
    middle = QueuePlace(
        score=40, before=datetime(2020, 1, 1, tzinfo=UTC), site_id=count // 100, number=20
    )
    questions = {
        "the first page": page(QueueFilter()),
        "the second page": page(QueueFilter(), QueuePlace.of(first[-1])),
        "a page in the middle": page(QueueFilter(), middle),
        "a site's": page(QueueFilter(site_ids=(7,))),
        "a category's": page(QueueFilter(category="Data Retention")),
        "since 2024": page(QueueFilter(since=datetime(2024, 1, 1, tzinfo=UTC))),
        "all": page(QueueFilter(state="all")),
        "routine": page(QueueFilter(state="routine")),
        "reviewed": page(QueueFilter(state="reviewed")),
        "important (none)": page(QueueFilter(state="important")),
        "counts": review_queue.counts,
    }
    for name, question in questions.items():
        took, used = map(min, zip(*(timed(transact, question) for _ in range(3)), strict=True))
        print(f"{name:>22}: {took * 1000:8.1f} ms, {used * 1000:8.1f} ms of this processor")


def timed(
    transact: Callable[[Callable[[Connection], Any]], Any], question: Callable[[Connection], Any]
) -> tuple[float, float]:
    """Seconds of the clock, and of this process, which are all there are with SQLite."""
    started, busy = time.perf_counter(), time.process_time()
    transact(question)
    return time.perf_counter() - started, time.process_time() - busy


if __name__ == "__main__":
    main()
