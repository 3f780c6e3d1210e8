"""Margins that are sums of small integers, of words and of what a text lies near; numpy alone."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tracker.classify.features import SPACE, beginnings, features_of, hashes
from tracker.classify.latent import Landmarks, LatentSpace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

# Enough texts to share numpy's overhead, few enough for their features to stay in cache.
_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What training leaves behind, for L labels and V known features.

    ``features`` (V,) are rising feature numbers, ``weights`` (L, V) int8, ``idf`` (V,) uint8: a
    feature's weight in a text's length, in units that cancel out. The margin of a label is
    ``bias + scale · Σ weights / √Σ idf²``, and what the landmarks near the text and near its
    beginning add.
    """

    features: NDArray[np.int64]
    weights: NDArray[np.int8]
    idf: NDArray[np.uint8]
    scale: NDArray[np.float64]
    bias: NDArray[np.float64]
    space: LatentSpace
    landmarks: Landmarks
    beginnings: Landmarks

    def table(self) -> NDArray[np.uint16]:
        """Feature number → its column plus one, 0 where it is unknown."""
        table = np.zeros(SPACE, dtype=np.uint16)
        table[self.features] = np.arange(1, len(self.features) + 1, dtype=np.uint16)
        return table

    def check(self, labels: int) -> None:
        """Raises ValueError where the parts do not fit together."""
        known = len(self.features)
        if not 0 < known < 1 << 16 or self.features[-1] >= SPACE or (self.idf == 0).any():
            raise ValueError("feature numbers out of range")
        shapes = (self.weights.shape, self.idf.shape, self.scale.shape, self.bias.shape)
        if shapes != ((labels, known), (known,), (labels,), (labels,)):
            raise ValueError(f"arrays of unexpected shapes {shapes}")
        for landmarks in (self.landmarks, self.beginnings):
            landmarks.check(self.space.directions.shape[1], labels)


class Linear:
    """The margins that `weights` give."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._table = weights.table()
        self._squares = np.concatenate([[0.0], weights.idf.astype(np.float64) ** 2])
        # Column 0 stands for every unknown feature and weighs nothing.
        self._columns = np.pad(weights.weights, ((0, 0), (1, 0)))

    def margins(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Margins (n, L), and the share of known features in each text (n,)."""
        margins = np.tile(self._weights.bias, (len(texts), 1))
        share = np.zeros(len(texts))
        for start in range(0, len(texts), _BATCH):
            batch = texts[start : start + _BATCH]
            words = hashes(batch)
            rows, features = features_of(*words)
            if not len(rows):
                continue
            stop, space = start + len(batch), self._weights.space
            whole = space.points(rows, features, len(batch))
            first = space.points(*features_of(*beginnings(*words)), len(batch))
            margins[start:stop] += self._weights.landmarks.margins(whole)
            margins[start:stop] += self._weights.beginnings.margins(first)
            ids = self._table[features]
            starts = np.flatnonzero(np.diff(rows, prepend=-1))
            here = rows[starts] + start
            norm = np.sqrt(np.add.reduceat(self._squares[ids], starts))
            found = np.add.reduceat((ids > 0).astype(np.int64), starts)
            share[here] = found / np.diff(starts, append=len(rows))
            for label, column in enumerate(self._columns):
                sums = np.add.reduceat(column[ids].astype(np.int32), starts)
                margins[here, label] += self._weights.scale[label] * sums / np.maximum(norm, 1.0)
        return margins, share


def write(weights: Weights) -> bytes:
    """The content of a file weights.npz."""
    content = io.BytesIO()
    np.savez_compressed(
        content,
        gaps=np.diff(weights.features, prepend=0).astype(np.uint32),
        weights=weights.weights,
        idf=weights.idf,
        scale=weights.scale,
        bias=weights.bias,
        latent_gaps=np.diff(weights.space.features, prepend=0).astype(np.uint32),
        directions=weights.space.directions,
        landmarks=weights.landmarks.places,
        landmarks_weights=weights.landmarks.weights,
        landmarks_scale=weights.landmarks.scale,
        beginnings=weights.beginnings.places,
        beginnings_weights=weights.beginnings.weights,
        beginnings_scale=weights.beginnings.scale,
    )
    return content.getvalue()


def read(content: bytes) -> Weights:
    """What ``write`` wrote.

    Raises:
        KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile: it is something else.
    """
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return Weights(
            features=np.cumsum(arrays["gaps"].astype(np.int64)),
            weights=arrays["weights"],
            idf=arrays["idf"],
            scale=arrays["scale"].astype(np.float64),
            bias=arrays["bias"].astype(np.float64),
            space=LatentSpace(
                np.cumsum(arrays["latent_gaps"].astype(np.int64)), arrays["directions"]
            ),
            landmarks=_landmarks(arrays, "landmarks"),
            beginnings=_landmarks(arrays, "beginnings"),
        )


def _landmarks(arrays: Mapping[str, NDArray[Any]], name: str) -> Landmarks:
    return Landmarks(
        places=arrays[name],
        weights=arrays[f"{name}_weights"],
        scale=arrays[f"{name}_scale"].astype(np.float64),
    )
