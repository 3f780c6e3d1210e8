"""What comes first in the queue, and what comes last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.records import Change, PracticeCount
from tests.unit.test_storage_reviews import START
from tracker.comparison import compare
from tracker.materiality import estimate, materiality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.comparison import Labels
    from tracker.materiality import Materiality
    from tracker.segment import Segment

SHARING = "Third Party Sharing/Collection"
RETENTION = "Data Retention"
TEXT = """# Privacy

We share your name with our partners. They may use it to reach you.

We keep your data for 30 days and then delete it, but for what the law asks of us.

Write to us at 1 High Street, call 1-800-555-1234 or mail privacy@example.com.

- apples
- pears
- plums
"""


def weigh(new: str, *, silent: bool = False, kind: str = "wording") -> Materiality:
    def classify(segments: Sequence[Segment]) -> list[Labels]:
        return [of(segment.text) for segment in segments]

    def of(text: str) -> Labels:
        if "share" in text or "sell" in text:
            return (SHARING, "Other")
        return (RETENTION,) if "keep" in text else ("Other",)

    rows = compare(TEXT, new, classify=classify)["segments"]
    return materiality(rows, silent=silent, kind=kind, words=1000)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("partners", "partnerrs"),
        ("1-800-555-1234", "1-800-555-9999"),
        ("1 High Street", "2 High Street"),
        ("privacy@example.com", "legal@example.com"),
        ("- apples\n- pears\n- plums", "- plums\n- apples\n- pears"),
        ("your name with our partners", "with our partners your name"),
    ],
)
def test_what_changes_no_practice_comes_last(old: str, new: str) -> None:
    assert old in TEXT
    assert weigh(TEXT.replace(old, new)).score <= 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("We share", "We do not share", "negation added: “do not”"),
        ("30 days", "90 days", "period changed: “30 days” → “90 days”"),
        ("We share", "We share and sell", "selling: first mentioned"),
        ("They may use", "They will use", "modal changed: “may” → “will”"),
    ],
)
def test_few_words_that_turn_a_practice_say_so(old: str, new: str, reason: str) -> None:
    found = weigh(TEXT.replace(old, new))
    assert reason in found.reasons
    assert 4 <= found.score <= 35


def test_practices_weigh_more_than_contact_and_more_words_more_than_few() -> None:
    added = "of the most diverse kind and for whatever else we may come to think of one day"
    few = weigh(TEXT.replace("partners", "partners of all kinds")).score
    contact = weigh(TEXT.replace("Street", f"Street {added}")).score
    retention = weigh(TEXT.replace("30 days", f"30 days {added}")).score
    sharing = weigh(TEXT.replace("partners", f"partners {added}")).score
    assert few < contact < retention < sharing
    assert weigh(TEXT * 20).score <= 100


def test_silence_weighs_only_with_what_was_silent_about() -> None:
    new = TEXT.replace("partners", "partners and whoever else may ask us for it")
    loud, quiet = weigh(new), weigh(new, silent=True)
    assert loud.score < quiet.score < 2 * loud.score
    assert "silent: the date that the policy states did not move" in quiet.reasons
    assert weigh(TEXT.replace("partners", "partnerrs"), silent=True).score <= 1


def test_a_text_without_categories_is_weighed_by_its_words() -> None:
    rows = compare(TEXT, TEXT.replace("partners", "Partnern und anderen, die fragen"))["segments"]
    found = materiality(rows, silent=False, kind="wording", words=100)
    assert found.score > 0
    assert found.reasons[0].startswith("statements: 1 reworded")


def test_a_moved_passage_alone_is_no_practice() -> None:
    found = weigh(TEXT, kind="order")
    assert found.score == 0
    assert found.reasons == ("the same passages in another order",)


def test_counts_alone_give_an_estimate_in_the_same_order() -> None:
    def change(category: str, words: int) -> Change:
        return Change(
            old_number=1,
            new_number=2,
            after=START,
            before=START,
            silent=False,
            words_added=words,
            words_removed=0,
            practices=(PracticeCount(category=category, modified=1),) if category else (),
        )

    scores = [
        estimate(change(category, words)).score
        for category, words in [("Other", 5), ("Other", 90), (RETENTION, 90), (SHARING, 200)]
    ]
    assert scores == sorted(scores)
    assert scores[0] < 2
    assert scores[-1] > 50
    assert estimate(change("", 0)).score == 0
