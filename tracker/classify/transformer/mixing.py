"""How much the margins of words and those of the network count, chosen on labelled texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracker.classify.learning import platt

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHARES = np.linspace(0.0, 1.0, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Weights per label (L,) of the margins of words and of the network, and their sum's margins.

    ``share`` is the network's part in the log-odds, from 0 to 1.
    """

    share: float
    of_words: NDArray[np.float64]
    of_network: NDArray[np.float64]
    margins: NDArray[np.float64]


def mixed(
    words: NDArray[np.float64], network: NDArray[np.float64], labels: NDArray[np.bool_]
) -> Mixture:
    """The mixture of two margins (n, L) under which the labels (n, L) are likeliest.

    Both are brought to log-odds first; one share serves all labels, as many are too rare to
    choose their own.
    """
    slopes = [
        np.array([platt(own[:, i], labels[:, i])[0] for i in range(labels.shape[1])])
        for own in (words, network)
    ]
    best: Mixture | None = None
    least = np.inf
    for share in _SHARES:
        of_words, of_network = (1 - share) * slopes[0], share * slopes[1]
        margins = of_words * words + of_network * network
        loss = _surprise(margins, labels)
        if loss < least:
            least = loss
            best = Mixture(
                share=float(share), of_words=of_words, of_network=of_network, margins=margins
            )
    if best is None:
        raise ValueError("margins that are no numbers")
    return best


def _surprise(margins: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """The cross-entropy of calibrated margins."""
    total = 0.0
    for own, truth in zip(margins.T, labels.T, strict=True):
        slope, offset = platt(own, truth)
        odds = np.where(truth, 1.0, -1.0) * (own * slope + offset)
        total += float(np.logaddexp(0.0, -odds).sum())
    return total
