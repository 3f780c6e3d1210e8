"""What a policy text is cut into."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.segment import CONTEXT_WORDS, Kind, Segment, segment

PIECES = st.sampled_from(
    ["# ", "\n", "\n\n", "  \n", "\r\n", "* ", "1. ", "| a |", "---", "===", "word", "Two words.",
     "[text](target)", "](", "<br>", "\\", "&amp;", "é", "\u0301", "日本", "🇩🇪", "\t", "    "]
)  # fmt: skip


def kinds(text: str) -> list[str]:
    return [part.kind.value for part in segment(text)]


def texts(text: str) -> list[str]:
    return [part.text for part in segment(text)]


@settings(deadline=None)
@given(st.text() | st.lists(PIECES, max_size=30).map("".join))
def test_segments_tile_any_text(text: str) -> None:
    assert "".join(part.source for part in segment(text)) == text


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_every_segment_but_blank_text_holds_a_line(text: str) -> None:
    parts = segment(text)
    assert not text.strip() or all(part.source.strip() for part in parts)


def test_canonical_markdown() -> None:
    parts = segment("# Policy\n\nWe collect:\n\n- names\n  - first names\n- [mail](mailto:a@b.c)\n")
    assert [(part.kind, part.level, part.text) for part in parts] == [
        (Kind.HEADING, 1, "Policy"),
        (Kind.PARAGRAPH, 0, "We collect:"),
        (Kind.ITEM, 1, "names"),
        (Kind.ITEM, 2, "first names"),
        (Kind.ITEM, 1, "mail"),
    ]
    assert [part.heading for part in parts] == ["", "Policy", "Policy", "Policy", "Policy"]
    assert [part.context for part in parts] == [
        "",
        "Policy We collect:",
        "Policy We collect: names",
        "Policy We collect: names first names",
        "Policy We collect: mail",
    ]


def test_setext_headings_and_padded_items() -> None:
    text = (
        "Privacy\n=======\n\nData\n----\n\n*   one\n    \n*   two\n\n"
        "***\n\n| a | b |\n| --- | --- |\n"
    )
    assert kinds(text) == ["heading", "heading", "item", "item", "other", "row", "row"]
    assert texts(text) == ["Privacy", "Data", "one", "two", "", "a b", ""]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("**Bold** and _slanted_ `code`", "Bold and slanted code"),
        ("1\\. Numbered \\*as written\\*", "1. Numbered *as written*"),
        ("See [our [terms]](https://a.example/x_(y) 'title') now", "See our [terms] now"),
        ("![logo](a.png) Tom &amp; Jerry<br>snake_case 2 * 3", "Tom & Jerry snake_case 2 * 3"),
        ("[](#anchor)Heading", "Heading"),
        ("](https://a.example)", ""),
        ("### Closed ###", "Closed"),
        ("> quoted\n> twice", "quoted twice"),
    ],
)
def test_plain_text(source: str, words: str) -> None:
    assert " ".join(texts(source)) == words


def test_unmarked_heading_is_known_by_its_shape() -> None:
    text = "What We Collect\n\n" + "We collect what you tell us and what your device sends. " * 3
    first, second = segment(text)
    assert (first.kind, first.level) == (Kind.HEADING, 0)
    assert second.heading == "What We Collect"
    assert (
        kinds("Last updated: 1 May 2020\n\n" + "We collect what you tell us. " * 5)[0]
        == "paragraph"
    )


def test_plain_text_one_line_a_paragraph() -> None:
    assert kinds("We collect a lot.\nWe share a little.\nWe keep nothing.") == ["paragraph"] * 3


def test_wrapped_text_is_one_paragraph_until_a_line_ends_early() -> None:
    wrapped = (
        "We collect the information that you give us when you open an account\n"
        "with us or write to us, and what your browser sends when you visit\n"
        "our pages.\n"
        "We share it with nobody but those who work for us under a contract\n"
        "that binds them to keep it secret.\n"
    )
    assert [len(part.source.splitlines()) for part in segment(wrapped)] == [3, 2]


def test_context_is_bounded_and_keeps_the_item_whole() -> None:
    item = "mentioned " * 30
    part = segment(f"{'lead ' * 400}ends here:\n\n- {item}\n")[-1]
    assert len(part.context.split()) == CONTEXT_WORDS
    assert part.context.endswith(part.text)
    assert "ends here:" in part.context


def test_deep_nesting_needs_no_deep_stack() -> None:
    text = "".join(f"{' ' * (2 * depth)}- item {depth}\n" for depth in range(3000))
    parts = segment(text)
    assert parts[-1].context
    assert max(part.level for part in parts) < 20


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t \r\n"])
def test_nothing_to_read(text: str) -> None:
    parts: tuple[Segment, ...] = segment(text)
    assert [part.text for part in parts] == ([""] if text else [])
