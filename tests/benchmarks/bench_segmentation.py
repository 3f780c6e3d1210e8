"""What it costs to classify naive blocks instead of segments as the corpus has them.

``python -m tests.benchmarks.bench_segmentation ../shared/opp115``

A model trained on the standard training split reads the validation segments in three ways: whole;
cut into blocks of a few sentences as a page's Markdown has them, each by itself; and the same
blocks with what stands before them, as ``Segment.context`` gives it. A segment gets what its blocks
get. Ten categories, micro / macro F1.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np

from tracker.classify.corpus import read_labelled
from tracker.classify.learning import classifier, f1, folded
from tracker.classify.model import Classifier, default_space
from tracker.classify.train import train
from tracker.segment import CONTEXT_WORDS

BLOCK_WORDS = 30
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")


def blocks(text: str) -> list[str]:
    """Sentences put together to at least the words of a median Markdown block."""
    made: list[str] = [""]
    for sentence in _SENTENCE.split(text):
        if len(made[-1].split()) >= BLOCK_WORDS:
            made.append("")
        made[-1] = f"{made[-1]} {sentence}".strip()
    return [block for block in made if block]


def in_context(own: list[str]) -> list[str]:
    """Each block with the words before it, as many as a context has."""
    texts = []
    for at, block in enumerate(own):
        before = " ".join(own[:at]).split()
        room = max(0, CONTEXT_WORDS - len(block.split()))
        texts.append(" ".join([*before[len(before) - min(room, len(before)) :], block]))
    return texts


def union(
    model: Classifier, cut: list[list[str]]
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """The categories (n, 10) that any part of each text gets."""
    named = model.categories([part for parts in cut for part in parts])
    chosen = np.zeros((len(cut), len(model.names)), dtype=np.bool_)
    at = 0
    for row, parts in enumerate(cut):
        for names in named[at : at + len(parts)]:
            chosen[row, [model.names.index(name) for name in names]] = True
        at += len(parts)
    return chosen


def main() -> None:
    """Print the three figures."""
    first, second = (
        read_labelled(Path(sys.argv[1]) / "majority" / f"{name}.jsonl")
        for name in ("train", "validation")
    )
    model = classifier(*train(first, default_space()))
    truth = folded(second.labels) > 0
    cut = [blocks(text) for text in second.texts]
    for name, parts in (
        ("whole segments", [[text] for text in second.texts]),
        ("naive blocks", cut),
        ("blocks in context", [in_context(own) for own in cut]),
    ):
        micro, macro = f1(union(model, parts), truth)
        print(f"{name}: {micro:.1f} / {macro:.1f}")


if __name__ == "__main__":
    main()
