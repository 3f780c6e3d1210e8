"""``python -m tracker.classify.transformer train|teach|grouped``; each has --help with an example.

The libraries of the extra ``transformer-train`` are imported when one is run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.classify.corpus import PARTS, read_labelled, read_unlabelled
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROGRAM = "python -m tracker.classify.transformer"
_POLICIES = "../shared/longitudinal/versions.jsonl.gz ../shared/pairs/pairs.jsonl.gz"
_TRAIN = f"""Fine-tune MiniLM and make a model of it together with weighed words.

  {_PROGRAM} train ../shared/opp115 --unlabelled {_POLICIES}
    --opinions training/opinions.npz -o minilm --checkpoint minilm.ck

Half an hour on two cores that have nothing else to do; one that was stopped goes on from the
checkpoint."""
_TEACH = f"""Ask a slow teacher for its opinion of unlabelled texts, for fast models to learn from.

  {_PROGRAM} teach ../shared/opp115 --unlabelled {_POLICIES}
    --start all-mpnet-base-v2 -o training/opinions.npz --checkpoint teacher.ck

Some ninety minutes on two cores. The folder that MPNet starts from is as Hugging Face has
sentence-transformers/all-mpnet-base-v2 (Apache 2.0); nothing is fetched."""
_GROUPED = f"""Print what a network beside the words is worth on policies that neither has seen.

  {_PROGRAM} grouped ../shared/opp115 --checkpoints folds

Five trainings of a quarter of an hour each; the figure so far is printed after each."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        line = {"train": _train, "teach": _teach, "grouped": _grouped}[options.command](options)
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error.name} is missing: pip install '.[transformer-train]'\n")
        return 1
    except (TrackerError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _say(line)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=_PROGRAM, description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    made = {
        name: commands.add_parser(
            name, description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        for name, text in (("train", _TRAIN), ("teach", _TEACH), ("grouped", _GROUPED))
    }
    for one in made.values():
        one.add_argument("corpus", type=Path, help="folder with {majority,union}/*.jsonl")
    for one in (made["train"], made["teach"]):
        one.add_argument("--unlabelled", type=Path, nargs="+", required=True)
        one.add_argument("-o", "--output", type=Path, required=True)
        one.add_argument("--checkpoint", type=Path, help="kept after each epoch; goes on from it")
    train = made["train"]
    train.add_argument("--opinions", type=Path, required=True, help="what a teacher thinks of them")
    for name in ("--epochs", "--seed", "--threads"):
        train.add_argument(name, type=int, help="a part of the plan, which decides every byte")
    made["teach"].add_argument("--start", type=Path, required=True, help="all-mpnet-base-v2")
    made["grouped"].add_argument("--checkpoints", type=Path, required=True)
    return parser


def _train(options: argparse.Namespace) -> str:
    from tracker.classify import opinions
    from tracker.classify.transformer.finetuning import Plan
    from tracker.classify.transformer.train import build

    asked = {name: getattr(options, name) for name in ("epochs", "seed", "threads")}
    plan = Plan(**{name: value for name, value in asked.items() if value is not None})
    first, second = (
        read_labelled(options.corpus / "majority" / f"{name}.jsonl")
        for name in ("train", "validation")
    )
    lessons = opinions.read(options.opinions, read_unlabelled(*options.unlabelled), len(PARTS))
    version = build(
        first, second, lessons, options.output, plan, checkpoint=options.checkpoint, say=_say
    )
    return f"{version}: written to {options.output.resolve()}"


def _teach(options: argparse.Namespace) -> str:
    from tracker.classify.opinions import write
    from tracker.classify.transformer.teach import opinions_of

    if not options.output.resolve().parent.is_dir():
        raise TrackerError(f"{options.output}: no such folder to write to")
    data = read_labelled(options.corpus / "majority" / "train.jsonl")
    union = read_labelled(
        *(options.corpus / "union" / f"{name}.jsonl" for name in ("train", "validation"))
    )
    texts = read_unlabelled(*options.unlabelled)
    lessons = opinions_of(
        texts, data, union, options.start, checkpoint=options.checkpoint, say=_say
    )
    write(options.output, lessons)
    return f"{len(texts)} opinions: written to {options.output.resolve()}"


def _grouped(options: argparse.Namespace) -> str:
    from tracker.classify.transformer.grouped import measure

    options.checkpoints.mkdir(parents=True, exist_ok=True)
    files = [options.corpus / "majority" / f"{name}.jsonl" for name in ("train", "validation")]
    measure(read_labelled(*files), options.checkpoints, _say)
    return "all folds are done"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
