"""The comparison document and the practices that changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tracker.comparison import Labels, change_practices, compare
from tracker.reports.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.segment import Segment

OLD = (
    "# Privacy\n\nWe collect your name and address.\n\nWe keep records for seven years.\n\n"
    "We never share anything with anybody at all.\n\nWrite to us with questions.\n"
)
NEW = (
    "# Privacy\n\nWe collect your name and address.\n\nWe keep records for ten years.\n\n"
    "Write to us with questions.\n\nCookies help us to count visitors.\n"
)


class Keywords:
    """A classifier by key words that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, segments: Sequence[Segment]) -> list[Labels]:
        self.asked.extend(segment.context for segment in segments)
        names = {
            "keep": "Data Retention",
            "collect": "First Party Collection/Use",
            "cookies": "First Party Collection/Use",
            "share": "Third Party Sharing/Collection",
        }
        return [
            tuple(dict.fromkeys(name for word, name in names.items() if word in part.text.lower()))
            for part in segments
        ]


def test_shape_of_the_document() -> None:
    document = compare(OLD, NEW)
    assert json.loads(json.dumps(document))["identical"] is False
    rows = document["segments"]
    assert [row["op"] for row in rows] == [
        "equal", "equal", "modified", "removed", "equal", "added",
    ]  # fmt: skip
    assert "".join(row["old_text"] for row in rows if row["old"] is not None) == OLD
    assert "".join(row["new_text"] for row in rows if row["new"] is not None) == NEW
    assert (document["words_added"], document["words_removed"]) == (7, 9)
    assert document["old"]["segments"] == 5


def test_only_what_changed_is_classified() -> None:
    classify = Keywords()
    document = compare(OLD, NEW, classify=classify)
    assert len(classify.asked) == 4
    assert document["segments"][1]["practices"] == []
    assert change_practices(document["segments"]) == [
        {"category": "First Party Collection/Use", "added": 1, "removed": 0, "modified": 0},
        {"category": "Third Party Sharing/Collection", "added": 0, "removed": 1, "modified": 0},
        {"category": "Data Retention", "added": 0, "removed": 0, "modified": 1},
    ]


def test_known_labels_are_carried_over() -> None:
    known: list[Labels] = [(), ("Data Security",), ("Data Retention",), ("Other",), ("Other",)]
    classify = Keywords()
    document = compare(OLD, NEW, classify=classify, old_practices=known)
    assert len(classify.asked) == 2
    assert document["segments"][1]["practices"] == ["Data Security"]
    assert document["segments"][3]["practices"] == ["Other"]


def test_a_moved_passage_changes_no_practice() -> None:
    paragraphs = [paragraph for paragraph in OLD.split("\n\n") if not paragraph.startswith("#")]
    moved = "\n\n".join([*paragraphs[1:], paragraphs[0]])
    document = compare("\n\n".join(paragraphs), moved, classify=Keywords())
    assert "moved" in [row["op"] for row in document["segments"]]
    assert change_practices(document["segments"]) == []


def test_a_short_passage_that_went_here_and_came_there_changes_no_practice() -> None:
    body = [f"Paragraph number {n} says something of its own about {n}." for n in range(6)]
    old, new = ["We share.", *body], [*body, "**We share.**"]
    document = compare("\n\n".join(old), "\n\n".join(new), classify=Keywords())
    assert change_practices(document["segments"]) == []


def test_a_statement_that_changes_its_category_says_so() -> None:
    old = "We keep records of your name for years, as the law has it.\n"
    new = "We share records of your name for years, as the law has it.\n"
    document = compare(old, new, classify=Keywords())
    [row] = document["segments"]
    assert row["practices"] == ["Third Party Sharing/Collection"]
    assert row["practices_before"] == ["Data Retention"]
    assert change_practices([row]) == [
        {
            "category": "Third Party Sharing/Collection",
            "added": 0, "removed": 0, "modified": 1, "gained": 1,
        },
        {"category": "Data Retention", "added": 0, "removed": 0, "modified": 1, "lost": 1},
    ]  # fmt: skip
    assert tags_of(row) == "Third Party Sharing/Collection, was Data Retention"


def test_formatting_is_identical() -> None:
    document = compare(
        OLD, OLD.replace("# Privacy", "Privacy\n=======").replace("name", "**name**")
    )
    assert document["identical"]
    assert change_practices(document["segments"]) == []


def test_labels_must_fit_the_segments() -> None:
    with pytest.raises(ValueError, match="1 labels for 5 old segments"):
        compare(OLD, NEW, old_practices=[()])
