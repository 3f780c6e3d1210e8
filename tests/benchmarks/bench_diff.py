"""What a diff costs and how many words it marks, against other engines on the same texts.

Run as ``python -m tests.benchmarks.bench_diff PAIRS.jsonl.gz [--curve]``; the pairs are one JSON
object a line with ``id``, ``old`` and ``new``. A word is marked where any of its characters is:
words are runs without white space, and every engine is counted in the same way. Engines:
diff-match-patch on word tokens, with its semantic clean-up and without (by its C++ port, which ends
in reasonable time), and ``git diff --word-diff``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from pathlib import Path

import fast_diff_match_patch

from tracker.diff.segments import diff
from tracker.segment import segment

Edits = Sequence[tuple[int, str]]

_WORD = re.compile(r"\S+")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_REPEATS = 3


def marked(edits: Edits) -> int:
    """How many words the edits mark, on both sides together."""
    return sum(_marked_on(edits, side) for side in (-1, 1))


def _marked_on(edits: Edits, side: int) -> int:
    text = "".join(part for op, part in edits if op in (0, side))
    words = [match.span() for match in _WORD.finditer(text)]
    at = count = place = 0
    last = -1
    for op, part in edits:
        if op == side:
            for match in _WORD.finditer(text, at, at + len(part)):
                while words[place][1] <= match.start():
                    place += 1
                count += place != last
                last = place
        at += len(part) if op in (0, side) else 0
    return count


def ours(old: str, new: str) -> int:
    rows = diff(segment(old), segment(new)).rows
    return sum(marked(row.words) for row in rows)


def patch(old: str, new: str, cleanup: str) -> int:
    """diff-match-patch on words: each token one character."""
    alphabet: dict[str, str] = {}
    sides = []
    for text in (old, new):
        tokens = _TOKEN.findall(text)
        sides.append(
            "".join(alphabet.setdefault(token, chr(0x20000 + len(alphabet))) for token in tokens)
        )
    tokens_of = {letter: token for token, letter in alphabet.items()}
    edits: list[tuple[int, str]] = []
    i = j = 0
    for op, length in fast_diff_match_patch.diff(
        *sides, timelimit=0, checklines=False, cleanup=cleanup
    ):
        part = sides[1][j : j + length] if op == "+" else sides[0][i : i + length]
        i += length if op != "+" else 0
        j += length if op != "-" else 0
        edits.append(({"-": -1, "=": 0, "+": 1}[op], "".join(tokens_of[each] for each in part)))
    return marked(edits)


def git(old: str, new: str) -> int:
    """``git diff --word-diff`` marks whole words."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("old", "new")]
        for file, text in zip(files, (old, new), strict=True):
            file.write_text(text, encoding="utf-8")
        command = ["git", "diff", "--no-index", "--word-diff=porcelain", "-U1000000"]
        shown = subprocess.run(
            [*command, *files], capture_output=True, text=True, check=False
        ).stdout
    lines = shown.partition("@@\n")[2].split("\n")
    return sum(len(line[1:].split()) for line in lines if line[:1] in ("+", "-") and line)


def seconds(old: str, new: str) -> float:
    """CPU time of the whole of it, the best of three."""
    best = float("inf")
    for _ in range(_REPEATS):
        start = time.process_time()
        diff(segment(old), segment(new))
        best = min(best, time.process_time() - start)
    return best


def compare(pairs: list[dict[str, str]]) -> None:
    times = sorted(1000 * seconds(pair["old"], pair["new"]) for pair in pairs)
    at = {name: times[int(share * (len(times) - 1))] for name, share in
          (("median", 0.5), ("p95", 0.95), ("worst", 1.0))}  # fmt: skip
    print("ms a pair:", ", ".join(f"{name} {value:.1f}" for name, value in at.items()))
    counts = [
        {
            "ours": ours(pair["old"], pair["new"]),
            "dmp semantic": patch(pair["old"], pair["new"], "Semantic"),
            "dmp raw": patch(pair["old"], pair["new"], "No"),
            "git": git(pair["old"], pair["new"]),
        }
        for pair in pairs
    ]
    for name in ("ours", "dmp semantic", "dmp raw", "git"):
        fewest = sum(count["ours"] <= count[name] for count in counts) / len(counts)
        total = sum(count[name] for count in counts)
        print(f"words marked by {name}: {total}; ours ≤ its on {fewest:.1%}")
    for title, names in (
        ("best with clean-up", ("dmp semantic", "git")),
        ("best of all", ("dmp semantic", "dmp raw", "git")),
    ):
        share = sum(count["ours"] <= min(count[name] for name in names) for count in counts)
        print(f"ours ≤ the {title} on {share / len(counts):.1%}")


def curve() -> None:
    """Time and memory as texts grow: repeated, unrelated and shuffled paragraphs, one long line."""
    rnd = random.Random(1)
    words = ["".join(rnd.choices("abcdefghijklmnop", k=rnd.randint(2, 9))) for _ in range(5000)]

    def page(count: int) -> list[str]:
        return [" ".join(rnd.choices(words, k=60)) + "." for _ in range(count)]

    same, other = "We may share your data with partners.", "We share data with some partners."
    for count in (1250, 2500, 5000, 10_000):
        measure(f"{count} identical, 10 % more", [same] * count, [same] * (count * 11 // 10))
        measure(f"{count} identical, all edited", [same] * count, [other] * count)
    for count in (1500, 3000, 6000, 12_000):
        old = page(count)
        measure(f"{count} unrelated", old, page(count))
        measure(f"{count} shuffled", old, rnd.sample(old, count))
        edited = [text.replace(words[0], "changed") for text in old]
        measure(f"{count} edited a little", old, edited)
    line = " ".join(page(12_000)).split(" ")
    edited = ["changed" if at % 50 == 0 else word for at, word in enumerate(line)]
    measure("one line, 2 % edited", [" ".join(line)], [" ".join(edited)])
    measure("one line, unrelated", [" ".join(line)], [" ".join(page(12_000))])


def measure(name: str, old: Iterable[str], new: Iterable[str]) -> None:
    before, after = "\n\n".join(old), "\n\n".join(new)
    start = time.process_time()
    diff(segment(before), segment(after))
    spent = time.process_time() - start
    tracemalloc.start()
    diff(segment(before), segment(after))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = len(before) / 1e6
    print(f"{name:32} {size:5.2f} MB  {1000 * spent:7.0f} ms  {peak / 1e6:6.0f} MB of memory")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path, help="pairs.jsonl.gz")
    parser.add_argument("--curve", action="store_true", help="grow synthetic texts instead")
    options = parser.parse_args()
    if options.curve:
        curve()
        return
    with gzip.open(options.pairs, "rt", encoding="utf-8") as lines:
        compare([json.loads(line) for line in lines])


if __name__ == "__main__":
    main()
