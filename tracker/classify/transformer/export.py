"""A fine-tuned network as an ONNX file of integers. Needs the extra ``transformer-train``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

if TYPE_CHECKING:
    from tracker.classify.transformer.encoder import Network


class _OneText(nn.Module):
    """The network as it is asked at run time: one text, nothing padded."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.network(tokens, torch.ones_like(tokens))


def exported(network: Network) -> bytes:
    """ONNX with weights of eight bits, "tokens" (1, t) to "margins" (1, L).

    Weights keep to seven bits of their eight: products of full ones overflow on processors
    without VNNI (onnxruntime's documentation on quantization).
    """
    example = torch.ones((1, 16), dtype=torch.long)
    with tempfile.TemporaryDirectory() as place:
        full, small = Path(place) / "full.onnx", Path(place) / "small.onnx"
        torch.onnx.export(
            _OneText(network).eval(),
            (example,),
            full,
            dynamo=True,
            external_data=False,
            verbose=False,
            input_names=["tokens"],
            output_names=["margins"],
            dynamic_shapes={"tokens": {1: torch.export.Dim("length", min=3, max=512)}},
        )
        # The exporter notes the shapes of transposed weights as they were before.
        model = onnx.load(full)
        del model.graph.value_info[:]
        quantize_dynamic(
            model, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
        return small.read_bytes()
