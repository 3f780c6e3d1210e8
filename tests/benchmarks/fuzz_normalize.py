"""Feeds the normalizer with broken bodies, and says how many a second and what went wrong.

python -m tests.benchmarks.fuzz_normalize N [--seed S] [--limit SECONDS]

Half of the bodies are invented, half are mutations of real pages and texts (``../shared``, where it
is there). Of each: nothing but ``NormalizeError`` is raised, no body takes more CPU time than the
limit, normalizing the Markdown again changes nothing, the segments tile it, no control character is
in it.
A failure's body is written below the temporary directory; the exit status is 1 if there was any.
"""

from __future__ import annotations

import argparse
import faulthandler
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from pathlib import Path
from random import Random

from warcio.archiveiterator import ArchiveIterator

from crawler.errors import NormalizeError
from crawler.normalize.charset import decode
from crawler.normalize.document import normalize
from crawler.screening import screen
from tests.fuzzed_bodies import Body, any_body, tiny_pdf
from tracker.segment import segment

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "archive"
FAILURES_KEPT = 50
REPORT_EVERY = 60.0
PDF_SHARE = 0.002


class Broken(Exception):  # noqa: N818 - a finding, not an error of this program
    """A promise that the normalizer did not keep."""


def samples() -> list[str]:
    """Real pages and texts to mutate."""
    if not SHARED.is_dir():
        return []
    found = {}
    with (SHARED / "policies.warc.gz").open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response":
                url = record.rec_headers.get_header("WARC-Target-URI")
                found[url] = record.content_stream().read()
    pages = [decode(body) for body in found.values() if not body.startswith(b"%PDF")]
    texts = [path.read_text(encoding="utf-8") for path in sorted(SHARED.glob("gold/*/*/*.md"))]
    return pages + texts[::4]


def check(body: Body) -> str:
    """Normalize a body and hold the result against what is promised; answers what became of it.

    Raises:
        Broken: a promise was not kept.
    """
    try:
        document = normalize(body.data, content_type=body.content_type, url=body.url)
    except NormalizeError:
        return "refused"
    text = document.markdown
    again = normalize(text.encode("utf-8", "replace"), content_type="text/markdown").markdown
    if again != text.encode("utf-8", "replace").decode():
        raise Broken(f"changes when read again:\n{text!r}\n{again!r}")
    if "".join(one.source for one in segment(text)) != text:
        raise Broken(f"its segments are not the text: {text!r}")
    if control := [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"]:
        raise Broken(f"holds control characters {control!r}")
    screen(document, url=body.url)
    return "text" if text else "empty"


def next_body(random: Random, texts: list[str]) -> Body:
    body = any_body(random, texts)
    if random.random() < PDF_SHARE:
        pdf = bytearray(tiny_pdf("We collect your data and share it with nobody at all."))
        for _ in range(random.randrange(4)):
            pdf[random.randrange(len(pdf))] = random.randrange(256)
        return body._replace(data=bytes(pdf))
    return body


def fuzz(count: int, seed: int, limit: float) -> Counter[str]:
    """Check ``count`` bodies; failures are kept in a folder and do not end the run."""
    texts, outcomes = samples(), Counter[str]()
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-normalize-{seed}-"))
    # What is loaded only when it is needed would count as the first body's time.
    check(Body("Наша политика конфиденциальности и ваши данные. ".encode() * 20, None, None))
    began = told = time.monotonic()
    slowest = 0.0
    for number in range(count):
        body = next_body(Random(seed * 1_000_000_007 + number), texts)
        faulthandler.dump_traceback_later(10 * limit, exit=True)
        start = time.process_time()
        try:
            outcome = check(body)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            outcome = f"FAILED {type(error).__name__}"
            if outcomes[outcome] < FAILURES_KEPT:
                (folder / f"{number}.body").write_bytes(body.data)
                print(f"{number}: {body.content_type} {body.url} {error!r:.2000}", flush=True)
        took = time.process_time() - start
        slowest = max(slowest, took)
        if took > limit:
            outcome = "FAILED slow"
            (folder / f"{number}.body").write_bytes(body.data)
            print(f"{number}: took {took:.1f} s", flush=True)
        outcomes[outcome] += 1
        if time.monotonic() - told > REPORT_EVERY:
            told = time.monotonic()
            print(report(outcomes, told - began, slowest), flush=True)
    faulthandler.cancel_dump_traceback_later()
    print(report(outcomes, time.monotonic() - began, slowest))
    if any(folder.iterdir()):
        print(f"failures: {folder}")
    else:
        folder.rmdir()
    return outcomes


def report(outcomes: Counter[str], seconds: float, slowest: float) -> str:
    shown = ", ".join(f"{count} {name}" for name, count in outcomes.most_common())
    rate = outcomes.total() / seconds
    return f"{outcomes.total()} bodies, {rate:.0f} a second, slowest {slowest:.2f} s: {shown}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=2.0, metavar="SECONDS")
    asked = parser.parse_args()
    outcomes = fuzz(asked.count, asked.seed, asked.limit)
    return int(any(name.startswith("FAILED") for name in outcomes))


if __name__ == "__main__":
    sys.exit(main())
