"""Speed and memory of the normalizer on real pages.

python -m tests.benchmarks.bench_normalize [PAGES]

Single pages, beside what lexbor takes to parse and walk them and, where it is installed
(``pip install trafilatura``), what trafilatura takes; whole series in order of time, normalized and
screened; the memory that one page of 2 MB takes (Linux); a page of 14 MB of nested lists.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser
from warcio.archiveiterator import ArchiveIterator

from crawler.errors import NormalizeError
from crawler.normalize import document, reduction, rewalk
from crawler.normalize.charset import decode
from crawler.normalize.document import normalize
from crawler.normalize.memory import Latest
from crawler.screening import screen

if TYPE_CHECKING:
    from collections.abc import Callable

ARCHIVE = Path(__file__).resolve().parents[2].parent / "shared" / "archive" / "policies.warc.gz"
ROUNDS = 3
SERIES = 60

Capture = tuple[str, bytes]


def captures() -> list[Capture]:
    """URL and body of all captures of some size, in the archive's order, which is that of time."""
    with ARCHIVE.open("rb") as stream:
        found = [
            (record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
            for record in ArchiveIterator(stream)
            if record.rec_type == "response"
        ]
    return [(url, body) for url, body in found if len(body) > 3000 and body[:4] != b"%PDF"]


def series(found: list[Capture], count: int) -> list[Capture]:
    """Captures of one page after another, each as often as it was captured, in order of time."""
    pages: dict[str, list[Capture]] = {}
    for url, body in found:
        pages.setdefault(url, []).append((url, body))
    return [one for page in pages.values() if len(page) > 20 for one in page[:count]]


def judge(url: str, body: bytes) -> None:
    screen(normalize(body, url=url), url=url)


def parse_and_walk(_url: str, body: bytes) -> None:
    root = LexborHTMLParser(decode(body)).root
    if root is not None:
        root.text()


def extract(url: str, body: bytes) -> None:
    importlib.import_module("trafilatura").extract(body, url=url)


def milliseconds(task: Callable[[str, bytes], object], found: list[Capture]) -> float:
    """CPU time a page, the best of a few rounds; each begins with an empty memory."""
    best = float("inf")
    for _ in range(ROUNDS):
        document._memory = Latest(document.MEMORY)
        reduction._traces = Latest(reduction.TRACES)
        rewalk._walked = Latest(rewalk.MEMORY)
        start = time.process_time()
        for url, body in found:
            task(url, body)
        best = min(best, time.process_time() - start)
    return best / len(found) * 1000


_PEAK = """
import sys
from crawler.normalize.document import normalize
def peak():
    status = open("/proc/self/status").read().split()
    return int(status[status.index("VmHWM:") + 1]) / 1024
normalize(b"<html><body><h1>Privacy</h1><p>We collect the data that you give to us, and share it "
          b"with nobody but those who help us to keep our service running." * 3)
before = peak()
body = sys.stdin.buffer.read()
normalize(body)
size = len(body) / 1e6
print(f"{peak() - before:.0f} MB over the process before, {size:.1f} MB of them the body")
"""


def two_megabytes() -> bytes:
    """A page of prose and menus, no sentence twice."""
    parts = [
        f"<div class='c{n}'><h3 id=s{n}>Section {n}</h3><p>We keep the data of case {n} for "
        f"{n} days, and share it with <a href='/p/{n}'>partner {n}</a> and nobody else.</p></div>"
        for n in range(11_000)
    ]
    return f"<html><body><h1>Privacy Policy</h1>{''.join(parts)}</body></html>".encode()


def nested_lists() -> str:
    body = b"<html><body>" + b"<ul><li>We collect data" * 600_000
    start = time.process_time()
    try:
        normalize(body)
        verdict = "read"
    except NormalizeError as error:
        verdict = str(error)
    took = time.process_time() - start
    return f"{len(body) / 1e6:.0f} MB of nested lists: {took:.1f} s, {verdict}"


def main() -> None:
    found = captures()
    pages = found[::7][: int(sys.argv[1]) if len(sys.argv) > 1 else 100]
    normalize(pages[0][1])
    floor = milliseconds(parse_and_walk, pages)
    ours = milliseconds(lambda url, body: normalize(body, url=url), pages)
    size = sum(len(body) for _, body in pages) / len(pages) / 1000
    print(
        f"{len(pages)} pages of {size:.0f} KB: {1000 / ours:.0f} a second and core, {ours:.2f} ms"
    )
    print(f"{ours / floor:.1f} times lexbor's parse and text alone ({floor:.2f} ms)")
    if importlib.util.find_spec("trafilatura"):
        theirs = milliseconds(extract, pages)
        print(f"{theirs / ours:.1f} times as fast as trafilatura ({theirs:.2f} ms)")
    else:
        print("trafilatura is not installed: not compared")
    together = series(found, SERIES)
    judged = milliseconds(judge, together)
    print(f"{len(together)} captures in series, screened: {1000 / judged:.0f} a second and core")
    peak = subprocess.run(
        [sys.executable, "-c", _PEAK], input=two_megabytes(), capture_output=True, check=True
    )
    print(f"a page of 2 MB: {peak.stdout.decode().strip()}")
    print(nested_lists())


if __name__ == "__main__":
    main()
