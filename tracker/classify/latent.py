"""Where a text lies in a space of meanings, and which known texts it lies near.

Hashed words tell texts apart by their wording; latent semantic analysis (Deerwester et al. 1990)
brings together those that say the same in other words, and a Gaussian kernel on landmarks of that
space (Williams and Seeger 2001) scores what no sum over words can. Every sum here is one of
integers that a float holds exactly, so that no score depends on the batch or on the BLAS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracker.classify.features import SPACE

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A unit vector's components, and a similarity of 1, in steps.
_UNIT = 127
_ALIKE = 1 << 15
# Unit vectors a and b are alike by exp(-|a - b|²).
_WIDTH = 1.0


class LatentSpace:
    """A direction in d dimensions for each known feature; a text is where its features sum to.

    ``features`` (K,) are rising feature numbers, ``directions`` (K, d) int8 in a unit that
    cancels out.
    """

    def __init__(self, features: NDArray[np.int64], directions: NDArray[np.int8]) -> None:
        """Raises ValueError where the parts do not fit together."""
        known = len(features)
        if not 0 < known < 1 << 16 or not 0 <= features[0] <= features[-1] < SPACE:
            raise ValueError("feature numbers of the latent space out of range")
        if directions.ndim != 2 or len(directions) != known:
            raise ValueError(f"directions of unexpected shape {directions.shape}")
        self.features = features
        self.directions = directions
        self._table = np.zeros(SPACE, dtype=np.uint16)
        self._table[features] = np.arange(1, known + 1, dtype=np.uint16)
        self._steps = np.pad(directions, ((1, 0), (0, 0))).astype(np.float32, order="C")
        self._ones = np.ones(known, dtype=np.float32)

    def points(
        self, rows: NDArray[np.int64], features: NDArray[np.int64], count: int
    ) -> NDArray[np.float32]:
        """Points (count, d) on the unit sphere in steps of 1/127; 0 where nothing is known.

        `rows` and `features` are what ``features.features_of`` gives.
        """
        points = np.zeros((count, self.directions.shape[1]), dtype=np.float32)
        ids = self._table[features]
        known = ids > 0
        ids, rows = ids[known], rows[known]
        if len(rows):
            starts = np.flatnonzero(np.diff(rows, prepend=-1))
            here = rows[starts]
            bounds = [*starts.tolist(), len(rows)]
            steps = np.take(self._steps, ids, axis=0)
            # One product with ones a text sums four times faster than numpy.add.reduceat.
            for row, start, stop in zip(here.tolist(), bounds, bounds[1:], strict=False):
                np.dot(self._ones[: stop - start], steps[start:stop], out=points[row])
            sums = points[here].astype(np.float64)
            norms = np.sqrt((sums**2).sum(axis=1, keepdims=True))
            points[here] = np.rint(sums * (_UNIT / np.maximum(norms, 1.0)))
        return points


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Places that were found telling, and what being near them says of L labels.

    ``places`` (M, d) int8 are points in steps of 1/127, ``weights`` (M, L) int16 in steps of
    ``scale`` (L,).
    """

    places: NDArray[np.int8]
    weights: NDArray[np.int16]
    scale: NDArray[np.float64]

    def check(self, dimensions: int, labels: int) -> None:
        """Raises ValueError where the parts do not fit together."""
        shapes = (self.places.shape, self.weights.shape, self.scale.shape)
        count = len(self.places)
        if shapes != ((count, dimensions), (count, labels), (labels,)):
            raise ValueError(f"landmarks of unexpected shapes {shapes}")

    def margins(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the landmarks add to the margins (n, L) of texts at these points (n, d)."""
        return (similarities(points, self.places) @ self.weights.astype(np.float64)) * self.scale


def similarities(points: NDArray[np.float32], places: NDArray[np.int8]) -> NDArray[np.float64]:
    """How alike each of n points is to each of M places (n, M), in steps of 2⁻¹⁵."""
    products = points @ places.T.astype(np.float32)
    distances = np.float32(2 * _WIDTH) * (1 - products / np.float32(_UNIT**2))
    alike: NDArray[np.float64] = np.rint(_ALIKE * np.exp(-distances)).astype(np.float64)
    return alike


def exact(similarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Steps of ``similarities`` as numbers up to 1."""
    return similarity / _ALIKE
