"""What a network beside the words is worth on policies that neither has seen.

Both learn from labels alone: the teacher, whose opinions the model that is built learns from too,
saw all policies. Needs the extra ``transformer-train``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tracker.classify.corpus import grouped_folds
from tracker.classify.learning import log_odds
from tracker.classify.model import TOKENIZER, decide, default_space
from tracker.classify.train import interval, train
from tracker.classify.transformer.encoder import pretrained
from tracker.classify.transformer.export import exported
from tracker.classify.transformer.finetuning import Plan, finetune
from tracker.classify.transformer.scorer import Network
from tracker.classify.transformer.tokens import tokenizer_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from tracker.classify.corpus import Labelled

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
