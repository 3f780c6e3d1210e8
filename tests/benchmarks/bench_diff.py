"""What a diff costs and how many words it marks, against other engines on the same texts.

Run as ``python -m tests.benchmarks.bench_diff PAIRS.jsonl.gz [--slow] [--curve]``; the pairs are
one JSON object a line with ``id``, ``old`` and ``new``. A word is marked where any of its
characters is, or where something is put in or taken out inside it or hanging on it: whoever reads
"days" for "day" reads another word, on both sides. Words are runs without white space, and every
engine is counted in the same way.
Engines: diff-match-patch on word tokens (its C++ port, with its semantic clean-up and without; the
Python one, which takes minutes, with ``--slow``), ``git diff --word-diff``, and web-monitoring-diff
where it is installed (GPL, so never a dependency).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import tracemalloc
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import fast_diff_match_patch
from diff_match_patch import diff_match_patch

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
    starts = [start for start, _ in words]
    found: set[int] = set()

    def mark(start: int, end: int) -> None:
        first = max(bisect_right(starts, start) - 1, 0)
        for at in range(first, bisect_left(starts, end)):
            if words[at][1] > start:
                found.add(at)

    at = 0
    for op, part in edits:
        if op == side:
            mark(at, at + len(part))
        elif op:
            # What the other side has here may hang on the words around it.
            mark(at - (not part[0].isspace()), at + (not part[-1].isspace()))
        at += len(part) if op in (0, side) else 0
    return len(found)


def ours(old: str, new: str) -> int:
    rows = diff(segment(old), segment(new)).rows
    return sum(marked(row.words) for row in rows)


def plain_patch(old: str, new: str) -> int:
    """diff-match-patch in Python, on words and without a time-out, with its clean-up."""
    engine = diff_match_patch()
    engine.Diff_Timeout = 0
    alphabet: dict[str, str] = {}
    edits = engine.diff_main(*_spelt(old, new, alphabet), False)
    engine.diff_cleanupSemantic(edits)
    tokens_of = {letter: token for token, letter in alphabet.items()}
    return marked([(op, "".join(tokens_of[each] for each in text)) for op, text in edits])


def patch(old: str, new: str, cleanup: str) -> int:
    """Its C++ port on words."""
    alphabet: dict[str, str] = {}
    sides = _spelt(old, new, alphabet)
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


def _spelt(old: str, new: str, alphabet: dict[str, str]) -> list[str]:
    """Each token as one character."""
    return [
        "".join(
            alphabet.setdefault(token, chr(0x20000 + len(alphabet)))
            for token in _TOKEN.findall(text)
        )
        for text in (old, new)
    ]


def monitoring(old: str, new: str) -> int:
    """web-monitoring-diff on characters, its time-out of two seconds included."""
    engine = import_module("web_monitoring_diff.basic_diffs")
    return marked(engine.html_source_diff(old, new)["diff"])


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


def compare(pairs: list[dict[str, str]], *, slow: bool) -> None:
    engines: dict[str, Callable[[str, str], int]] = {
        "ours": ours,
        "fast-diff-match-patch": lambda old, new: patch(old, new, "Semantic"),
        "the same, raw": lambda old, new: patch(old, new, "No"),
        "git --word-diff": git,
    }
    if find_spec("web_monitoring_diff"):
        engines["web-monitoring-diff"] = monitoring
    else:
        print("web-monitoring-diff is not installed and left out")
    if slow:
        engines["diff-match-patch"] = plain_patch
    alone = sorted(1000 * seconds(pair["old"], pair["new"]) for pair in pairs)
    print(f"{'ours, without counting':24} {_spread(alone)}")
    counts: dict[str, list[int]] = {}
    for name, engine in engines.items():
        spent = []
        counts[name] = []
        for pair in pairs:
            start = time.perf_counter()
            counts[name].append(engine(pair["old"], pair["new"]))
            spent.append(1000 * (time.perf_counter() - start))
        share = _share(counts["ours"], counts[name])
        words = sum(counts[name])
        print(f"{name:24} {_spread(sorted(spent))}  {words:8} words; ours ≤ on {share:.1%}")
    readable = [name for name in engines if name not in ("ours", "the same, raw")]
    for title, names in (("the best of those with clean-up", readable),
                         ("the best of all", list(engines)[1:])):  # fmt: skip
        best = [min(each) for each in zip(*(counts[name] for name in names), strict=True)]
        print(f"ours ≤ {title} on {_share(counts['ours'], best):.1%}")


def _share(left: Sequence[int], right: Sequence[int]) -> float:
    return sum(a <= b for a, b in zip(left, right, strict=True)) / len(left)


def _spread(times: Sequence[float]) -> str:
    at = {"median": 0.5, "p95": 0.95, "worst": 1.0}
    return ", ".join(
        f"{name} {times[int(share * (len(times) - 1))]:7.1f}" for name, share in at.items()
    ) + " ms"  # fmt: skip


def answers(pairs: list[dict[str, str]]) -> None:
    """What ``tracker compare --jsonl`` takes a pair, its start left out."""
    lines = "".join(json.dumps({name: pair[name] for name in ("id", "old", "new")}) + "\n"
                    for pair in pairs)  # fmt: skip
    spent = []
    for text in ('{"id": 0, "old": "a", "new": "b"}\n', lines):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "tracker", "compare", "--jsonl"],
            input=text, text=True, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        spent.append(time.perf_counter() - start)
    print(f"compare --jsonl: {1000 * (spent[1] - spent[0]) / len(pairs):.1f} ms a pair")


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
    parser.add_argument("--slow", action="store_true", help="with diff-match-patch in Python")
    parser.add_argument("--curve", action="store_true", help="grow synthetic texts instead")
    options = parser.parse_args()
    if options.curve:
        curve()
        return
    with gzip.open(options.pairs, "rt", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    compare(pairs, slow=options.slow)
    answers(pairs)


if __name__ == "__main__":
    main()
