"""Pages a second of the normalizer, beside lexbor's mere parse of the same pages, and captures a
second of whole series, normalized and screened.

python -m tests.benchmarks.bench_normalize [PAGES]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser
from warcio.archiveiterator import ArchiveIterator

from crawler.normalize.charset import decode
from crawler.normalize.document import normalize
from crawler.screening import screen

if TYPE_CHECKING:
    from collections.abc import Callable

ARCHIVE = Path(__file__).resolve().parents[2].parent / "shared" / "archive" / "policies.warc.gz"
ROUNDS = 3


def pages(count: int) -> list[bytes]:
    """Bodies of real captures, every seventh of those that hold a page of some size."""
    with ARCHIVE.open("rb") as stream:
        bodies = [
            record.content_stream().read()
            for record in ArchiveIterator(stream)
            if record.rec_type == "response"
        ]
    return [body for body in bodies[::7] if len(body) > 3000 and body[:4] != b"%PDF"][:count]


def series(count: int) -> list[bytes]:
    """Bodies of one page after another, each as often as it was captured, in order of time."""
    found: dict[str, list[bytes]] = {}
    with ARCHIVE.open("rb") as stream:
        for record in ArchiveIterator(stream):
            body = record.content_stream().read() if record.rec_type == "response" else b""
            if len(body) > 3000 and body[:4] != b"%PDF":
                found.setdefault(record.rec_headers.get_header("WARC-Target-URI"), []).append(body)
    return [body for bodies in found.values() if len(bodies) > 20 for body in bodies[:count]]


def judge(body: bytes) -> None:
    screen(normalize(body))


def milliseconds(task: Callable[[bytes], object], bodies: list[bytes]) -> float:
    """CPU time a page, the best of a few rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for body in bodies:
            task(body)
        best = min(best, time.process_time() - start)
    return best / len(bodies) * 1000


def main() -> None:
    bodies = pages(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
    normalize(bodies[0])
    floor = milliseconds(lambda body: LexborHTMLParser(decode(body)).root, bodies)
    ours = milliseconds(normalize, bodies)
    size = sum(map(len, bodies)) / len(bodies) / 1000
    print(f"{len(bodies)} pages of {size:.0f} KB: parse {floor:.2f} ms, normalize {ours:.2f} ms")
    together = series(60)
    judged = milliseconds(judge, together)
    print(f"{1000 / ours:.0f} pages a second and core, {ours / floor:.1f} times the parse")
    print(f"{1000 / judged:.0f} captures a second of {len(together)} in series, with the screen")


if __name__ == "__main__":
    main()
