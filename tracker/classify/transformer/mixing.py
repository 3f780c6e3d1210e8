"""How much the log-odds of words and those of the network count, chosen on labelled texts."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WEIGHTS = np.linspace(0.0, 1.2, 25)


def mixed(
    words: NDArray[np.float64], network: NDArray[np.float64], labels: NDArray[np.bool_]
) -> tuple[float, float]:
    """The weights of two log-odds (n, L) under whose sum the labels (n, L) are likeliest.

    Two numbers serve all labels, and calibrate their sum as well: most labels are too rare in the
    texts that are left for this to choose their own.
    """
    pairs = itertools.product(_WEIGHTS.tolist(), repeat=2)
    return min(pairs, key=lambda pair: _surprise(pair[0] * words + pair[1] * network, labels))


def _surprise(odds: NDArray[np.float64], labels: NDArray[np.bool_]) -> float:
    """The cross-entropy of labels under their log-odds."""
    return float(np.logaddexp(0.0, np.where(labels, -odds, odds)).sum())
