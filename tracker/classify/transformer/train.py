"""Fine-tunes MiniLM, and makes a model of it together with weighed words.

``python -m tracker.classify.transformer.train ../shared/opp115 -o minilm``

Needs the extra ``transformer-train``. The training split trains, the validation split chooses how
much the network counts, calibration and thresholds; the figures that are printed, and written
into the model's card, come from cross-validation within it. The same input gives the same bytes on
one kind of machine. It takes a quarter of an hour on two cores that have nothing else to do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.classify.corpus import Labelled, read_labelled
from tracker.classify.installing import check_target, installed
from tracker.classify.learning import choose, fit, folded, unseen_choices
from tracker.classify.linear import Linear, write
from tracker.classify.model import (
    META,
    NETWORK,
    TOKENIZER,
    TRANSFORMER_FORMAT,
    WEIGHTS,
    default_space,
    load,
)
from tracker.classify.train import described, interval
from tracker.classify.transformer.encoder import pretrained
from tracker.classify.transformer.export import exported
from tracker.classify.transformer.finetuning import Plan, finetune
from tracker.classify.transformer.mixing import mixed
from tracker.classify.transformer.scorer import Network
from tracker.classify.transformer.tokens import tokenizer_of
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

_NAME = "opp115-minilm"
_CARD = Path(__file__).parent / "card.md"


def build(
    first: Labelled,
    second: Labelled,
    folder: Path,
    plan: Plan,
    *,
    checkpoint: Path | None,
    say: Callable[[str], object],
) -> str:
    """Train on `first`, mix and calibrate on `second`, install the model, and give its version.

    Raises:
        TrackerError: a folder that holds something else, or a broken checkpoint.
    """
    check_target(folder)
    linear = fit(first, default_space())
    trained = finetune(
        first,
        plan,
        checkpoint=checkpoint,
        each=lambda epoch, _: say(f"epoch {epoch + 1} of {plan.epochs} is done"),
    )
    network, tokenizer = exported(trained), (pretrained() / TOKENIZER).read_bytes()
    words = Linear(linear).margins(second.texts)[0]
    read = Network(network, tokenizer_of(tokenizer)).margins(second.texts)
    mixture = mixed(words, read, second.labels)
    weights = write(linear)
    meta = {
        **described(TRANSFORMER_FORMAT, _NAME, weights, choose(mixture.margins, second.labels)),
        "of_words": mixture.of_words.round(5).tolist(),
        "of_network": mixture.of_network.round(5).tolist(),
        "network_sha256": hashlib.sha256(network).hexdigest(),
        "tokenizer_sha256": hashlib.sha256(tokenizer).hexdigest(),
        "plan": asdict(plan),
    }
    lines = [
        f"{name}: {line}"
        for name, margins in (
            ("words alone", words),
            ("network alone", read),
            (f"both, the network counting {mixture.share:.1f}", mixture.margins),
        )
        for line in _figures(margins, second)
    ]
    with installed(folder) as made:
        made.mkdir()
        (made / WEIGHTS).write_bytes(weights)
        (made / NETWORK).write_bytes(network)
        (made / TOKENIZER).write_bytes(tokenizer)
        (made / META).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")
        version = load(made).version
        (made / "card.md").write_text(_card(version, lines), encoding="utf-8")
    for line in lines:
        say(line)
    return version


def _figures(margins: NDArray[np.float64], data: Labelled) -> list[str]:
    """F1 where calibration and thresholds of a policy's texts come from the other policies'."""
    twelve, ten = unseen_choices(margins, data)
    rows = list(range(len(margins)))
    return [
        f"12-way {interval(twelve, data.labels, rows)}",
        f"10-way {interval(ten, folded(data.labels) > 0, rows)}",
    ]


def _card(version: str, lines: Sequence[str]) -> str:
    figures = "\n".join(f"- {line}" for line in lines)
    return _CARD.read_text(encoding="utf-8").format(version=version, figures=figures)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tracker.classify.transformer.train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    usual = Plan()
    parser.add_argument("corpus", type=Path, help="folder with majority/{train,validation}.jsonl")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the model's folder")
    parser.add_argument("--epochs", type=int, default=usual.epochs)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--threads", type=int, default=usual.threads, help="a part of the seed")
    parser.add_argument(
        "--checkpoint", type=Path, help="kept after each epoch; training goes on from it"
    )
    options = parser.parse_args(arguments)
    plan = Plan(epochs=options.epochs, seed=options.seed, threads=options.threads)
    try:
        first, second = (
            read_labelled(options.corpus / "majority" / f"{name}.jsonl")
            for name in ("train", "validation")
        )
        version = build(
            first, second, options.output, plan, checkpoint=options.checkpoint, say=_say
        )
    except TrackerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _say(f"{version}: written to {options.output.resolve()}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
