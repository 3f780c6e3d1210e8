"""A slow teacher's opinion of unlabelled texts: words and a fine-tuned MPNet, half each.

Needs the extra ``transformer-train``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracker.classify.learning import log_odds
from tracker.classify.model import default_space
from tracker.classify.opinions import Lessons
from tracker.classify.train import train
from tracker.classify.transformer.teacher import TeacherPlan, teach

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from tracker.classify.corpus import Labelled

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


def opinions_of(
    texts: list[str],
    data: Labelled,
    any_annotator: Labelled,
    start: Path,
    *,
    checkpoint: Path | None,
    say: Callable[[str], object],
) -> Lessons:
    """What a teacher that learned from `data` thinks of texts; it starts from MPNet in `start`.

    Raises:
        TrackerError: no MPNet there, or a broken checkpoint.
    """
    plan = TeacherPlan()
    network = teach(
        start,
        data.texts,
        disputed(data, any_annotator),
        plan,
        checkpoint=checkpoint,
        each=lambda epoch: say(f"epoch {epoch + 1} of {plan.epochs} is done"),
    )
    words = train(data, default_space())
    odds = _SHARE * log_odds(*words, texts) + _SHARE * network(texts)
    return Lessons(texts=texts, chances=1.0 / (1.0 + np.exp(-odds)))
