"""Makes a model of a fine-tuned MiniLM together with weighed words.

Needs the extra ``transformer-train``. The training split and a teacher's opinions train both; the
training split chooses thresholds, by whole policies. On the validation split two numbers are
chosen, how much either counts, and the figures measured that are printed and written into the
model's card. The same input gives the same bytes on one kind of machine.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tracker.classify.corpus import PARTS
from tracker.classify.installing import check_target, installed
from tracker.classify.learning import folded, log_odds
from tracker.classify.linear import write
from tracker.classify.model import (
    META,
    NETWORK,
    TOKENIZER,
    TRANSFORMER_FORMAT,
    WEIGHTS,
    decide,
    default_space,
    load,
)
from tracker.classify.train import described, interval, train
from tracker.classify.transformer.encoder import pretrained
from tracker.classify.transformer.export import exported
from tracker.classify.transformer.finetuning import finetune
from tracker.classify.transformer.mixing import mixed
from tracker.classify.transformer.scorer import Network, doubtful
from tracker.classify.transformer.tokens import tokenizer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tracker.classify.corpus import Labelled
    from tracker.classify.model import Decision
    from tracker.classify.opinions import Lessons
    from tracker.classify.transformer.finetuning import Plan

_NAME = "opp115-minilm"
# Labelled texts are a fifth of all: in each epoch they are read this often.
_REPEATED = 2
# A text is read by the network where the words' log-odds come nearer than this to a threshold.
_DOUBT = 1.5
_CARD = Path(__file__).parent / "card.md"


def build(
    first: Labelled,
    second: Labelled,
    lessons: Lessons,
    folder: Path,
    plan: Plan,
    *,
    checkpoint: Path | None,
    say: Callable[[str], object],
) -> str:
    """Train on `first` and `lessons`, mix and measure on `second`, and install the model.

    Gives its version.

    Raises:
        TrackerError: a folder that holds something else, or a broken checkpoint.
    """
    check_target(folder)
    space = default_space()
    weights, decision = train(first, space, lessons)
    trained = finetune(
        [*first.texts * _REPEATED, *lessons.texts],
        np.concatenate([*[first.labels] * _REPEATED, lessons.chances]).astype(np.float32),
        plan,
        checkpoint=checkpoint,
        each=lambda epoch: say(f"epoch {epoch + 1} of {plan.epochs} is done"),
    )
    network, tokenizer = exported(trained), (pretrained() / TOKENIZER).read_bytes()
    words = log_odds(weights, decision, second.texts)
    other = Network(network, tokenizer_of(tokenizer)).margins(second.texts)
    of_words, of_network = mixed(words, other, second.labels)
    both = of_words * words + of_network * other
    limits = np.log(np.array(decision.thresholds12) / (1 - np.array(decision.thresholds12)))
    read_again = doubtful(words, limits, _DOUBT)
    lines = [
        f"{name}: {line}"
        for name, odds in (
            ("words alone", words),
            ("network alone", other),
            (f"both, {of_words:.2f} of the words and {of_network:.2f} of the network", both),
            (
                f"what is used: both where the words leave a doubt, {read_again.mean():.0%}",
                np.where(read_again[:, None], both, words),
            ),
        )
        for line in _figures(odds, decision, second)
    ]
    content = write(weights)
    meta = {
        **described(
            TRANSFORMER_FORMAT,
            _NAME,
            content,
            replace(decision, slope=(1.0,) * len(PARTS), offset=(0.0,) * len(PARTS)),
        ),
        "words_slope": decision.slope,
        "words_offset": decision.offset,
        "of_words": round(of_words, 5),
        "of_network": round(of_network, 5),
        "doubt": _DOUBT,
        "network_sha256": hashlib.sha256(network).hexdigest(),
        "tokenizer_sha256": hashlib.sha256(tokenizer).hexdigest(),
        "plan": asdict(plan),
    }
    with installed(folder) as made:
        made.mkdir()
        (made / WEIGHTS).write_bytes(content)
        (made / NETWORK).write_bytes(network)
        (made / TOKENIZER).write_bytes(tokenizer)
        (made / META).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")
        version = load(made).version
        (made / "card.md").write_text(_card(version, lines), encoding="utf-8")
    for line in lines:
        say(line)
    return version


def _figures(odds: NDArray[np.float64], decision: Decision, data: Labelled) -> list[str]:
    """F1 of what the thresholds, which other texts chose, make of log-odds."""
    scores = 1.0 / (1.0 + np.exp(-odds))
    rows = list(range(len(scores)))
    twelve = decide(scores, np.array(decision.thresholds12), decision.floor)
    ten = decide(folded(scores), np.array(decision.thresholds), decision.floor)
    return [
        f"12-way {interval(twelve, data.labels, rows)}",
        f"10-way {interval(ten, folded(data.labels) > 0, rows)}",
    ]


def _card(version: str, lines: Sequence[str]) -> str:
    figures = "\n".join(f"- {line}" for line in lines)
    return _CARD.read_text(encoding="utf-8").format(version=version, figures=figures)
