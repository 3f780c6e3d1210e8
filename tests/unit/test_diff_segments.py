"""Versions compared segment by segment: exact, symmetric, with moves, splits and joins."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.diff.segments import Diff, Op, Row, diff
from tracker.diff.words import Ignore
from tracker.segment import segment

COLLECT = "We collect the name and the address that you give us when you open an account."
SHARE = "Partners who deliver your orders learn where you live, and nothing else about you."
KEEP = "Records of payments are kept for seven years, because tax law says so."
RIGHTS = "You can ask us at any time what we hold about you, and have it erased."
COOKIES = "Cookies remember your basket between visits; you may refuse them."
SECURITY = "Passwords are hashed, connections encrypted, and backups locked away."
ALL = (COLLECT, SHARE, KEEP, RIGHTS, COOKIES, SECURITY)

BLOCKS = st.lists(
    st.sampled_from([*ALL, "# Data", "- item", "- item", "| a | b |", "---", COLLECT[:40], "再生"]),
    max_size=12,
).map("\n\n".join)


def compare(old: str, new: str) -> Diff:
    return diff(segment(old), segment(new))


def page(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


def changed(result: Diff) -> list[Row]:
    return [row for row in result.rows if row.op is not Op.EQUAL]


def spans(result: Diff) -> set[tuple[tuple[int | None, ...], tuple[int | None, ...]]]:
    return {((row.old, row.old_end), (row.new, row.new_end)) for row in result.rows}


def assert_exact(result: Diff, old: str, new: str) -> None:
    left = sorted((row for row in result.rows if row.old is not None), key=lambda row: row.old or 0)
    right = [row for row in result.rows if row.new is not None]
    assert "".join(row.old_text for row in left) == old
    assert "".join(row.new_text for row in right) == new
    for row in result.rows:
        assert "".join(text for op, text in row.words if op >= 0) == row.new_text
        if row.op is not Op.EQUAL:
            assert "".join(text for op, text in row.words if op <= 0) == row.old_text


@settings(deadline=None)
@given(BLOCKS | st.text(max_size=60), BLOCKS | st.text(max_size=60))
def test_exact_in_both_directions(old: str, new: str) -> None:
    assert_exact(compare(old, new), old, new)


@settings(deadline=None)
@given(BLOCKS | st.text(max_size=60))
def test_a_text_is_identical_to_itself(text: str) -> None:
    result = compare(text, text)
    assert result.identical
    assert not changed(result)


@settings(deadline=None)
@given(BLOCKS, BLOCKS)
def test_swapping_swaps_what_is_added_and_removed(old: str, new: str) -> None:
    there, back = compare(old, new), compare(new, old)
    assert (there.words_added, there.words_removed) == (back.words_removed, back.words_added)
    assert spans(there) == {(new, old) for old, new in spans(back)}
    assert there.identical == back.identical


@settings(deadline=None)
@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=6, unique=True), st.data())
def test_a_text_that_is_only_split_keeps_its_words(texts: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(texts) - 1))
    words = texts[at].split(" ")
    middle = data.draw(st.integers(3, len(words) - 3))
    halves = [" ".join(words[:middle]), " ".join(words[middle:])]
    result = compare(page(*texts), page(*texts[:at], *halves, *texts[at + 1 :]))
    assert (result.words_added, result.words_removed) == (0, 0)


@pytest.mark.parametrize(
    ("ignore", "changed_words"),
    [
        (set(), (5, 5)),
        ({Ignore.DATES}, (1, 1)),
        ({Ignore.CASE, Ignore.FORMATTING}, (5, 5)),
        (set(Ignore), (1, 1)),
    ],
)
def test_what_is_ignored_is_neither_counted_nor_marked(
    ignore: set[Ignore], changed_words: tuple[int, int]
) -> None:
    old = "Updated: May 25, 2018\n\nWe **may** keep your Data here until 2018-05-25."
    new = "Updated: June 1, 2019\n\nWe may keep your data there until 2019-06-01."
    result = diff(segment(old), segment(new), ignore=frozenset(ignore))
    assert (result.words_added, result.words_removed) == changed_words
    marked = {text for row in result.rows for op, text in row.words if op < 0}
    assert ("**" in marked) == (Ignore.FORMATTING not in ignore)
    assert ("Data" in marked) == (Ignore.CASE not in ignore)
    assert ("2018-05-25" in marked) == (Ignore.DATES not in ignore)
    right = [row for row in result.rows if row.new is not None]
    assert "".join(text for row in right for op, text in row.words if op >= 0) == new


def test_paragraphs_that_open_alike_are_one_with_another_rest() -> None:
    old = page(COLLECT, "For the EU: Robert Roe, 12 Main Street, London.", "For Asia: Joan Doe.")
    new = page(COLLECT, "For the EU: a form at https://a.example or by letter.")
    assert [(row.op, row.old) for row in changed(compare(old, new))] == [
        (Op.MODIFIED, 1),
        (Op.REMOVED, 2),
    ]


def test_added_and_removed() -> None:
    result = compare(page(COLLECT, SHARE, KEEP), page(COLLECT, RIGHTS, COOKIES, KEEP))
    assert [row.op for row in result.rows] == ["equal", "removed", "added", "added", "equal"]
    assert result.words_removed == 14


def test_modified() -> None:
    (row,) = changed(compare(page(COLLECT, KEEP), page(COLLECT, KEEP.replace("seven", "ten"))))
    assert row.op is Op.MODIFIED
    assert (row.words_added, row.words_removed) == (1, 1)


def test_moved_is_neither_added_nor_removed() -> None:
    result = compare(page(*ALL), page(SHARE, KEEP, RIGHTS, COOKIES, COLLECT, SECURITY))
    (row,) = changed(result)
    assert (row.op, row.old, row.new) == (Op.MOVED, 0, 4)
    assert (result.words_added, result.words_removed) == (0, 0)
    assert not result.identical


def test_moved_and_edited() -> None:
    edited = COLLECT.replace("address", "telephone number")
    result = compare(page(*ALL), page(SHARE, KEEP, RIGHTS, COOKIES, edited, SECURITY))
    (row,) = changed(result)
    assert (row.op, row.words_added, row.words_removed) == (Op.MOVED, 2, 1)


def test_a_move_wins_over_what_took_its_place() -> None:
    new = "We keep the name that you give us for a year."
    result = compare(page(*ALL), page(new, SHARE, KEEP, RIGHTS, COLLECT, COOKIES, SECURITY))
    assert [row.op for row in changed(result)] == ["added", "moved"]


def test_a_split_paragraph_keeps_its_words() -> None:
    result = compare(page(KEEP, f"{COLLECT} {SHARE}"), page(KEEP, COLLECT, SHARE))
    assert result.identical
    split = result.rows[1]
    assert (split.old, split.old_end, split.new, split.new_end) == (1, 2, 1, 3)


def test_joined_and_edited_paragraphs_are_one_row() -> None:
    new = f"{COLLECT} {SHARE.replace('orders', 'parcels')}"
    (row,) = changed(compare(page(COLLECT, SHARE, KEEP), page(new, KEEP)))
    assert (row.op, row.old, row.old_end, row.new, row.new_end) == (Op.MODIFIED, 0, 2, 0, 1)
    assert (row.words_added, row.words_removed) == (1, 1)


def test_a_list_made_of_a_sentence() -> None:
    sentence = "We share data with couriers who deliver, banks who pay, and courts who order us."
    items = "- couriers who deliver,\n- banks who pay, and\n- courts who order us."
    result = compare(page(KEEP, sentence), page(KEEP, "We share data with", items))
    assert result.identical


def test_renumbered_items_and_other_marks_are_no_words() -> None:
    old = "1. Names\n2. Addresses\n\n*   **Cookies.** We use them [here](https://a.example)."
    new = "1. Names\n1. Addresses\n\n- Cookies. We use them [here](https://b.example)"
    assert compare(old, new).identical


def test_removed_stands_where_it_stood() -> None:
    result = compare(page(COLLECT, SHARE, KEEP, RIGHTS), page(COLLECT, RIGHTS))
    assert [row.old for row in result.rows] == [0, 1, 2, 3]


def test_one_side_empty() -> None:
    assert [row.op for row in compare("", page(KEEP, SHARE)).rows] == ["added", "added"]
    assert [row.op for row in compare(page(KEEP, SHARE), "").rows] == ["removed", "removed"]
    assert compare("", "").identical


def test_ten_thousand_identical_paragraphs() -> None:
    old, new = f"{KEEP}\n\n" * 10_000, f"{KEEP}\n\n" * 10_010
    result = compare(old, new)
    assert [row.op for row in changed(result)] == ["added"] * 10
    assert_exact(result, old, new)
