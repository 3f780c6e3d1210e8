"""What a teacher thinks of unlabelled texts: kept by digest, learned from beside the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("scipy")

from scipy.sparse import csr_matrix

from tracker.classify import opinions
from tracker.classify.learning import ridge
from tracker.classify.opinions import Lessons
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ["We share data with partners.", "We keep logs for a year.", "Contact us by post."]


def kept(path: Path) -> Path:
    chances = np.array([[0.9, 0.1], [0.0, 1.0], [0.333, 0.5]])
    opinions.write(path, Lessons(texts=TEXTS, chances=chances))
    return path


def test_opinions_come_back_in_the_order_of_the_texts_asked_for(tmp_path: Path) -> None:
    file = kept(tmp_path / "opinions.npz")
    found = opinions.read(file, [TEXTS[2], "Nobody was asked about this.", TEXTS[0]], 2)
    assert found.texts == [TEXTS[2], TEXTS[0]]
    np.testing.assert_allclose(found.chances, [[0.333, 0.5], [0.9, 0.1]], atol=0.5 / 255)
    assert all(text.encode() not in file.read_bytes() for text in TEXTS)


def test_a_file_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    file = kept(tmp_path / "opinions.npz")
    with pytest.raises(TrackerError, match="not on 12 labels"):
        opinions.read(file, TEXTS, 12)
    with pytest.raises(TrackerError, match="no opinion on any of 1"):
        opinions.read(file, ["Nobody was asked about this."], 2)
    file.write_bytes(b"damaged")
    with pytest.raises(TrackerError, match="not a file of opinions"):
        opinions.read(file, TEXTS, 2)


def test_a_row_counts_by_its_weight_as_often_as_it_would_stand_there() -> None:
    generator = np.random.default_rng(0)
    words, near = generator.random((6, 4)), generator.random((6, 3))
    targets = generator.random((6, 2))
    often = np.array([3, 1, 1, 2, 1, 1])
    weighed = ridge(csr_matrix(words), near, targets, often.astype(np.float64))
    again = np.repeat(np.arange(6), often)
    repeated = ridge(csr_matrix(words[again]), near[again], targets[again], np.ones(len(again)))
    for one, other in zip(weighed, repeated, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
