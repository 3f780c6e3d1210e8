"""Two columns: every text has its place on both sides, what moved links to itself."""

from __future__ import annotations

from tracker.comparison import compare
from tracker.reports.folding import Fold
from tracker.web.pairs import Pair, folded, side_by_side

PARTS = [
    "We keep your address for ten months after you close your account.",
    "Advertisers receive the pages that you looked at.",
    "Passwords are stored as salted hashes on our own machines.",
    "Children under thirteen may not open an account here.",
    "You can ask for a copy of everything that we know of you.",
]


def text(*parts: str) -> str:
    return "\n\n".join(parts)


def test_what_moved_stands_on_both_sides_and_links_to_itself() -> None:
    one, two, three, four, five = PARTS
    rows = compare(text(one, two, three, four, five), text(one, four, two, three, five))["segments"]
    pairs = side_by_side(rows)
    moved = [pair for pair in pairs if pair.row["op"] == "moved"]
    by_key = {pair.key: pair for pair in pairs}
    assert len(moved) == 2
    assert all(pair.other and by_key[pair.other].other == pair.key for pair in moved)
    assert {(pair.left, pair.right) for pair in moved} == {(True, False), (False, True)}


def test_each_column_reads_as_its_text() -> None:
    one, two, three, four, five = PARTS
    old = text(one, two, three, four, five, "The end of the old text stands here.")
    new = text(
        five, "Something new that nobody wrote before.", one, three, four.replace("13", "16")
    )
    pairs = side_by_side(compare(old, new)["segments"])
    left = [pair.row["old_text"] for pair in pairs if pair.left]
    right = [pair.row["new_text"] for pair in pairs if pair.right]
    assert "".join(left) == old
    assert "".join(right) == new


def test_all_that_moved_may_stand_at_the_end() -> None:
    one, two, three, *_ = PARTS
    pairs = side_by_side(compare(text(one, two, three), text(three, one, two))["segments"])
    left = [pair.row["old_text"].strip() for pair in pairs if pair.left]
    assert left == [one, two, three]


def test_folding_keeps_what_changed_and_counts_the_rest() -> None:
    many = [f"Paragraph number {n} speaks of a matter of its own, as {n} do." for n in range(20)]
    edited = [*many[:10], many[10].replace("matter", "thing"), *many[11:]]
    shown = folded(compare(text(*many), text(*edited))["segments"], 2)
    folds = [item for item in shown if isinstance(item, Fold)]
    assert [fold.segments for fold in folds] == [8, 7]
    assert sum(isinstance(item, Pair) and item.changed for item in shown) == 1
