"""Margins of words and of a fine-tuned network together. Needs the extra ``transformer``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from tracker.classify.transformer.tokens import pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from tracker.classify.linear import Linear


class Network:
    """A network in ONNX: "tokens" (1, t) to "margins" (1, L).

    It reads one text at a time. Its integers are scaled by the largest activation of what it
    reads, so that of two texts together each would have a say in the other's score.
    """

    def __init__(self, content: bytes, tokenizer: Tokenizer, *, threads: int = 0) -> None:
        """`threads` 0: as many as there are cores.

        Raises:
            ValueError: `content` is no such network.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        # onnxruntime's exceptions have no common base below Exception.
        except Exception as error:
            raise ValueError(str(error)) from error
        names = [one.name for one in (*self._session.get_inputs(), *self._session.get_outputs())]
        if names != ["tokens", "margins"]:
            raise ValueError(f"a network from {names[0]} to {names[-1]}")
        self._tokenizer = tokenizer

    def margins(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """The log-odds (n, L) of each label."""
        rows = [
            self._session.run(["margins"], {"tokens": np.array([own], dtype=np.int64)})[0]
            for own in pieces(self._tokenizer, texts)
        ]
        found: NDArray[np.float64] = np.concatenate(rows).astype(np.float64)
        return found


class Ensemble:
    """Margins of both, each label's weighed and added; (L,) weights of words and of the network."""

    def __init__(
        self,
        words: Linear,
        network: Network,
        *,
        of_words: NDArray[np.float64],
        of_network: NDArray[np.float64],
    ) -> None:
        self._words = words
        self._network = network
        self._of_words = of_words
        self._of_network = of_network

    def margins(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Margins (n, L), and the share of features known to the words' weights (n,).

        A text of which no word is known is not read a second time.
        """
        margins, share = self._words.margins(texts)
        margins *= self._of_words
        known = [i for i, one in enumerate(share) if one]
        if known:
            read = self._network.margins([texts[i] for i in known])
            margins[known] += np.multiply(self._of_network, read)
        return margins, share
