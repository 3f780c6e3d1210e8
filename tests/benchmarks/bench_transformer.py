"""Segments a second on one core of a model with a network, and of its network alone.

Run, held to a core: ``taskset -c 0 python -m tests.benchmarks.bench_transformer MODEL
../shared/opp115`` (MODEL: the folder that ``tracker.classify.transformer train`` wrote)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tracker.classify.corpus import read_labelled
from tracker.classify.model import NETWORK, TOKENIZER, load
from tracker.classify.transformer.scorer import Network
from tracker.classify.transformer.tokens import pieces, tokenizer_of

COUNT = 100
AS_USED = 550


def main() -> None:
    """Print process time, which other load on the machine disturbs least."""
    model, corpus = Path(sys.argv[1]), Path(sys.argv[2])
    tokenizer = tokenizer_of((model / TOKENIZER).read_bytes())
    network = Network((model / NETWORK).read_bytes(), tokenizer, threads=1)
    validation = read_labelled(corpus / "majority" / "validation.jsonl").texts
    texts = validation[:COUNT]
    for name, some in (
        ("the corpus's", texts),
        ("half of each", [t[: len(t) // 2] for t in texts]),
    ):
        length = sum(map(len, pieces(tokenizer, some))) / len(some)
        start = time.process_time()
        network.margins(some)
        speed = len(some) / (time.process_time() - start)
        print(f"{name}, every one by the network: {length:.0f} word pieces, {speed:.0f} segments/s")
    whole = load(model)
    whole.scores12(texts)
    start = time.process_time()
    whole.scores12(validation[:AS_USED])
    speed = len(validation[:AS_USED]) / (time.process_time() - start)
    print(f"as it is used, the network asked where the words leave a doubt: {speed:.0f} segments/s")


if __name__ == "__main__":
    main()
