"""A classifier of one's own: labels read with care, a model installed whole or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("scipy")

from tracker.classify.model import load
from tracker.classify.own_labels import LabelsError, read_own
from tracker.classify.own_model import train_own
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path

FRUIT = ("apple", "pear", "plum", "cherry", "grape", "melon", "fig", "lemon", "peach", "date")


def written(tmp_path: Path, *rows: dict[str, Any] | str) -> Path:
    path = tmp_path / "labels.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def fruit_and_tools(tmp_path: Path) -> Path:
    return written(
        tmp_path,
        {"category": "Fruit", "description": "what grows", "examples": ["We eat a ripe banana."]},
        {"category": "Tools"},
        *(
            row
            for number, name in enumerate(FRUIT)
            for row in (
                {"text": f"We eat a sweet ripe {name} daily.", "categories": ["Fruit"]},
                {
                    "text": f"Hammer number {number} and a saw are kept here.",
                    "categories": ["Tools"],
                    "policy": f"shop {number}",
                },
            )
        ),
    )


def test_every_line_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"category": "Fruit"},
        {"text": "An apple.", "categories": ["Fruits"]},
        "{broken",
        "[1]",
        {"text": " ", "categories": ["Fruit"]},
        {"text": "A pear."},
        {"text": "A plum.", "categories": "Fruit"},
        {"category": "Fruit"},
    )
    with pytest.raises(LabelsError, match="7 lines cannot be used; nothing was trained") as caught:
        read_own(path)
    numbers = [problem.split(":")[0] for problem in caught.value.problems]
    assert numbers == [f"line {number}" for number in range(2, 9)]
    assert caught.value.problems[0] == (
        "line 2: unknown category 'Fruits'; did you mean 'Fruit'? Else define it in a line of its"
        ' own: {"category": "Fruits"}'
    )


def test_too_little_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="too few to learn from"):
        read_own(written(tmp_path, {"text": "An apple.", "categories": ["Data Security"]}))


def test_the_names_of_opp115_need_no_definition(tmp_path: Path) -> None:
    rows = [{"text": f"Locks, number {n}.", "labels": ["Data Security"]} for n in range(20)]
    data = read_own(written(tmp_path, *rows))
    assert list(data.scheme.categories) == ["Data Security"]


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "fruit"
    version = train_own(fruit_and_tools(tmp_path), folder, licence="CC0")
    model = load(folder)
    assert model.version == version
    assert model.names == ("Fruit", "Tools")
    scores = model.scores(["We eat a ripe mango.", "A hammer and a saw."])
    assert scores.argmax(axis=1).tolist() == [0, 1]
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert "CC0" in card
    assert "| Fruit | 11 |" in card
    before = [(folder / name).read_bytes() for name in ("weights.npz", "meta.json")]
    assert train_own(tmp_path / "labels.jsonl", folder) == version
    assert [(folder / name).read_bytes() for name in ("weights.npz", "meta.json")] == before
    assert [path.name for path in folder.parent.iterdir()] == ["fruit"]


def test_what_stands_there_is_kept_where_training_fails(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    version = train_own(fruit_and_tools(tmp_path), folder)
    with pytest.raises(LabelsError):
        train_own(written(tmp_path, "{"), folder)
    assert load(folder).version == version
    other = tmp_path / "photos"
    other.mkdir()
    (other / "me.jpg").touch()
    with pytest.raises(TrackerError, match="holds no model"):
        train_own(fruit_and_tools(tmp_path), other)
