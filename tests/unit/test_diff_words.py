"""Word differences: exact, minimal, and never inside a word or a character."""

from __future__ import annotations

import unicodedata

import pytest
from diff_match_patch import diff_match_patch
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.diff.lcs import matching_blocks
from tracker.diff.words import Edit, Vocabulary, diff_words, read
from tracker.segment import Kind, Segment

ALPHABET = st.sampled_from(
    ["a", "B", "we", "may", "not", "1,000.50", "2018-05-25", "€5", "don’t", "don't", " ", " ", ". ",
     ", ", "\n", "**", "](https://a.example/b)", "[", "<br>", "é", "e\u0301", "\u0301", "\u200d",
     "👩‍👩‍👧", "🇩🇪", "👍🏽", "日本", "語", "プライバシー", "ภาษา", "ไทย", "עברית", "العربية", "%"]
)  # fmt: skip
TEXTS = st.text(max_size=40) | st.lists(ALPHABET, max_size=40).map("".join)


def edits(old: str, new: str) -> tuple[Edit, ...]:
    vocabulary = Vocabulary()
    before, after = (Segment(source=text, kind=Kind.PARAGRAPH) for text in (old, new))
    return diff_words(read(before, vocabulary), read(after, vocabulary)).edits


def marked(old: str, new: str) -> str:
    signs = {0: "{}", -1: "[-{}-]", 1: "{{+{}+}}"}
    return "".join(signs[op].format(text) for op, text in edits(old, new))


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_exact_in_both_directions(old: str, new: str) -> None:
    result = edits(old, new)
    assert "".join(text for op, text in result if op <= 0) == old
    assert "".join(text for op, text in result if op >= 0) == new
    assert all(text for _, text in result)


@settings(deadline=None)
@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(op == 0 for op, _ in edits(text, text))


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_swapping_swaps_what_is_counted(old: str, new: str) -> None:
    vocabulary = Vocabulary()
    left = read(Segment(source=old, kind=Kind.PARAGRAPH), vocabulary)
    right = read(Segment(source=new, kind=Kind.PARAGRAPH), vocabulary)
    there, back = diff_words(left, right), diff_words(right, left)
    assert (there.added, there.removed) == (back.removed, back.added)


@settings(deadline=None)
@given(st.lists(ALPHABET, max_size=30), st.lists(ALPHABET, max_size=30))
def test_no_edit_begins_inside_a_character(old: list[str], new: list[str]) -> None:
    result = edits("x" + "".join(old), "x" + "".join(new))
    for _, text in result:
        assert not unicodedata.combining(text[0])
        assert text[0] not in "\u200d\ufe0f\U0001f3fd"


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), max_size=40), st.lists(st.integers(0, 4), max_size=40))
def test_matching_is_as_long_as_that_of_diff_match_patch(old: list[int], new: list[int]) -> None:
    reference = diff_match_patch()
    reference.Diff_Timeout = 0
    spelt = ["".join(chr(97 + value) for value in side) for side in (old, new)]
    same = sum(len(text) for op, text in reference.diff_main(*spelt, False) if op == 0)
    blocks = matching_blocks(old, new)
    assert sum(length for _, _, length in blocks) == same
    assert all(old[i : i + n] == new[j : j + n] for i, j, n in blocks)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("We sell data.", "We never sell data.", "We {+never +}sell data."),
        ("costs $1,000.50 now", "costs $1,200.50 now", "costs [-$1,000.50-]{+$1,200.50+} now"),
        ("kept 13 months", "kept 14 months", "kept [-13-]{+14+} months"),
        ("on May 25, 2018.", "on June 1, 2019.", "on [-May 25, 2018-]{+June 1, 2019+}."),
        ("on 2018-05-25.", "on 2018-06-25.", "on [-2018-05-25-]{+2018-06-25+}."),
        ("We may act. You may not.", "We may act. You may. You may not.",
         "We may act. {+You may. +}You may not."),
        ("個人情報を保護", "個人情報は保護", "個人情報[-を-]{+は+}保護"),
        ("Hi 👩‍👩‍👧!", "Hi 👩‍👧!", "Hi [-👩‍👩‍👧-]{+👩‍👧+}!"),
        ("see [us](https://a.example/x)", "see [us](https://a.example/y)",
         "see [us](https://a.example/[-x-]{+y+})"),
    ],
)  # fmt: skip
def test_what_a_reader_sees(old: str, new: str, expected: str) -> None:
    assert marked(old, new) == expected


def test_case_quotes_and_markup_are_no_words() -> None:
    vocabulary = Vocabulary()
    old = Segment(source="**Don’t** share [it](https://a.example)", kind=Kind.PARAGRAPH)
    new = Segment(source="don't share [it](https://b.example).", kind=Kind.PARAGRAPH)
    result = diff_words(read(old, vocabulary), read(new, vocabulary))
    assert (result.added, result.removed) == (0, 0)


def test_large_texts_are_cut_at_what_is_unique() -> None:
    old = list(range(20_000))
    new = [*old[:7_000], -1, *old[7_001:15_000], *old[15_003:]]
    assert sum(length for _, _, length in matching_blocks(old, new)) == 20_000 - 4
