"""What a lawyer looks for first stands out whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.comparison import compare
from tracker.diff.telling import expressions

TEXTS = st.lists(
    st.sampled_from(
        ["may", "not", "30", "days", "May", "25,", "2018", "$5", "%", "(", "don’t", "x", "1.5", "."]
    ),
    max_size=20,
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We may not keep it", [("may not", "negation")]),
        ("You don’t pay, cannot lose", [("don’t", "negation"), ("cannot", "negation")]),
        ("for thirty (30) days", [("thirty (30) days", "period")]),
        (
            "90 calendar days and 13 months",
            [("90 calendar days", "period"), ("13 months", "period")],
        ),
        ("from May 25, 2018 on", [("May 25, 2018", "date")]),
        ("up to $1,000.50 or 4 %", [("$1,000.50", "amount"), ("4 %", "amount")]),
        ("You must be 16", [("must", "modal"), ("16", "number")]),
        ("you are required to tell us", [("are required to", "modal")]),
        ("wir dürfen nicht", [("dürfen", "modal"), ("nicht", "negation")]),
        ("nous pouvons, sans accord", [("pouvons", "modal"), ("sans", "negation")]),
        ("the Mayor's cannonade of v2.0rc", []),
    ],
)
def test_expressions_are_whole(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(text[a:b], kind.value) for a, b, kind in expressions(text)] == expected


@settings(deadline=None)
@given(TEXTS)
def test_expressions_are_in_order_and_do_not_overlap(text: str) -> None:
    places = [place for start, end, _ in expressions(text) for place in (start, end)]
    assert places == sorted(places)


def test_only_what_a_change_touches_is_highlighted() -> None:
    (row,) = compare(
        "We may share data after June 1, 2019 and must pay $5.",
        "We will not share data after July 1, 2019 and must pay $5.",
    )["segments"]
    assert [(one["side"], one["text"], one["kind"]) for one in row["highlights"]] == [
        ("old", "may", "modal"),
        ("old", "June 1, 2019", "date"),
        ("new", "will not", "negation"),
        ("new", "July 1, 2019", "date"),
    ]
    for one in row["highlights"]:
        text = row["old_text"] if one["side"] == "old" else row["new_text"]
        assert text[one["start"] : one["end"]] == one["text"]
