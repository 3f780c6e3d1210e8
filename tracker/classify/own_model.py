"""Trains a model on a user's labels and installs it whole, with its card, or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tracker.classify.corpus import grouped_folds
from tracker.classify.installing import check_target, installed
from tracker.classify.learning import (
    choose,
    classifier,
    f1,
    fit,
    folded,
    uncalibrated,
    unseen_choices,
    unseen_margins,
)
from tracker.classify.model import default_space, load
from tracker.classify.own_labels import read_own
from tracker.classify.train import interval, save
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tracker.classify.corpus import Labelled
    from tracker.classify.latent import LatentSpace

_FOLDS = 5
_FEW = 30
_WEAK = 60.0


def train_own(labels: Path, folder: Path, *, licence: str = "not stated") -> str:
    """Train on `labels`, write the model's folder, and give its version.

    The same labels give the same bytes on one kind of machine. A model that stands in `folder` is
    replaced when the new one is whole, in one rename.

    Raises:
        TrackerError: labels that cannot be used, or a folder that holds something else.
    """
    data = read_own(labels)
    check_target(folder)
    space = default_space()
    folds = min(_FOLDS, len(frozenset().union(*data.policies)))
    if folds < 2:
        raise TrackerError(f"{labels}: all texts are of one policy, so no figure can be had")
    margins = unseen_margins(data, space, folds)
    decision = choose(margins, data.labels, data.scheme)
    decision = replace(decision, known=_known(data, space, folds, decision.known))
    with installed(folder) as made:
        save(made, fit(data, space), decision, name=labels.stem, scheme=data.scheme)
        version = load(made).version
        chosen = unseen_choices(margins, data, folds)[1]
        source = f"{labels.name}, sha256 {hashlib.sha256(labels.read_bytes()).hexdigest()}"
        text = card(data, chosen, version=version, source=source, licence=licence)
        (made / "card.md").write_text(text, encoding="utf-8")
    return version


def _known(data: Labelled, space: LatentSpace, folds: int, most: float) -> float:
    """The share of known features under which a text is in no language of the labels.

    Half of what all but one in twenty unseen texts have: few labels know few words.
    """
    train, test = grouped_folds(data.policies, folds)[0]
    model = classifier(fit(data.at(train), space), uncalibrated(data.scheme), data.scheme)
    share = model.margins12([data.texts[i] for i in test])[1]
    return min(most, round(float(np.percentile(share, 5)) / 2, 3))


def card(
    data: Labelled, chosen: NDArray[np.bool_], *, version: str, source: str, licence: str
) -> str:
    """The model's card as Markdown: data, licence, figures with intervals, where it fails.

    `chosen` (n, C) are the categories that models gave which had not seen a text's policy.
    """
    truth = folded(data.labels, data.scheme) > 0
    groups = [min(own) for own in data.policies]
    lines = [
        f"# {version}",
        "",
        f"**Data.** {source}: {len(data.texts)} texts of {len(set(groups))} policies.",
        "",
        f"**Licence of the labels.** {licence}.",
        "",
        "**Figures.** F1, micro / macro, with 95 % bootstrap intervals over policies, on policies",
        f"that the model did not see: {interval(chosen, truth, groups)}.",
        "",
        "| category | texts | F1 | what it is |",
        "| --- | --- | --- | --- |",
    ]
    weak = []
    for i, (name, description) in enumerate(data.scheme.categories.items()):
        own, count = f1(chosen[:, [i]], truth[:, [i]])[0], int(truth[:, i].sum())
        lines.append(f"| {_cell(name)} | {count} | {own:.1f} | {_cell(description) or '–'} |")
        if count < _FEW:
            weak.append(f"- {_cell(name)} has {count} texts: its figure says little.")
        elif own < _WEAK:
            weak.append(f"- {_cell(name)} is found or named right in {own:.0f} % only.")
    lines += [
        "",
        "**Where it fails.**",
        *weak,
        "- Texts unlike those of the labels: other languages, times or kinds of service.",
        "- A text that reaches no threshold gets its nearest category, or none.",
        "",
        "**Again.** `tracker train` on the same file writes the same bytes on one kind of machine.",
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
