"""The classifier of practice categories: margins, calibrated and folded into categories."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from tracker.categories import CATEGORIES
from tracker.classify.linear import Linear, read
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tracker.classify.latent import LatentSpace

DEFAULT = Path(__file__).parent / "model"
FORMAT = 2
TRANSFORMER_FORMAT = 4
"""Words alone, and words with a network (``tracker.classify.transformer``)."""

META, WEIGHTS, NETWORK, TOKENIZER = "meta.json", "weights.npz", "network.onnx", "tokenizer.json"
"""The files of a model's folder; the last two are an ensemble's only."""


class Scorer(Protocol):
    """What gives a text its margins, one a label."""

    def margins(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Margins before calibration (n, L), and the share of known features in each text (n,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How margins become probabilities, and probabilities names.

    A label's probability is a logistic of ``slope · margin + offset`` (Platt 1999); these are per
    label, ``thresholds12`` too; ``thresholds`` per category. A
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
        scorer: Scorer,
        decision: Decision,
        version: str,
        names: tuple[str, ...] = CATEGORIES,
    ) -> None:
        self.labels12 = tuple(parts)
        self.names = names
        self.version = version
        self._scorer = scorer
        self._decision = decision
        self._folds = [
            [i for i, whole in enumerate(parts.values()) if whole == name] for name in names
        ]

    def margins12(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Margins before calibration (n, 12), and the share of known features in each text (n,)."""
        return self._scorer.margins(texts)

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
        TrackerError: the folder holds no model that this release reads, or the model needs a
            library that is not installed; names the file.
    """
    folder = path or DEFAULT
    meta_file = folder / META
    try:
        meta_bytes = meta_file.read_bytes()
    except OSError as error:
        raise TrackerError(f"no classifier in {folder}: {error}") from error
    try:
        meta = json.loads(meta_bytes)
        if meta["format"] not in (FORMAT, TRANSFORMER_FORMAT):
            raise TrackerError(
                f"{meta_file}: a model of format {meta['format']}, this release reads {FORMAT} and"
                f" {TRANSFORMER_FORMAT}: train it again"
            )
        names = tuple(map(str, meta.get("categories", CATEGORIES)))
        decision, parts = _decision(meta, names)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrackerError(f"{meta_file}: not a model's description ({error!r})") from error
    words = _checked(folder / WEIGHTS, meta.get("weights_sha256"))
    linear = _linear(folder / WEIGHTS, words, len(parts))
    digest = hashlib.sha256(words + meta_bytes).hexdigest()
    return Classifier(
        parts=parts,
        names=names,
        scorer=linear if meta["format"] == FORMAT else _ensemble(folder, meta, linear),
        decision=decision,
        version=f"{meta['name']}-{digest[:12]}",
    )


def default_space() -> LatentSpace:
    """Where texts lie for the model that ships: fitted without labels, so others can use it."""
    return read((DEFAULT / WEIGHTS).read_bytes()).space


def _checked(file: Path, digest: str | None) -> bytes:
    """The file's content, which meta.json gives the digest of."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TrackerError(f"no classifier in {file.parent}: {error}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise TrackerError(f"{file}: damaged, or not the weights that meta.json describes")
    return content


def _linear(file: Path, content: bytes, labels: int) -> Linear:
    try:
        weights = read(content)
        weights.check(labels)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise TrackerError(f"{file}: not a model's weights ({error})") from error
    return Linear(weights)


def _ensemble(folder: Path, meta: dict[str, Any], words: Linear) -> Scorer:
    """The words' margins and a network's; its libraries are imported only for such a model."""
    try:
        from tracker.classify.transformer.scorer import Ensemble, Network
        from tracker.classify.transformer.tokens import tokenizer_of
    except ModuleNotFoundError as error:
        raise TrackerError(
            f"{folder}: this model needs {error.name}: pip install onnxruntime tokenizers"
        ) from error
    file = folder / NETWORK
    content = _checked(file, meta.get("network_sha256"))
    tokenizer = _checked(folder / TOKENIZER, meta.get("tokenizer_sha256"))
    try:
        return Ensemble(
            words,
            Network(content, tokenizer_of(tokenizer)),
            slope=_per_label(meta, "words_slope"),
            offset=_per_label(meta, "words_offset"),
            thresholds=_per_label(meta, "thresholds12"),
            of_words=float(meta["of_words"]),
            of_network=float(meta["of_network"]),
            doubt=float(meta["doubt"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise TrackerError(f"{file}: not a model's network ({error})") from error


def _per_label(meta: dict[str, Any], name: str) -> NDArray[np.float64]:
    values = np.array([float(value) for value in meta[name]])
    if len(values) != len(meta["parts"]):
        raise ValueError(f"{name}: a value is missing for a label")
    return values


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
