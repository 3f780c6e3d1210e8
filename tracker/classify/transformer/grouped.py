"""Prints what a network beside the words is worth on policies that neither has seen.

``python -m tracker.classify.transformer.grouped ../shared/opp115 --checkpoints folds``

Both learn from labels alone: the teacher, whose opinions the model that is built learns from too,
saw all policies. Five trainings, each of a quarter of an hour on two cores that have nothing else
to do; the figure of the folds so far is printed after each, and a run that was stopped goes on.
Needs the extra ``transformer-train``.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tracker.classify.corpus import Labelled, grouped_folds, read_labelled
from tracker.classify.learning import log_odds
from tracker.classify.model import TOKENIZER, decide, default_space
from tracker.classify.train import interval, train
from tracker.classify.transformer.encoder import pretrained
from tracker.classify.transformer.export import exported
from tracker.classify.transformer.finetuning import Plan, finetune
from tracker.classify.transformer.scorer import Network
from tracker.classify.transformer.tokens import tokenizer_of
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

# Without a teacher there are a sixth of the texts, which are read more often.
_EPOCHS = 5
_SHARE = 0.5


def measure(data: Labelled, checkpoints: Path, say: Callable[[str], object]) -> None:
    """Say micro and macro F1 over the folds so far, of the words and of both, after each fold."""
    tokenizer = tokenizer_of((pretrained() / TOKENIZER).read_bytes())
    seen: list[NDArray[np.int64]] = []
    found: dict[str, list[NDArray[np.bool_]]] = {"words alone": [], "both": []}
    for number, (first, second) in enumerate(grouped_folds(data.policies), 1):
        known, texts = data.at(first), [data.texts[i] for i in second]
        weights, decision = train(known, default_space())
        network = finetune(
            known.texts,
            known.labels.astype(np.float32),
            replace(Plan(), epochs=_EPOCHS),
            checkpoint=checkpoints / f"{number}.ck",
        )
        words = log_odds(weights, decision, texts)
        other = Network(exported(network), tokenizer).margins(texts)
        seen.append(second)
        for name, odds in (("words alone", words), ("both", _SHARE * words + _SHARE * other)):
            chances = 1.0 / (1.0 + np.exp(-odds))
            found[name].append(decide(chances, np.array(decision.thresholds12), decision.floor))
        rows = np.concatenate(seen)
        groups = [min(data.policies[i]) for i in rows]
        for name, chosen in found.items():
            figures = interval(np.concatenate(chosen), data.labels[rows], groups)
            say(f"{number} of 5 folds, {name}, 12-way {figures}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tracker.classify.transformer.grouped",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("corpus", type=Path, help="folder with majority/{train,validation}.jsonl")
    parser.add_argument("--checkpoints", type=Path, required=True, help="a folder, made if needed")
    options = parser.parse_args(arguments)
    files = [options.corpus / "majority" / f"{name}.jsonl" for name in ("train", "validation")]
    try:
        options.checkpoints.mkdir(parents=True, exist_ok=True)
        measure(read_labelled(*files), options.checkpoints, _say)
    except (TrackerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
