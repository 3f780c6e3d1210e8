"""Fits a latent space to unlabelled texts, and landmarks in it. Needs scipy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import svds

from tracker.classify.features import SPACE, beginnings, extract, features_of, hashes
from tracker.classify.latent import Landmarks, LatentSpace, exact, similarities
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_FEATURES = 8_000
_DIMENSIONS = 64


def latent_space(texts: Sequence[str]) -> LatentSpace:
    """Latent semantic analysis of the commonest features of `texts`.

    Raises:
        TrackerError: too few texts, or too few features that two of them share.
    """
    rows, features = extract(texts)
    counts = np.bincount(features, minlength=SPACE)
    chosen = np.argsort(-counts, kind="stable")[:_FEATURES]
    chosen = np.sort(chosen[counts[chosen] >= 2])
    if min(len(texts), len(chosen)) <= _DIMENSIONS:
        raise TrackerError(
            f"{len(texts)} unlabelled texts with {len(chosen)} common features are too few to"
            f" learn which words mean alike: more than {_DIMENSIONS} of both are needed"
        )
    column = np.full(SPACE, -1, dtype=np.int64)
    column[chosen] = np.arange(len(chosen))
    ids = column[features]
    kept = ids >= 0
    # The square of the usual idf: what most texts share says nothing of their subject.
    idf = (np.log((1 + len(texts)) / (1 + counts[chosen])) + 1) ** 2
    matrix = csr_matrix((idf[ids[kept]], (rows[kept], ids[kept])), (len(texts), len(chosen)))
    norm = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix = diags(1.0 / np.maximum(norm, 1e-9)) @ matrix
    # A fixed start makes the same directions of the same texts.
    start = np.ones(min(matrix.shape))
    directions = svds(matrix, k=_DIMENSIONS, v0=start)[2].T * idf[:, None]
    step = np.abs(directions).max() / 127
    return LatentSpace(chosen, np.round(directions / step).astype(np.int8))


def points(
    space: LatentSpace, texts: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where the texts lie, and where their beginnings do, both (n, d)."""
    words = hashes(texts)
    return (
        space.points(*features_of(*words), len(texts)),
        space.points(*features_of(*beginnings(*words)), len(texts)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Nystroem:
    """Landmarks without weights yet, and what makes features of similarities to them.

    ``places`` (M, d) are as in ``Landmarks``, ``whitening`` (M, M) is the inverse square root of
    their own similarities (Williams and Seeger 2001).
    """

    places: NDArray[np.int8]
    whitening: NDArray[np.float64]

    @staticmethod
    def of(points: NDArray[np.float32], count: int) -> Nystroem:
        """At most `count` of these points (n, d), drawn from a fixed seed."""
        distinct = np.unique(points.astype(np.int8), axis=0)
        order = np.random.default_rng(0).permutation(len(distinct))
        places = distinct[np.sort(order[:count])]
        kernel = exact(similarities(places.astype(np.float32), places))
        values, vectors = np.linalg.eigh(kernel)
        whitening = (vectors / np.sqrt(np.maximum(values, 1e-3))) @ vectors.T
        return Nystroem(places=places, whitening=whitening)

    def features(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Features (n, M) whose inner products come near to the kernel's values."""
        return exact(similarities(points, self.places)) @ self.whitening

    def weighed(self, coefficients: NDArray[np.float64]) -> Landmarks:
        """The landmarks, given the coefficients (M, L) of ``features``."""
        weights = self.whitening @ coefficients
        step = np.maximum(np.abs(weights).max(axis=0), 1e-12) / 32767
        return Landmarks(
            places=self.places,
            weights=np.round(weights / step).astype(np.int16),
            scale=exact(step),
        )
