"""A larger network that smaller ones learn from: MPNet (Song et al., NeurIPS 2020).

Needs the extra ``transformer-train``. Of its lower layers, which stay as they are, only what they
make of each text is kept: that is worked out once and not in every epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from tokenizers import Tokenizer

from tracker.classify.model import TOKENIZER
from tracker.classify.transformer.encoder import Network
from tracker.classify.transformer.finetuning import Plan, begin, follow
from tracker.classify.transformer.tokens import padded, pieces
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_BATCH = 16
_CLOSED = -1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class TeacherPlan(Plan):
    """How to fine-tune it: ``frozen`` layers stay, ``longest`` word pieces of a text are read."""

    epochs: int = 4
    rate: float = 7e-5
    frozen: int = 7
    longest: int = 128


class Teacher(Network):
    """MPNet in two parts: tokens (n, t) to states (n, t, d), and those to margins (n, labels)."""

    def __init__(self, folder: Path, rates: torch.Tensor, frozen: int) -> None:
        super().__init__(folder, rates)
        self.encoder.requires_grad_(requires_grad=False)
        layers = self.encoder.encoder.layer
        self._lower, self._upper = list(layers[:frozen]), list(layers[frozen:])
        for layer in self._upper:
            layer.requires_grad_(requires_grad=True)

    def lower(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What the layers that stay make of tokens."""
        return self._through(self._lower, self.encoder.embeddings(input_ids=tokens), mask)

    def upper(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The margins, from the states that ``lower`` gave."""
        ends = self._through(self._upper, states, mask)
        mean = (ends * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        margins: torch.Tensor = self.outputs(self.dropout(mean))
        return margins

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.upper(self.lower(tokens, mask), mask)

    def _through(
        self, layers: Sequence[torch.nn.Module], states: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        closed = (1 - mask)[:, None, None, :] * _CLOSED
        places = self.encoder.encoder.compute_position_bias(states)
        for layer in layers:
            states = layer(states, closed, places)[0]
        return states


def teach(
    folder: Path,
    texts: Sequence[str],
    targets: NDArray[np.float32],
    plan: TeacherPlan,
    *,
    checkpoint: Path | None = None,
    each: Callable[[int], object] = lambda _: None,
) -> Callable[[Sequence[str]], NDArray[np.float64]]:
    """Train the network in `folder` to say `targets` (n, labels) of texts; gives its margins.

    `folder` is all-mpnet-base-v2's, as Hugging Face lays models out.

    Raises:
        TrackerError: it is no such folder, or a checkpoint of another training.
    """
    begin(plan)
    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        teacher = Teacher(folder, torch.from_numpy(targets.mean(axis=0)), plan.frozen)
    # The tokenizers' library raises bare Exception for a file that it cannot open or parse.
    except Exception as error:
        raise TrackerError(f"{folder}: no MPNet to start from ({error})") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(plan.longest)
    rows = pieces(tokenizer, texts)
    states = dict(_states(teacher, rows))
    follow(
        teacher,
        plan,
        [len(row) for row in rows],
        lambda batch: teacher.upper(*_joined([states[i] for i in batch])),
        targets,
        checkpoint=checkpoint,
        each=each,
    )

    def margins(asked: Sequence[str]) -> NDArray[np.float64]:
        found = np.zeros((len(asked), targets.shape[1]))
        own = pieces(tokenizer, asked)
        with torch.inference_mode():
            for batch, tokens, mask in _batched(own):
                found[batch] = teacher(tokens, mask).numpy()
        return found

    return margins


def _states(teacher: Teacher, rows: Sequence[Sequence[int]]) -> Iterator[tuple[int, torch.Tensor]]:
    """Each row's states (t, d) after the layers that stay, in half precision."""
    teacher.eval()
    with torch.inference_mode():
        for batch, tokens, mask in _batched(rows):
            states = teacher.lower(tokens, mask).to(torch.float16)
            yield from ((i, states[at, : len(rows[i])].clone()) for at, i in enumerate(batch))


def _batched(
    rows: Sequence[Sequence[int]],
) -> Iterator[tuple[list[int], torch.Tensor, torch.Tensor]]:
    """Row numbers, tokens and mask of rows of like lengths."""
    order = np.argsort([len(row) for row in rows], kind="stable").tolist()
    for start in range(0, len(order), _BATCH):
        batch = order[start : start + _BATCH]
        tokens, mask = map(torch.from_numpy, padded([rows[i] for i in batch]))
        # MPNet counts places from its padding's number: 1, where other models have 0.
        yield batch, tokens.where(mask > 0, 1), mask.to(torch.float32)


def _joined(states: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """States of texts of different lengths as one (n, longest, d), and their mask."""
    joined = torch.nn.utils.rnn.pad_sequence([one.float() for one in states], batch_first=True)
    lengths = torch.tensor([len(one) for one in states])
    return joined, (torch.arange(joined.shape[1]) < lengths[:, None]).float()
