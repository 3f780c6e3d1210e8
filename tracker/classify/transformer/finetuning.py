"""Fine-tunes the network on labelled segments. Needs the extra ``transformer-train``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pickle import UnpicklingError
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from tracker.classify.model import TOKENIZER
from tracker.classify.transformer.encoder import Network, pretrained
from tracker.classify.transformer.tokens import padded, pieces, tokenizer_of
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_BATCH = 16
_WARM_UP = 0.1
_DECAY = 0.01
_LONGEST_GRADIENT = 1.0
# Texts within so many pieces share a batch, in an order drawn anew each epoch.
_ALIKE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to fine-tune.

    The same plan on the same texts gives the same weights on one kind of machine, as long as
    ``threads`` is the same: sums are split by threads.
    """

    epochs: int = 2
    rate: float = 1.2e-4
    head_rate: float = 1e-3
    seed: int = 0
    threads: int = 2


def finetune(
    texts: Sequence[str],
    targets: NDArray[np.float32],
    plan: Plan,
    *,
    checkpoint: Path | None = None,
    each: Callable[[int], object] = lambda _: None,
) -> Network:
    """A network trained to say `targets` (n, labels), from 0 to 1, of texts.

    `each` and `checkpoint` are ``follow``'s.
    """
    begin(plan)
    folder = pretrained()
    rows = pieces(tokenizer_of((folder / TOKENIZER).read_bytes()), texts)
    network = Network(folder, torch.from_numpy(targets.mean(axis=0)))
    # Half of all weights; few of the words are in so small a corpus, and those would drift apart.
    network.encoder.embeddings.requires_grad_(requires_grad=False)

    def margins(batch: list[int]) -> torch.Tensor:
        tokens, mask = map(torch.from_numpy, padded([rows[i] for i in batch]))
        found: torch.Tensor = network(tokens, mask)
        return found

    lengths = [len(row) for row in rows]
    follow(network, plan, lengths, margins, targets, checkpoint=checkpoint, each=each)
    return network


def begin(plan: Plan) -> None:
    """Make what follows depend on the plan alone."""
    torch.manual_seed(plan.seed)
    torch.use_deterministic_algorithms(mode=True)
    torch.set_num_threads(plan.threads)


def follow(
    network: Network,
    plan: Plan,
    lengths: Sequence[int],
    margins: Callable[[list[int]], torch.Tensor],
    targets: NDArray[np.float32],
    *,
    checkpoint: Path | None = None,
    each: Callable[[int], object] = lambda _: None,
) -> None:
    """Train a network whose `margins` of some rows should come to `targets` (n, labels), 0 to 1.

    `lengths` (n,) are the texts' in word pieces: those alike share a batch. `each` is called with
    every epoch's number.
    After each epoch all of it is kept in the file `checkpoint`. Where that exists training goes on
    from there, to the same weights as if it had never stopped.
    """
    wanted = torch.from_numpy(targets)
    course = _Course(network, plan, steps=plan.epochs * math.ceil(len(lengths) / _BATCH))
    first = course.restored(checkpoint) if checkpoint and checkpoint.exists() else 0
    for epoch in range(first, plan.epochs):
        network.train()
        for batch in _batches(lengths, plan.seed + epoch):
            course.step(
                nn.functional.binary_cross_entropy_with_logits(margins(batch), wanted[batch])
            )
        if checkpoint:
            course.keep(checkpoint, epoch + 1)
        each(epoch)
    network.eval()


class _Course:
    """A network with what trains it."""

    def __init__(self, network: Network, plan: Plan, steps: int) -> None:
        self._network = network
        self._optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in network.encoder.parameters() if p.requires_grad]},
                {"params": list(network.outputs.parameters()), "lr": plan.head_rate},
            ],
            lr=plan.rate,
            weight_decay=_DECAY,
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda step: _share(step, steps)
        )

    def step(self, loss: torch.Tensor) -> None:
        """Go one step down the slope of `loss`."""
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.encoder.parameters(), _LONGEST_GRADIENT)
        self._optimizer.step()
        self._schedule.step()

    def keep(self, path: Path, epochs: int) -> None:
        """Write everything after so many epochs; a file that stands there is replaced whole."""
        state = {
            "epochs": epochs,
            "network": self._network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "random": torch.get_rng_state(),
        }
        part = path.with_name(f"{path.name}.part")
        torch.save(state, part)
        part.replace(path)

    def restored(self, path: Path) -> int:
        """Go back to what ``keep`` wrote; gives the number of epochs."""
        try:
            state = torch.load(path, weights_only=True)
            self._network.load_state_dict(state["network"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._schedule.load_state_dict(state["schedule"])
            torch.set_rng_state(state["random"])
            return int(state["epochs"])
        except (OSError, RuntimeError, KeyError, ValueError, UnpicklingError) as error:
            raise TrackerError(f"{path}: not a checkpoint of this training ({error})") from error


def _share(step: int, steps: int) -> float:
    """Of the learning rate: rising at first, then falling to nothing."""
    warm = _WARM_UP * steps
    return (step + 1) / warm if step + 1 < warm else (steps - step) / (steps - warm)


def _batches(lengths: Sequence[int], seed: int) -> Iterator[list[int]]:
    """Row numbers, `_BATCH` at a time, in an order that the seed draws."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(lengths))
    order = order[np.argsort(np.array(lengths)[order] // _ALIKE, kind="stable")]
    batches = [order[i : i + _BATCH].tolist() for i in range(0, len(order), _BATCH)]
    for place in generator.permutation(len(batches)):
        yield batches[place]
