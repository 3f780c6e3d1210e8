"""What kept bodies take, and how fast they are read and written, beside gzip, zstd and Git.

python -m tests.benchmarks.bench_bodies [CAPTURES]

Series of real captures of one page each, in the order of time; "arriving" is how a crawl keeps
them, "compacted" what `tracker db compact` makes of that.
"""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import zstandard
from warcio.archiveiterator import ArchiveIterator

from storage import blobs, snapshots
from storage.compaction import compact, measure
from storage.database import open_database
from tests.kept_series import listed, memento

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

ARCHIVE = Path(__file__).resolve().parents[2].parent / "shared" / "archive" / "policies.warc.gz"
LEAST = 40


def series(count: int) -> dict[str, list[bytes]]:
    """The last bodies of every page that has many, in order of time."""
    found: dict[str, dict[str, bytes]] = {}
    with ARCHIVE.open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                url = record.rec_headers.get_header("WARC-Target-URI")
                moment = record.rec_headers.get_header("WARC-Date")
                found.setdefault(url, {})[moment] = record.content_stream().read()
    ordered = {url: [own[at] for at in sorted(own)] for url, own in found.items()}
    return {url: own[-count:] for url, own in ordered.items() if len(own) >= LEAST}


def git_bytes(bodies: list[bytes]) -> int:
    """Bytes that Git needs, with one commit a capture, packed as tightly as it can."""
    stream = b"".join(
        b"commit refs/heads/main\ncommitter x <x@x> %d +0000\ndata 0\nM 100644 inline page.html\n"
        b"data %d\n%b\n" % (1_500_000_000 + 86_400 * number, len(body), body)
        for number, body in enumerate(bodies)
    )
    with tempfile.TemporaryDirectory() as folder:

        def git(*arguments: str, given: bytes | None = None) -> None:
            subprocess.run(["git", "-C", folder, *arguments], input=given, check=True)

        git("init", "--quiet")
        git("fast-import", "--quiet", given=stream)
        git("gc", "--quiet", "--aggressive", "--prune=now")
        packs = Path(folder, ".git", "objects", "pack")
        return sum(path.stat().st_size for path in packs.glob("*.pack"))


def keep(db: Database, bodies: list[bytes]) -> tuple[list[str], list[float]]:
    """Keep a page's bodies as a crawl does; answers their digests and milliseconds each."""
    keys, took = [], []
    for day, body in enumerate(bodies):
        with db.write() as conn:
            this = listed(conn, day)
            began = time.thread_time()
            snapshot = snapshots.keep(conn, this.id, memento(this, body))
            took.append(1000 * (time.thread_time() - began))
            keys.append(snapshots.by_id(conn, snapshot).body_sha256)
    return keys, took


def reads(db: Database, keys: list[str]) -> list[float]:
    """Milliseconds of every body's read, digest checked, in no order."""
    took = []
    with db.read() as conn:
        for key in random.Random(0).sample(keys, len(keys)):
            began = time.thread_time()
            blobs.get(conn, key)
            took.append(1000 * (time.thread_time() - began))
    return took


def spread(took: list[float]) -> str:
    """Median and 95th percentile."""
    ordered = sorted(took)
    return f"{ordered[len(ordered) // 2]:.2f} / {ordered[int(0.95 * len(ordered))]:.2f}"


def packed_bytes(db: Database) -> int:
    with db.read() as conn:
        return measure(conn).packed


def sum_of(pack: Callable[[bytes], bytes], bodies: list[bytes]) -> int:
    return sum(len(pack(body)) for body in bodies)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print("times smaller than plain; CPU milliseconds median / p95")
    for url, bodies in series(count).items():
        plain = sum(map(len, bodies))
        with tempfile.TemporaryDirectory() as folder:
            db = open_database(str(Path(folder, "bodies.db")))
            keys, writes = keep(db, bodies)
            arriving, first_reads = packed_bytes(db), reads(db, keys)
            began = time.thread_time()
            compact(db, on_progress=lambda _: None)
            seconds = time.thread_time() - began
            compacted, later_reads = packed_bytes(db), reads(db, keys)
            db.close()
        print(f"{url}: {len(bodies)} captures of {plain // len(bodies):,} bytes")
        print(f"  gzip each {plain / sum_of(gzip.compress, bodies):.1f}, ", end="")
        print(f"zstd each {plain / sum_of(zstandard.compress, bodies):.1f}, ", end="")
        print(f"git gc --aggressive {plain / git_bytes(bodies):.1f}")
        print(f"  arriving {plain / arriving:.1f}, write {spread(writes)}, ", end="")
        print(f"read {spread(first_reads)}")
        print(f"  compacted {plain / compacted:.1f} in {seconds:.1f} s, read {spread(later_reads)}")


if __name__ == "__main__":
    main()
