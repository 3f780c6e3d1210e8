"""Fits the classifier's weights, and chooses how its margins become names. Needs scipy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, diags

from tracker.classify.corpus import OPP115, Labelled, Scheme, grouped_folds
from tracker.classify.features import SPACE, extract
from tracker.classify.landmarks import Nystroem, points
from tracker.classify.linear import Linear, Weights
from tracker.classify.model import Classifier, Decision, decide
from tracker.classify.opinions import Lessons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tracker.classify.latent import LatentSpace

_MAX_FEATURES = 40_000
_LANDMARKS = 384
_LANDMARKS_OF_BEGINNINGS = 256
# How much nearness of the beginnings counts, where nearness of the texts and words count 1.
_BEGINNINGS = 0.5
# How much a text counts of which there is only another model's opinion.
_LESSON = 0.1
_RIDGE = 1.0
_ROUNDS = 30
_RESAMPLES = 40
# Thresholds that maximize F1 on a few hundred rows are noisy; half-way to one that fits all
# categories they are worth a point more on policies not seen (docs/decisions/0005).
_COMMON_THRESHOLD = 0.4
_FLOOR = 0.15
_KNOWN = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Features that occur in two texts or more, and what each weighs in a text's length."""

    features: NDArray[np.int64]
    idf: NDArray[np.uint8]

    @staticmethod
    def of(texts: Sequence[str]) -> Vocabulary:
        counts = np.bincount(extract(texts)[1], minlength=SPACE)
        features = np.flatnonzero(counts >= 2)
        if len(features) > _MAX_FEATURES:
            frequent = np.argsort(-counts[features], kind="stable")[:_MAX_FEATURES]
            features = np.sort(features[frequent])
        idf = np.log((1 + len(texts)) / (1 + counts[features])) + 1
        units = np.round(idf * (255 / idf.max()))
        return Vocabulary(features=features, idf=np.maximum(units, 1).astype(np.uint8))

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """Rows of length one (n, V), as ``Classifier`` sees them."""
        rows, features = extract(texts)
        column = np.full(SPACE, -1, dtype=np.int64)
        column[self.features] = np.arange(len(self.features))
        ids = column[features]
        kept = ids >= 0
        values = self.idf[ids[kept]].astype(np.float64)
        counts = csr_matrix(
            (values, (rows[kept], ids[kept])), shape=(len(texts), len(self.features))
        )
        norm = np.sqrt(np.asarray(counts.multiply(counts).sum(axis=1)).ravel())
        return csr_matrix(diags(1.0 / np.maximum(norm, 1.0)) @ counts)


def fit(data: Labelled, space: LatentSpace, lessons: Lessons | None = None) -> Weights:
    """Ridge regression of every label on the texts' features and on landmarks among them.

    That is kernel ridge regression of three kernels (one linear, two Gaussian), the latter cut
    down to landmarks. Of `lessons` it learns a teacher's probabilities besides the labels.
    """
    taught = lessons or Lessons(texts=[], chances=np.zeros((0, data.labels.shape[1])))
    count = len(data.texts)
    texts = [*data.texts, *taught.texts]
    vocabulary = Vocabulary.of(texts)
    whole, first = points(space, texts)
    near_whole = Nystroem.of(whole[:count], _LANDMARKS)
    near_first = Nystroem.of(first[:count], _LANDMARKS_OF_BEGINNINGS)
    share = np.sqrt(_BEGINNINGS)
    words, nearness, bias = ridge(
        vocabulary.matrix(texts),
        np.hstack([near_whole.features(whole), near_first.features(first) * share]),
        np.concatenate([data.labels, taught.chances]),
        np.repeat([1.0, _LESSON], [count, len(taught.texts)]),
    )
    of_whole, of_first = np.split(nearness, [len(near_whole.places)])
    weighed = words.T * vocabulary.idf
    step = np.maximum(np.abs(weighed).max(axis=1), 1e-12) / 127
    return Weights(
        features=vocabulary.features,
        weights=np.round(weighed / step[:, None]).astype(np.int8),
        idf=vocabulary.idf,
        scale=step,
        bias=bias,
        space=space,
        landmarks=near_whole.weighed(of_whole),
        beginnings=near_first.weighed(of_first * share),
    )


