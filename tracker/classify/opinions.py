"""What a slow model thinks of unlabelled texts, kept so that fast ones can learn from it.

A model that learns from another's probabilities learns more than the labels say: which texts are
doubtful, and words that no labelled text has (Hinton, Vinyals and Dean 2015).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_STEPS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Unlabelled texts, and the probability of each label (n, L) in a teacher's opinion."""

    texts: list[str]
    chances: NDArray[np.float64]


def write(path: Path, lessons: Lessons) -> None:
    """Keep opinions in a file without the texts: by digest, in steps of 1/255."""
    digests = np.array([_digest(text) for text in lessons.texts], dtype=np.uint64)
    order = np.argsort(digests, kind="stable")
    steps = np.rint(lessons.chances[order] * _STEPS).astype(np.uint8)
    content = io.BytesIO()
    np.savez_compressed(content, digests=digests[order], steps=steps)
    path.write_bytes(content.getvalue())


def read(path: Path, texts: Sequence[str], labels: int) -> Lessons:
    """What is thought of those among `texts` that the file knows, in their order.

    Raises:
        TrackerError: no file of opinions on so many labels, or on none of these texts.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            digests, steps = arrays["digests"], arrays["steps"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise TrackerError(f"{path}: not a file of opinions ({error})") from error
    if steps.shape != (len(digests), labels):
        raise TrackerError(f"{path}: opinions of shape {steps.shape}, not on {labels} labels")
    places = {int(digest): place for place, digest in enumerate(digests)}
    known = [text for text in texts if _digest(text) in places]
    if not known:
        raise TrackerError(f"{path}: holds no opinion on any of {len(texts)} unlabelled texts")
    chosen = steps[[places[_digest(text)] for text in known]]
    return Lessons(texts=known, chances=chosen.astype(np.float64) / _STEPS)


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
