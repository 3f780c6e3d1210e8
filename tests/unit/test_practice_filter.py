"""Practice categories by the names that people type, and comparisons cut down to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tracker.categories import CATEGORIES
from tracker.classify.own_model import train_own
from tracker.cli.compare import command
from tracker.comparison import compare
from tracker.errors import RequestError
from tracker.practice_filter import category_named, known_categories, restricted
from tracker.reports.folding import Fold, fold

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Data Retention", "Data Retention"),
        ("retention", "Data Retention"),
        ("data-retention", "Data Retention"),
        ("retentoin", "Data Retention"),
        ("third party", "Third Party Sharing/Collection"),
        ("sharing", "Third Party Sharing/Collection"),
        ("first", "First Party Collection/Use"),
        ("secur", "Data Security"),
        ("dnt", "Do Not Track"),
        ("OTHER", "Other"),
        ("access", "User Access, Edit and Deletion"),
        ("international", "International and Specific Audiences"),
    ],
)
def test_forgiving_names(typed: str, meant: str) -> None:
    assert category_named(typed) == meant


@pytest.mark.parametrize("typed", ["data", "user", "", "cheese", "party"])
def test_what_is_not_clear_is_refused_with_all_names(typed: str) -> None:
    with pytest.raises(RequestError) as refused:
        category_named(typed)
    assert all(name in str(refused.value) for name in CATEGORIES)


def test_restricted_to_one_category() -> None:
    comparison = compare(
        "# A\n\nWe keep it for a year.\n\nPasswords are hashed.\n\nThe end of it all.",
        "# A\n\nWe keep it for two years.\n\nPasswords are salted.\n\nThe end of it all.",
        classify=lambda segments: [
            ("Data Retention",) if "keep" in one.text else ("Data Security",) for one in segments
        ],
    )
    only = restricted(comparison, ["Data Retention"])
    assert [row["new"] for row in only["segments"]] == [1]
    assert (only["words_added"], only["words_removed"]) == (2, 2)
    assert restricted(comparison, []) == comparison
    folded = fold(comparison["segments"], only=["Data Retention"])
    assert str(folded[-1]) == "1 unchanged, 1 changed in other ways"
    assert [isinstance(row, Fold) for row in folded] == [False, False, True]


def test_categories_of_ones_own_model(tmp_path: Path) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        "\n".join(
            json.dumps({"text": f"{text} number {n}.", "categories": [name], "policy": f"p{n}"})
            for n in range(12)
            for text, name in (("We eat a ripe banana,", "Fruit"), ("A hammer and a saw,", "Tools"))
        )
        + '\n{"category": "Fruit"}\n{"category": "Tools"}\n'
    )
    train_own(labels, tmp_path / "model")
    assert known_categories(None) == CATEGORIES
    assert known_categories(tmp_path / "model") == ("Fruit", "Tools")
    config = tmp_path / "config.toml"
    config.write_text(f'[classifier]\nmodel = "{tmp_path / "model"}"\n')
    for name, fruit in (("old", "banana"), ("new", "mango")):
        (tmp_path / f"{name}.md").write_text(f"We eat a ripe {fruit}.\n\nA hammer and a saw.\n")
    run = [str(tmp_path / "old.md"), str(tmp_path / "new.md"), "--config", str(config)]
    shown = CliRunner().invoke(command, [*run, "--only", "fruits", "--format", "json"])
    assert json.loads(shown.stdout)["only"] == ["Fruit"]
    refused = CliRunner().invoke(command, [*run, "--only", "Data Retention"])
    assert isinstance(refused.exception, RequestError)
    assert "the categories are: Fruit; Tools" in str(refused.exception)
