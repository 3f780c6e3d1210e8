"""The labelled segments that the classifier learns from, and unlabelled ones of other policies."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tracker.categories import CATEGORIES
from tracker.classify.features import tokens
from tracker.errors import TrackerError
from tracker.segment import segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# The 12-way scheme of Polisis (Harkous et al., USENIX Security 2018): Other is told apart.
OTHER_PARTS = ("Introductory/Generic", "Practice not covered", "Privacy contact information")
PARTS: dict[str, str] = {name: name for name in CATEGORIES[:-1]} | dict.fromkeys(
    OTHER_PARTS, CATEGORIES[-1]
)
LABELS12 = tuple(PARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """What texts are labelled with: labels, and the category that each is shown as.

    ``parts`` maps every label to its category; ``categories`` are in the order in which they are
    shown, with a description each ("" for none).
    """

    parts: dict[str, str]
    categories: dict[str, str]


OPP115 = Scheme(parts=PARTS, categories=dict.fromkeys(CATEGORIES, ""))
_TEXT_KEYS = ("text", "old", "new")
_WORDS = range(8, 261)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Texts, labels (n, L) as booleans, and for each text the policies that it stands in."""

    texts: list[str]
    labels: NDArray[np.bool_]
    policies: list[frozenset[int]]
    scheme: Scheme = OPP115

    def at(self, rows: NDArray[np.int64]) -> Labelled:
        """The part with these row numbers."""
        return Labelled(
            texts=[self.texts[i] for i in rows],
            labels=self.labels[rows],
            policies=[self.policies[i] for i in rows],
            scheme=self.scheme,
        )


def read_labelled(*paths: Path) -> Labelled:
    """JSONL files of {"text", "labels", "sources": [{"policy_id"}]}, one after the other.

    Raises:
        TrackerError: a file or line that cannot be read, or an unknown label; names the line.
    """
    texts, labels, policies = [], [], []
    for path, number, row in _rows(*paths):
        try:
            texts.append(str(row["text"]))
            labels.append([label in row["labels"] for label in LABELS12])
            policies.append(frozenset(int(source["policy_id"]) for source in row["sources"]))
        except (KeyError, TypeError, ValueError) as error:
            raise TrackerError(f"{path}:{number}: not a labelled segment ({error!r})") from error
        if unknown := set(row["labels"]) - set(LABELS12):
            raise TrackerError(f"{path}:{number}: unknown label {min(unknown)!r}")
    return Labelled(texts=texts, labels=np.array(labels, dtype=np.bool_), policies=policies)


def read_unlabelled(*paths: Path) -> list[str]:
    """What a classifier reads of the policies in JSONL(.gz) files, each wording once.

    A line holds Markdown under "text", or "old" and "new". Of two contexts that begin or end alike
    (successive versions of one paragraph) the first is kept.
    """
    seen: set[tuple[str, ...]] = set()
    kept = []
    for _, _, row in _rows(*paths):
        for key in _TEXT_KEYS:
            for part in segment(str(row.get(key, ""))):
                context = part.context
                words = tokens(context)
                ends = ("^", *words[:8]), ("$", *words[-8:])
                if len(words) in _WORDS and seen.isdisjoint(ends):
                    kept.append(context)
                    seen.update(ends)
    return kept


def _rows(*paths: Path) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    for path in paths:
        try:
            with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    yield path, number, json.loads(line)
        except (OSError, ValueError) as error:
            raise TrackerError(f"{path}: cannot be read as JSON lines: {error}") from error


def grouped_folds(
    policies: Sequence[frozenset[int]], count: int = 5, seed: int = 0
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Cross-validation by whole policies: (training rows, test rows) of each fold.

    A text that stands in several policies is tested with the first of them, and trains only where
    none of them is tested.
    """
    names = sorted(frozenset().union(*policies))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[i]: int(place) % count for place, i in enumerate(order)}
    tested = np.array([fold[min(own)] for own in policies])
    touched = [{fold[name] for name in own} for own in policies]
    return [
        (
            np.array([i for i, own in enumerate(touched) if f not in own], dtype=np.int64),
            np.flatnonzero(tested == f),
        )
        for f in range(count)
    ]
