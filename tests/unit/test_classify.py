"""The classifier that ships: what it reads, what it refuses, how a broken model is told."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tracker.categories import CATEGORIES
from tracker.classify.features import (
    BEGINNING,
    beginnings,
    extract,
    features_of,
    hashes,
    tokens,
)
from tracker.classify.latent import exact, similarities
from tracker.classify.model import DEFAULT, Classifier, decide, default_space, load
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load()


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("We share your personal data with advertising partners.", CATEGORIES[1]),
        ("You may opt out of our newsletter at any time.", CATEGORIES[2]),
        ("We retain your data for 12 months after you close the account.", CATEGORIES[4]),
        ("All transmissions are protected by SSL encryption and firewalls.", CATEGORIES[5]),
        ("We will post changes to this privacy policy on this page.", CATEGORIES[6]),
        ("Our site does not respond to Do Not Track signals.", CATEGORIES[7]),
        ("We do not knowingly collect data from children under 13.", CATEGORIES[8]),
    ],
)
def test_a_plain_statement_is_given_its_category(
    classifier: Classifier, text: str, category: str
) -> None:
    assert category in classifier.categories([text])[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "1",
        "🎉🎉",
        "我们收集您的个人信息",
        "Мы собираем ваши данные",
        "Wir verwenden Cookies, um Ihre personenbezogenen Daten zu verarbeiten.",
        "Usamos cookies para recopilar sus datos personales e información de contacto.",
        "qwxz vvkp zzqj",
    ],
)
def test_what_it_cannot_read_has_no_category(classifier: Classifier, text: str) -> None:
    assert classifier.categories([text]) == [()]
    assert not classifier.scores([text]).any()


def test_scores_do_not_depend_on_the_batch(classifier: Classifier) -> None:
    texts = ["", "We use cookies.", "You can delete your account.", "", "x"] * 300
    together = classifier.scores(texts)
    assert together.shape == (1500, 10)
    assert ((together >= 0) & (together <= 1)).all()
    np.testing.assert_array_equal(together[:5], [classifier.scores([t])[0] for t in texts[:5]])
    np.testing.assert_array_equal(together[-5:], together[:5])
    assert classifier.scores([]).shape == (0, 10)
    assert classifier.categories([]) == []


def test_no_sum_depends_on_its_neighbours(classifier: Classifier) -> None:
    sentence = "We may share what you tell us with partners who help us to run this site. "
    texts = [sentence[i % 40 :] * (1 + i % 7) + f"Part {'abcdefg'[i % 7]}" for i in range(700)]
    together, order = classifier.scores(texts), np.random.default_rng(0).permutation(700)
    np.testing.assert_array_equal(classifier.scores([texts[i] for i in order]), together[order])
    np.testing.assert_array_equal(classifier.scores(texts[333:334]), together[333:334])


def test_a_text_lies_where_its_own_words_are() -> None:
    texts = ["", "Cookies and pixels are placed by ad networks.", "zzqj", "You may delete it."]
    rows, features = extract(texts)
    space = default_space()
    points = space.points(rows, features, len(texts))
    alone = space.points(*extract(texts[3:]), 1)
    assert not points[[0, 2]].any()
    np.testing.assert_array_equal(points[3], alone[0])
    np.testing.assert_allclose(np.linalg.norm(points[[1, 3]], axis=1), 127, atol=3)
    places = points.astype(np.int8)
    similar = exact(similarities(points, places))
    np.testing.assert_allclose(np.diag(similar)[[1, 3]], 1, atol=0.05)
    assert 0.1 < similar[1, 3] == similar[3, 1] < 1


def test_a_beginning_is_the_first_words_of_each_text() -> None:
    long = " ".join(f"word{'abcdefghijklmnopqrst'[i]}" for i in range(20))
    texts = ["one two", "", long, "three"]
    kept = features_of(*beginnings(*hashes(texts)))
    cut = ["one two", "", " ".join(long.split()[:BEGINNING]), "three"]
    np.testing.assert_array_equal(kept, extract(cut))


def test_other_is_as_likely_as_its_likeliest_part(classifier: Classifier) -> None:
    texts = ["Please contact us at privacy@example.com if you have any questions."]
    parts = dict(zip(classifier.labels12, classifier.scores12(texts)[0], strict=True))
    whole = dict(zip(CATEGORIES, classifier.scores(texts)[0], strict=True))
    assert whole["Other"] == parts["Privacy contact information"] > 0.5
    assert "Privacy contact information" in classifier.named12(classifier.scores12(texts))[0]


def test_a_heading_is_read_once(classifier: Classifier) -> None:
    text, heading = "We keep it for two years.", "Retention of data"
    beside = classifier.scores([text], [heading])
    np.testing.assert_array_equal(beside, classifier.scores([f"{heading} {text}"]))
    np.testing.assert_array_equal(beside, classifier.scores([f"{heading} {text}"], [heading]))
    assert not classifier.scores([""], [heading]).any()


def test_quotes_case_and_numbers_are_folded() -> None:
    assert tokens("The User’s E-MAIL") == tokens("the users e-mail")
    assert tokens("write to a.b@example.com") == ["write", "to", "zzmail"]
    assert tokens("covid19 A_b-c é 4x") == [*tokens("covid19 A_b-c"), "é", "4", "x"]
    assert tokens("covid19 A_b-c") == ["covid", "19", "a", "b", "c"]
    assert tokens("see https://example.com/a?b=1 now") == ["see", "zzurl", "now"]
    same = extract(["since 2019 the user's data"])[1], extract(["SINCE 2024 the users data"])[1]
    np.testing.assert_array_equal(*same)
    assert set(extract(["under 13"])[1]) != set(extract(["under 14"])[1])


@pytest.mark.parametrize(
    "text", ["word another third " * 33_334, "x@" * 200_000, "@" * 400_000, "a" * 1_000_000]
)
def test_a_huge_text_takes_bounded_time(classifier: Classifier, text: str) -> None:
    start = time.process_time()
    classifier.scores([text])
    assert time.process_time() - start < 3


def test_the_nearest_label_counts_only_above_the_floor() -> None:
    scores = np.array([[0.3, 0.1], [0.1, 0.05], [0.6, 0.5]])
    chosen = decide(scores, np.array([0.4, 0.4]), 0.2)
    assert chosen.tolist() == [[True, False], [False, False], [True, True]]


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match=r"no classifier in .*nowhere"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("weights.npz", b"", r"weights\.npz: damaged"),
        ("meta.json", b"{", r"meta\.json: not a model"),
        ("meta.json", b"[]", r"meta\.json: not a model"),
        ("meta.json", b'{"format": 2}', r"meta\.json: not a model"),
        ("meta.json", b"\xff\xfe", r"meta\.json: not a model"),
        ("meta.json", b'{"format": 1}', r"meta\.json: a model of format 1, this release reads 2"),
    ],
)
def test_a_broken_model_is_named(tmp_path: Path, file: str, content: bytes, message: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(DEFAULT, folder)
    assert load(folder).version == load().version
    (folder / file).write_bytes(content)
    with pytest.raises(TrackerError, match=message):
        load(folder)


def test_landmarks_that_fit_no_space_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(DEFAULT, folder)
    with np.load(folder / "weights.npz") as arrays:
        parts = dict(arrays) | {"landmarks": arrays["landmarks"][:, 1:]}
    np.savez_compressed(folder / "weights.npz", allow_pickle=False, **parts)
    meta = json.loads((folder / "meta.json").read_text())
    meta["weights_sha256"] = hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()
    (folder / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(TrackerError, match=r"weights\.npz: not a model's weights"):
        load(folder)


def test_too_few_unlabelled_texts_are_refused() -> None:
    pytest.importorskip("scipy")
    from tracker.classify.landmarks import latent_space

    with pytest.raises(TrackerError, match=r"2 unlabelled texts .* are too few"):
        latent_space(["We use cookies.", "We use cookies on our site."])


def test_it_ships_small_and_needs_no_training_library() -> None:
    assert (DEFAULT / "weights.npz").stat().st_size <= 1_000_000
    code = (
        "import sys; from tracker.classify.model import load; load();"
        "print(sorted({'sklearn', 'scipy', 'scrapy', 'sqlalchemy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
