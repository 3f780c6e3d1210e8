"""Trains the classifier.

``python -m tracker.classify.train ../shared/opp115 --unlabelled
../shared/longitudinal/versions.jsonl.gz ../shared/pairs/pairs.jsonl.gz
--opinions training/opinions.npz``

The same input gives the same bytes on one kind of machine (set OPENBLAS_NUM_THREADS=1).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tracker.classify import opinions
from tracker.classify.corpus import OPP115, PARTS, Labelled, Scheme, read_labelled, read_unlabelled
from tracker.classify.landmarks import latent_space
from tracker.classify.learning import (
    choose,
    classifier,
    f1,
    fit,
    folded,
    unseen_choices,
    unseen_margins,
)
from tracker.classify.linear import Weights, write
from tracker.classify.model import DEFAULT, FORMAT, META, WEIGHTS, Decision, decide
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tracker.classify.latent import LatentSpace
    from tracker.classify.opinions import Lessons


def save(
    folder: Path, weights: Weights, decision: Decision, name: str, scheme: Scheme = OPP115
) -> None:
    """Write weights.npz and meta.json, which carries the other's digest."""
    content = write(weights)
    meta = described(FORMAT, name, content, decision, scheme)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(content)
    (folder / META).write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")


def described(
    kind: int, name: str, weights: bytes, decision: Decision, scheme: Scheme = OPP115
) -> dict[str, Any]:
    """What meta.json says of a model of format `kind`, as far as all of them say the same."""
    return {
        "format": kind,
        "name": name,
        "parts": scheme.parts,
        **({} if scheme is OPP115 else {"categories": scheme.categories}),
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        **asdict(decision),
    }


def train(
    data: Labelled, space: LatentSpace, lessons: Lessons | None = None
) -> tuple[Weights, Decision]:
    """The model of all of `data`, its decisions chosen by cross-validation over policies."""
    margins = unseen_margins(data, space, lessons=lessons)
    return fit(data, space, lessons), choose(margins, data.labels, data.scheme)


def interval(chosen: NDArray[np.bool_], truth: NDArray[np.bool_], groups: Sequence[int]) -> str:
    """Micro / macro F1 with 95 % intervals from 500 resamples of whole groups."""
    names, group = np.unique(np.array(groups), return_inverse=True)
    members = [np.flatnonzero(group == i) for i in range(len(names))]
    generator = np.random.default_rng(0)
    draws = [
        f1(chosen[rows], truth[rows])
        for rows in (
            np.concatenate([members[i] for i in generator.integers(0, len(names), len(names))])
            for _ in range(500)
        )
    ]
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    micro, macro = f1(chosen, truth)
    return f"{micro:.1f} ({low[0]:.1f}–{high[0]:.1f}) / {macro:.1f} ({low[1]:.1f}–{high[1]:.1f})"


def report(
    first: Labelled,
    second: Labelled,
    both: Labelled,
    space: LatentSpace,
    lessons: Lessons,
    say: Callable[[str], object],
) -> None:
    """Say the figures of the model card: by whole policies, and on the standard validation.

    The teacher of `lessons` saw no text of `second`, but all policies: those figures do without.
    """
    groups = [min(own) for own in both.policies]
    twelve, ten = unseen_choices(unseen_margins(both, space), both)
    say(f"grouped by policy, 12-way {interval(twelve, both.labels, groups)}")
    say(f"grouped by policy, 10-way {interval(ten, folded(both.labels) > 0, groups)}")
    for i, label in enumerate(PARTS):
        alone = f1(twelve[:, [i]], both.labels[:, [i]])[0]
        say(f"  {label}: {alone:.1f} of {int(both.labels[:, i].sum())}")
    weights, decision = train(first, space, lessons)
    model = classifier(weights, decision)
    scores = model.scores12(second.texts)
    chosen = decide(scores, np.array(decision.thresholds12), decision.floor)
    rows = list(range(len(scores)))
    say(f"validation, 12-way {interval(chosen, second.labels, rows)}")
    chosen = decide(model.folded(scores), np.array(decision.thresholds), decision.floor)
    say(f"validation, 10-way {interval(chosen, folded(second.labels) > 0, rows)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tracker.classify.train", description=__doc__)
    parser.add_argument("corpus", type=Path, help="folder with majority/{train,validation}.jsonl")
    parser.add_argument(
        "--unlabelled",
        type=Path,
        nargs="+",
        required=True,
        help="JSONL files of whole policies, to learn which words mean alike",
    )
    parser.add_argument(
        "--opinions",
        type=Path,
        required=True,
        help="what a slow teacher thinks of those policies (tracker.classify.transformer teach)",
    )
    parser.add_argument("--out", type=Path, default=DEFAULT, help="the model's folder")
    parser.add_argument("--figures", action="store_true", help="print figures, write nothing")
    options = parser.parse_args(arguments)
    files = [options.corpus / "majority" / f"{name}.jsonl" for name in ("train", "validation")]
    try:
        both = read_labelled(*files)
        unlabelled = read_unlabelled(*options.unlabelled)
        space = latent_space(unlabelled)
        lessons = opinions.read(options.opinions, unlabelled, len(PARTS))
        if options.figures:
            report(read_labelled(files[0]), read_labelled(files[1]), both, space, lessons, _say)
        else:
            save(options.out, *train(both, space, lessons), name="opp115")
    except TrackerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
