"""The classifier of practice categories: small integers as weights, numpy alone."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tracker.categories import CATEGORIES
from tracker.classify.features import SPACE, beginnings, features_of, hashes
from tracker.classify.latent import Landmarks, LatentSpace
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

DEFAULT = Path(__file__).parent / "model"
FORMAT = 2
# Enough texts to share numpy's overhead, few enough for their features to stay in cache.
_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What training leaves behind, for L labels and V known features.

    ``features`` (V,) are rising feature numbers, ``weights`` (L, V) int8, ``idf`` (V,) uint8: a
    feature's weight in a text's length, in units that cancel out. The margin of a label is
    ``bias + scale · Σ weights / √Σ idf²``, and what the landmarks near the text and near its
    beginning add; its probability a logistic of ``slope · margin + offset`` (Platt 1999).
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How margins become probabilities, and probabilities names.

    ``slope`` and ``offset`` are per label, ``thresholds12`` too; ``thresholds`` per category. A
    text that reaches none is given its likeliest category if that has at least ``floor``. A text
    with a smaller share of known features than ``known`` is not in the model's language.
    """

    slope: tuple[float, ...]
    offset: tuple[float, ...]
    thresholds: tuple[float, ...]
    thresholds12: tuple[float, ...]
    floor: float
    known: float


