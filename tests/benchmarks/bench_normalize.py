"""Pages a second of the normalizer, beside lexbor's mere parse of the same pages.

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
    print(f"{1000 / ours:.0f} pages a second and core, {ours / floor:.1f} times the parse")


if __name__ == "__main__":
    main()
