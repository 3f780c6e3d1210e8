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
    """Log-odds of words and of a network, weighed and added where the words leave a doubt.

    The network costs a hundred times what the words do, and changes little where these are sure:
    a text whose words' log-odds all lie `doubt` or more from the labels' thresholds, one of them
    above, is not read a second time (Viola and Jones 2001 call that a cascade).
    """

    def __init__(
        self,
        words: Linear,
        network: Network,
        *,
        slope: NDArray[np.float64],
        offset: NDArray[np.float64],
        thresholds: NDArray[np.float64],
        of_words: float,
        of_network: float,
        doubt: float,
    ) -> None:
        """The words' calibration and thresholds (L,), and numbers of ``mixing``."""
        self._words = words
        self._network = network
        self._slope = slope
        self._offset = offset
        self._limits = np.log(thresholds / (1.0 - thresholds))
        self._of_words = of_words
        self._of_network = of_network
        self._doubt = doubt

    def margins(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Log-odds (n, L), and the share of features known to the words' weights (n,).

        A text of which no word is known is not read a second time, either.
        """
        margins, share = self._words.margins(texts)
        odds = margins * self._slope + self._offset
        again = doubtful(odds, self._limits, self._doubt) & (share > 0)
        if read := np.flatnonzero(again).tolist():
            network = self._network.margins([texts[i] for i in read])
            odds[read] = self._of_words * odds[read] + self._of_network * network
        return odds, share


def doubtful(
    odds: NDArray[np.float64], limits: NDArray[np.float64], doubt: float
) -> NDArray[np.bool_]:
    """Which rows of log-odds (n, L) are nearer than `doubt` to a limit (L,), or below them all."""
    above: NDArray[np.float64] = odds - limits
    nearest = np.abs(above).min(axis=1)
    unsure: NDArray[np.bool_] = np.logical_or(nearest < doubt, above.max(axis=1) < 0)
    return unsure