class Classifier:
    """Scores of a text's known features and of where it lies, calibrated, folded into categories.

    ``names`` are its categories, ten but for a model of one's own. ``labels12`` are the labels it
    was trained on: for the model that ships nine categories and the three parts of Other.
    ``version`` names the model by its digest: equal versions give equal scores.
    """

    def __init__(
        self,
        *,
        parts: dict[str, str],
        weights: Weights,
        decision: Decision,
        version: str,
        names: tuple[str, ...] = CATEGORIES,
    ) -> None:
        self.labels12 = tuple(parts)
        self.names = names
        self.version = version
        self._weights = weights
        self._decision = decision
        self._table = weights.table()
        self._squares = np.concatenate([[0.0], weights.idf.astype(np.float64) ** 2])
        # Column 0 stands for every unknown feature and weighs nothing.
        self._columns = np.pad(weights.weights, ((0, 0), (1, 0)))
        self._folds = [
            [i for i, whole in enumerate(parts.values()) if whole == name] for name in names
        ]

    @property
    def space(self) -> LatentSpace:
        """Where texts lie: fitted without labels, so that other labels can be learnt in it."""
        return self._weights.space

    def margins12(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Margins before calibration (n, 12), and the share of known features in each text (n,)."""
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

    def scores12(
        self, texts: Sequence[str], headings: Sequence[str] | None = None
    ) -> NDArray[np.float64]:
        """Probabilities (n, 12) in the order of ``labels12``; 0 throughout for an unknown text."""
        margins, share = self.margins12(_headed(texts, headings))
        decision = self._decision
        odds = margins * np.array(decision.slope) + np.array(decision.offset)
        probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
        probabilities[share < decision.known] = 0.0
        return probabilities

    def scores(
        self, texts: Sequence[str], headings: Sequence[str] | None = None
    ) -> NDArray[np.float64]:
        """Probabilities (n, 10) in the order of ``names``.

        `headings` are the nearest headings above, "" for none; one that the text does not begin
        with is read in front of it. A text in another language scores 0 throughout.
        """
        return self.folded(self.scores12(texts, headings))

    def folded(self, scores12: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores of the ten categories (n, 10): a category is as likely as its likeliest part."""
        return np.stack([scores12[:, part].max(axis=1, initial=0.0) for part in self._folds], 1)

    def categories(
        self, texts: Sequence[str], headings: Sequence[str] | None = None
    ) -> list[tuple[str, ...]]:
        """The categories of each text, in the order of ``names``; none where nothing fits."""
        return self.named(self.scores(texts, headings))

    def named(self, scores: NDArray[np.float64]) -> list[tuple[str, ...]]:
        """The categories that these scores (n, 10) stand for: ``categories`` without rereading."""
        chosen = decide(scores, np.array(self._decision.thresholds), self._decision.floor)
        return [
            tuple(name for name, yes in zip(self.names, row, strict=True) if yes) for row in chosen
        ]

    def named12(self, scores12: NDArray[np.float64]) -> list[tuple[str, ...]]:
        """The labels of ``labels12`` that these scores (n, 12) stand for, as the corpus counts."""
        chosen = decide(scores12, np.array(self._decision.thresholds12), self._decision.floor)
        return [
            tuple(name for name, yes in zip(self.labels12, row, strict=True) if yes)
            for row in chosen
        ]


def decide(
    scores: NDArray[np.float64], thresholds: NDArray[np.float64], floor: float
) -> NDArray[np.bool_]:
    """Which labels scores (n, L) stand for: those at their threshold, else the one nearest to it.

    The nearest counts only with a score of `floor` or more.
    """
    chosen = scores >= thresholds
    undecided = np.flatnonzero(~chosen.any(axis=1))
    nearest = np.argmax(scores[undecided] / thresholds, axis=1)
    chosen[undecided, nearest] = scores[undecided, nearest] >= floor
    return chosen


def _headed(texts: Sequence[str], headings: Sequence[str] | None) -> Sequence[str]:
    if headings is None:
        return texts
    return [
        text if not text.strip() or text.startswith(heading) else f"{heading} {text}"
        for text, heading in zip(texts, headings, strict=True)
    ]


def load(path: Path | None = None) -> Classifier:
    """The model in folder `path`, or the one that ships.

    Raises:
        TrackerError: the folder holds no model that this release reads; names the file.
    """
    folder = path or DEFAULT
    meta_file, weights_file = folder / "meta.json", folder / "weights.npz"
    try:
        meta_bytes = meta_file.read_bytes()
        weights_bytes = weights_file.read_bytes()
    except OSError as error:
        raise TrackerError(f"no classifier in {folder}: {error}") from error
    try:
        meta = json.loads(meta_bytes)
        if meta["format"] != FORMAT:
            raise TrackerError(
                f"{meta_file}: a model of format {meta['format']}, this release reads {FORMAT}:"
                " train it again"
            )
        names = tuple(map(str, meta.get("categories", CATEGORIES)))
        decision, parts = _decision(meta, names)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrackerError(f"{meta_file}: not a model's description ({error!r})") from error
    if hashlib.sha256(weights_bytes).hexdigest() != meta.get("weights_sha256"):
        raise TrackerError(f"{weights_file}: damaged, or not the weights that meta.json describes")
    try:
        weights = _weights(weights_bytes)
        weights.check(len(parts))
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise TrackerError(f"{weights_file}: not a model's weights ({error})") from error
    digest = hashlib.sha256(weights_bytes + meta_bytes).hexdigest()
    return Classifier(
        parts=parts,
        names=names,
        weights=weights,
        decision=decision,
        version=f"{meta['name']}-{digest[:12]}",
    )


def _decision(meta: dict[str, Any], names: tuple[str, ...]) -> tuple[Decision, dict[str, str]]:
    parts = {str(label): str(whole) for label, whole in meta["parts"].items()}
    per_label = {
        name: tuple(map(float, meta[name])) for name in ("slope", "offset", "thresholds12")
    }
    thresholds = tuple(map(float, meta["thresholds"]))
    if not set(parts.values()) <= set(names) or len(thresholds) != len(names):
        raise ValueError("unknown categories")
    if any(len(values) != len(parts) for values in per_label.values()):
        raise ValueError("a value is missing for a label")
    decision = Decision(
        thresholds=thresholds, floor=float(meta["floor"]), known=float(meta["known"]), **per_label
    )
    return decision, parts


def _weights(content: bytes) -> Weights:
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