def ridge(
    words: csr_matrix,
    nearness: NDArray[np.float64],
    targets: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients of `words` (n, V) and of `nearness` (n, M), and intercepts (L,).

    Rows count by their `weights` (n,). By conjugate gradients, a fixed number of rounds; few words
    are in a text, but it is near to every landmark, so that the two are multiplied apart.
    """
    known, counts = words.shape[1], weights[:, None]
    bias: NDArray[np.float64] = (counts * targets).sum(axis=0) / weights.sum()
    across = words.T.tocsr()

    def back(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        weighed = counts * rows
        return np.concatenate([across @ weighed, nearness.T @ weighed])

    residual = back(targets - bias)
    coefficients = np.zeros_like(residual)
    direction, length = residual.copy(), (residual**2).sum(axis=0)
    for _ in range(_ROUNDS):
        image = back(words @ direction[:known] + nearness @ direction[known:])
        image += _RIDGE * direction
        step = length / np.maximum((direction * image).sum(axis=0), 1e-300)
        coefficients += step * direction
        residual -= step * image
        shorter = (residual**2).sum(axis=0)
        direction = residual + shorter / np.maximum(length, 1e-300) * direction
        length = shorter
    return coefficients[:known], coefficients[known:], bias


def unseen_margins(
    data: Labelled, space: LatentSpace, folds: int = 5, lessons: Lessons | None = None
) -> NDArray[np.float64]:
    """Margins (n, L) of every text by a model that saw no policy in which it stands.

    The teacher of `lessons` may have seen them: then margins choose well, but measure too well.
    """
    margins = np.zeros(data.labels.shape)
    for train, test in grouped_folds(data.policies, folds):
        model = classifier(
            fit(data.at(train), space, lessons), uncalibrated(data.scheme), data.scheme
        )
        margins[test] = model.margins12([data.texts[i] for i in test])[0]
    return margins


def classifier(
    weights: Weights, decision: Decision, scheme: Scheme = OPP115, version: str = "in-training"
) -> Classifier:
    """A classifier that was not saved yet."""
    return Classifier(
        parts=scheme.parts,
        names=tuple(scheme.categories),
        scorer=Linear(weights),
        decision=decision,
        version=version,
    )


def log_odds(weights: Weights, decision: Decision, texts: Sequence[str]) -> NDArray[np.float64]:
    """The calibrated log-odds (n, L) of texts."""
    margins = Linear(weights).margins(texts)[0]
    return margins * np.array(decision.slope, np.float64) + np.array(decision.offset, np.float64)


def uncalibrated(scheme: Scheme) -> Decision:
    """Stands in while there are margins only."""
    labels, categories = len(scheme.parts), len(scheme.categories)
    return Decision(
        slope=(1.0,) * labels,
        offset=(0.0,) * labels,
        thresholds=(0.5,) * categories,
        thresholds12=(0.5,) * labels,
        floor=0.0,
        known=0.0,
    )


def choose(
    margins: NDArray[np.float64], labels: NDArray[np.bool_], scheme: Scheme = OPP115
) -> Decision:
    """Calibration and thresholds from margins of texts that the model had not seen."""
    pairs = [platt(margins[:, i], labels[:, i]) for i in range(labels.shape[1])]
    slope, offset = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    scores = 1.0 / (1.0 + np.exp(-(margins * slope + offset)))
    return Decision(
        slope=_rounded(slope),
        offset=_rounded(offset),
        thresholds=_rounded(thresholds(folded(scores, scheme), folded(labels, scheme) > 0)),
        thresholds12=_rounded(thresholds(scores, labels)),
        floor=_FLOOR,
        known=_KNOWN,
    )


def folded(
    scores: NDArray[np.float64] | NDArray[np.bool_], scheme: Scheme = OPP115
) -> NDArray[np.float64]:
    """Labels to categories, the parts of one to their maximum."""
    wholes = list(scheme.parts.values())
    return np.stack(
        [
            scores[:, [w == name for w in wholes]].max(axis=1).astype(np.float64)
            for name in scheme.categories
        ],
        axis=1,
    )


def platt(margins: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of the logistic that fits best, by Newton's method (Lin et al. 2007)."""
    inputs = np.stack([margins, np.ones_like(margins)], axis=1)
    # Platt's smoothed targets keep the fit finite where margins separate the classes.
    positive = truth.sum()
    high, low = (positive + 1) / (positive + 2), 1 / (len(truth) - positive + 2)
    targets = np.where(truth, high, low)
    parameters = np.zeros(2)
    for _ in range(50):
        chances = 1.0 / (1.0 + np.exp(-np.clip(inputs @ parameters, -30, 30)))
        gradient = inputs.T @ (chances - targets)
        spread = chances * (1 - chances)
        hessian = inputs.T @ (inputs * spread[:, None]) + 1e-9 * np.eye(2)
        parameters -= np.linalg.solve(hessian, gradient)
    return float(parameters[0]), float(parameters[1])


def thresholds(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Per label, half-way between a common threshold and the best for F1 over resamples."""
    generator = np.random.default_rng(0)
    best = np.mean(
        [
            [_best_threshold(scores[rows, i], truth[rows, i]) for i in range(truth.shape[1])]
            for rows in generator.integers(0, len(truth), (_RESAMPLES, len(truth)))
        ],
        axis=0,
    )
    return np.asarray((best + _COMMON_THRESHOLD) / 2)


def _best_threshold(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + hits[-1])
    last = int(np.argmax(f1))
    return float(scores[order[last : last + 2]].mean())


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(value), 5) for value in values)


def f1(chosen: NDArray[np.bool_], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Micro and macro F1, in percent."""
    hits = (chosen & truth).sum(axis=0)
    total = chosen.sum(axis=0) + truth.sum(axis=0)
    micro = 200 * hits.sum() / max(int(total.sum()), 1)
    return float(micro), float((200 * hits / np.maximum(total, 1)).mean())


def unseen_choices(
    margins: NDArray[np.float64], data: Labelled, folds: int = 5
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Labels (n, L) and categories (n, C) that a user would get on policies not seen.

    `margins` come from ``unseen_margins``; each fold is decided with a calibration and thresholds
    from the others, so that no figure profits from rows that chose its thresholds.
    """
    twelve = np.zeros(data.labels.shape, dtype=np.bool_)
    ten = np.zeros((len(twelve), len(data.scheme.categories)), dtype=np.bool_)
    for _, test in grouped_folds(data.policies, folds):
        others = np.setdiff1d(np.arange(len(twelve)), test)
        decision = choose(margins[others], data.labels[others], data.scheme)
        odds = margins[test] * np.array(decision.slope) + np.array(decision.offset)
        scores = 1.0 / (1.0 + np.exp(-odds))
        twelve[test] = decide(scores, np.array(decision.thresholds12), decision.floor)
        ten[test] = decide(
            folded(scores, data.scheme), np.array(decision.thresholds), decision.floor
        )
    return twelve, ten
