"""Floors of the classifier on OPP-115, by models that never saw what they are scored on.

The weights that ship saw train and validation, so their own figures would say nothing: the gate
trains anew (seconds), by whole policies and on the training split alone. The latent space that
ships is used as it is: it was fitted to other policies, without labels.
"""

from __future__ import annotations

import gzip
import hashlib
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")

from tracker.classify import opinions
from tracker.classify.corpus import PARTS, read_labelled, read_unlabelled
from tracker.classify.learning import classifier, f1, folded, unseen_choices, unseen_margins
from tracker.classify.model import DEFAULT, default_space
from tracker.classify.train import main, train

OPINIONS = Path(__file__).parents[2] / "training" / "opinions.npz"

pytestmark = pytest.mark.quality


@pytest.fixture(scope="module")
def files(shared: Path) -> tuple[Path, Path]:
    folder = shared / "opp115" / "majority"
    if not folder.exists():
        pytest.skip("no ../shared/opp115 beside the checkout")
    return folder / "train.jsonl", folder / "validation.jsonl"


def test_on_policies_not_seen(files: tuple[Path, Path]) -> None:
    data = read_labelled(*files)
    twelve, ten = unseen_choices(unseen_margins(data, default_space()), data)
    micro, macro = f1(twelve, data.labels)
    assert micro >= 80.4
    assert macro >= 75.3
    micro, macro = f1(ten, folded(data.labels) > 0)
    assert micro >= 81.3
    assert macro >= 79.7


@pytest.fixture(scope="module")
def unlabelled(shared: Path) -> list[Path]:
    return [shared / "longitudinal/versions.jsonl.gz", shared / "pairs/pairs.jsonl.gz"]


def test_on_the_standard_validation_split(files: tuple[Path, Path], unlabelled: list[Path]) -> None:
    first, second = map(read_labelled, files)
    lessons = opinions.read(OPINIONS, read_unlabelled(*unlabelled), len(PARTS))
    model = classifier(*train(first, default_space(), lessons))
    named = model.named12(model.scores12(second.texts))
    chosen = np.array([[label in names for label in model.labels12] for names in named])
    micro, macro = f1(chosen, second.labels)
    assert micro >= 82.0
    assert macro >= 77.0


def test_training_is_reproducible(
    files: tuple[Path, Path], unlabelled: list[Path], tmp_path: Path
) -> None:
    corpus, policies = tmp_path / "corpus", tmp_path / "policies.jsonl"
    (corpus / "majority").mkdir(parents=True)
    for file in files:
        rows = file.read_bytes().splitlines(keepends=True)[:200]
        (corpus / "majority" / file.name).write_bytes(b"".join(rows))
    with gzip.open(unlabelled[1]) as lines:
        policies.write_bytes(b"".join(islice(lines, 12)))
    taught = tmp_path / "opinions.npz"
    texts = read_unlabelled(policies)
    chances = np.random.default_rng(0).random((len(texts), len(PARTS)))
    opinions.write(taught, opinions.Lessons(texts=texts, chances=chances))
    command = [str(corpus), "--unlabelled", str(policies), "--opinions", str(taught), "--out"]
    digests = []
    for name in ("one", "two"):
        assert main([*command, str(tmp_path / name)]) == 0
        digests.append(
            [
                hashlib.sha256((tmp_path / name / file).read_bytes()).hexdigest()
                for file in ("weights.npz", "meta.json")
            ]
        )
    assert digests[0] == digests[1]
    assert {path.name for path in DEFAULT.iterdir()} == {"weights.npz", "meta.json", "card.md"}
