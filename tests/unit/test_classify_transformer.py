"""A model with a network: read from its folder, one text at a time, refused where it is damaged.

The network is a tiny one with MiniLM's way in and out; what a trained one is worth is in its card.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
import pytest
import tokenizers

pytest.importorskip("onnxruntime")
pytest.importorskip("scipy")

from tracker.classify.corpus import LABELS12
from tracker.classify.model import DEFAULT, load
from tracker.classify.transformer.mixing import mixed
from tracker.classify.transformer.scorer import doubtful
from tracker.classify.transformer.tokens import LONGEST, pieces, tokenizer_of
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TEXTS = [
    "We share your personal data with advertising partners.",
    "",
    "You may opt out of our newsletter at any time.",
    "We retain your data for 12 months after you close the account.",
]
SECURITY = LABELS12.index("Data Security")


def network(rows: NDArray[np.float32]) -> bytes:
    """ONNX: the mean of a row for each token, as a fine-tuned network sums up its tokens."""
    helper = onnx.helper
    numbers, floats = onnx.TensorProto.INT64, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["rows", "tokens"], ["each"]),
            helper.make_node("ReduceMean", ["each"], ["margins"], axes=[1], keepdims=0),
        ],
        "tiny",
        [helper.make_tensor_value_info("tokens", numbers, [1, "length"])],
        [helper.make_tensor_value_info("margins", floats, [1, rows.shape[1]])],
        [onnx.numpy_helper.from_array(rows, "rows")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    content: bytes = model.SerializeToString()
    return content


def tokenizer() -> bytes:
    words = {word: i for i, word in enumerate(["[UNK]", "partners", "newsletter", "months"])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token=next(iter(words))))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return str(made.to_str()).encode()


def folder(tmp_path: Path, *, of_network: float = 1.0, doubt: float = 99.0, **changed: Any) -> Path:
    """The model that ships with a network that says Data Security at "partners"."""
    rows = np.zeros((4, len(LABELS12)), dtype=np.float32)
    rows[1, SECURITY] = 50.0
    content, words = network(rows), tokenizer()
    meta = json.loads((DEFAULT / "meta.json").read_bytes())
    meta |= {
        "format": 4,
        "words_slope": meta["slope"],
        "words_offset": meta["offset"],
        "slope": [1.0] * len(LABELS12),
        "offset": [0.0] * len(LABELS12),
        "of_words": 1.0,
        "of_network": of_network,
        "doubt": doubt,
        "network_sha256": hashlib.sha256(content).hexdigest(),
        "tokenizer_sha256": hashlib.sha256(words).hexdigest(),
        **changed,
    }
    (tmp_path / "weights.npz").write_bytes((DEFAULT / "weights.npz").read_bytes())
    (tmp_path / "network.onnx").write_bytes(content)
    (tmp_path / "tokenizer.json").write_bytes(words)
    (tmp_path / "meta.json").write_text(json.dumps(meta))
    return tmp_path


def test_the_network_counts_beside_the_words(tmp_path: Path) -> None:
    both, alone = load(folder(tmp_path)), load()
    assert both.categories(TEXTS)[0] != alone.categories(TEXTS)[0]
    assert "Data Security" in both.categories(TEXTS)[0]
    assert both.categories(TEXTS)[1:] == alone.categories(TEXTS)[1:]
    assert both.version != alone.version


def test_scores_do_not_depend_on_the_batch(tmp_path: Path) -> None:
    model = load(folder(tmp_path))
    together = model.scores12(TEXTS)
    np.testing.assert_array_equal(together, [model.scores12([one])[0] for one in TEXTS])


def test_a_network_that_counts_for_nothing_changes_nothing(tmp_path: Path) -> None:
    model = load(folder(tmp_path, of_network=0.0))
    np.testing.assert_allclose(model.scores12(TEXTS), load().scores12(TEXTS))


def test_the_network_is_asked_only_where_the_words_leave_a_doubt(tmp_path: Path) -> None:
    model, words = load(folder(tmp_path, doubt=1e-9)), load()
    assert len(words.categories(TEXTS)[0]) > 0
    np.testing.assert_allclose(model.scores12(TEXTS), words.scores12(TEXTS))
    limits, odds = np.array([0.0, 1.0]), np.array([[2.0, -2.0], [0.5, -2.0], [-2.0, -2.0]])
    assert doubtful(odds, limits, 1.0).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("network.onnx", b"damaged", "network.onnx: damaged"),
        ("tokenizer.json", b"{}", "tokenizer.json: damaged"),
        ("network.onnx", None, "no classifier"),
    ],
)
def test_a_damaged_model_is_named(
    tmp_path: Path, file: str, content: bytes | None, said: str
) -> None:
    path = folder(tmp_path)
    (path / file).unlink()
    if content is not None:
        (path / file).write_bytes(content)
    with pytest.raises(TrackerError, match=said):
        load(path)


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_what_is_no_network_is_refused(tmp_path: Path, content: bytes) -> None:
    path = folder(tmp_path, network_sha256=hashlib.sha256(content).hexdigest())
    (path / "network.onnx").write_bytes(content)
    with pytest.raises(TrackerError, match="not a model's network"):
        load(path)


def test_a_label_without_a_weight_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="words_slope: a value is missing"):
        load(folder(tmp_path, words_slope=[1.0]))


def test_a_long_text_is_cut_and_an_empty_one_is_none() -> None:
    own = tokenizer_of(tokenizer())
    assert [len(one) for one in pieces(own, ["months " * 100_000, ""])] == [LONGEST, 0]


def test_the_mixture_prefers_the_margins_that_are_right() -> None:
    generator = np.random.default_rng(0)
    labels = generator.random((400, 2)) < 0.3
    signal = labels * 2.0 - 1.0 + generator.normal(0, 0.4, labels.shape)
    noise = generator.normal(0, 1.0, labels.shape)
    words, network = mixed(noise, signal, labels)
    assert words < 0.1 < network
    assert mixed(signal, noise, labels) == (network, words)
