from __future__ import annotations

import pytest

from crawler.wording import word_key, words


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## Privacy  Policy\n\nWe care.", "# PRIVACY POLICY\n\nWe care"),
        ("- one\n- two", "one\n\ntwo"),
        ("1. Scope. This applies.", "## 1. Scope.\n\nThis applies."),
        ("see [our terms](https://a.example/x_(y)?n=1)", "see [our terms](/terms)"),
        ("visit https://a.example/a today", "visit [https://b.example/b](https://b.example) today"),
        ("| a | b |\n| --- | --- |", "a b"),
        ("co\u00adoperate, “don’t”", 'cooperate, "don\'t"'),
    ],
)
def test_formatting_leaves_the_words(old: str, new: str) -> None:
    assert words(old) == words(new)
    assert word_key(old) == word_key(new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kept for 30 days", "kept for 60 days"),
        ("Updated 1 May 2015", "Updated 2 May 2015"),
        ("a b", "b a"),
        ("30 days", "days"),
        ("write to a@x.example", "write to b@x.example"),
    ],
)
def test_what_says_something_else_differs(old: str, new: str) -> None:
    assert words(old) != words(new)
    assert word_key(old) != word_key(new)


def test_words_keep_their_order_and_any_script() -> None:
    assert words("Größe, naïve\nΠολιτική 2.0 プライバシー") == [
        "grösse",
        "naïve",
        "πολιτική",
        "2",
        "0",
        "プライバシー",
    ]
