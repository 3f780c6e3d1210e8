"""Asks a slow teacher for its opinion of unlabelled texts, for fast models to learn from.

``python -m tracker.classify.transformer.teach ../shared/opp115 --unlabelled
../shared/longitudinal/versions.jsonl.gz ../shared/pairs/pairs.jsonl.gz
--start all-mpnet-base-v2 -o training/opinions.npz --checkpoint teacher.ck``

The teacher is words and a fine-tuned MPNet, half each. It takes some ninety minutes on two cores;
a run that was stopped goes on from the checkpoint. It sees the standard train split only. The
folder that MPNet starts from is as Hugging Face has sentence-transformers/all-mpnet-base-v2
(Apache 2.0); nothing is fetched. Needs the extra ``transformer-train``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tracker.classify.corpus import Labelled, read_labelled, read_unlabelled
from tracker.classify.learning import log_odds
from tracker.classify.model import default_space
from tracker.classify.opinions import Lessons, write
from tracker.classify.train import train
from tracker.classify.transformer.teacher import TeacherPlan, teach
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# What a label counts as that some annotator gave a text, but not most.
_DISPUTED = 0.2
_SHARE = 0.5


def disputed(data: Labelled, any_annotator: Labelled) -> NDArray[np.float32]:
    """Targets (n, L) for `data`: 1 where most gave a label, less where only some did."""
    some = dict(zip(any_annotator.texts, any_annotator.labels, strict=True))
    given = np.stack(
        [some.get(text, own) for text, own in zip(data.texts, data.labels, strict=True)]
    )
    targets: NDArray[np.float32] = np.where(data.labels, 1.0, _DISPUTED * given).astype(np.float32)
    return targets


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tracker.classify.transformer.teach",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("corpus", type=Path, help="folder with {majority,union}/*.jsonl")
    parser.add_argument("--unlabelled", type=Path, nargs="+", required=True)
    parser.add_argument("--start", type=Path, required=True, help="all-mpnet-base-v2's folder")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the file of opinions")
    parser.add_argument(
        "--checkpoint", type=Path, help="kept after each epoch; training goes on from it"
    )
    options = parser.parse_args(arguments)
    plan = TeacherPlan()
    try:
        data = read_labelled(options.corpus / "majority" / "train.jsonl")
        names = ("train", "validation")
        union = read_labelled(*(options.corpus / "union" / f"{name}.jsonl" for name in names))
        texts = read_unlabelled(*options.unlabelled)
        network = teach(
            options.start,
            data.texts,
            disputed(data, union),
            plan,
            checkpoint=options.checkpoint,
            each=lambda epoch: _say(f"epoch {epoch + 1} of {plan.epochs} is done"),
        )
        words = train(data, default_space())
        odds = _SHARE * log_odds(*words, texts) + _SHARE * network(texts)
        write(options.output, Lessons(texts=texts, chances=1.0 / (1.0 + np.exp(-odds))))
    except TrackerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _say(f"{len(texts)} opinions: written to {options.output.resolve()}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
