"""Selectors by hand: what they leave of a page, for which captures, and how they are written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crawler.errors import SelectorError
from crawler.normalize.document import NORMALIZER, normalize
from crawler.overrides import Override, Overrides, override_document, override_of

PAGE = b"""<html lang="en"><head><title>Legal</title></head><body><nav><a href="/">Home</a></nav>
<div id="content"><h1>Policy</h1><p class="ad">Buy one of our lovely things.</p>
<p id="first">What we do with it.</p>
<ol><li id="one">one</li><li id="two">two <a href="/2">more</a></li><li>three</li></ol>
<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>
<p id="last">Write to us.</p></div><footer>All rights reserved</footer></body></html>"""

TABLE = "| a | b |\n| --- | --- |\n| c | d |"
ITEMS = "1. one\n2. two [more](https://example.com/2)\n3. three"


def read(**raw: Any) -> str:
    rule = override_of(raw)
    return normalize(PAGE, url="https://example.com/privacy", override=rule).markdown


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ({"select": "li"}, ITEMS),
        ({"select": ["h1", "footer"]}, "# Policy\n\nAll rights reserved"),
        ({"select": "tr"}, TABLE),
        ({"select": ["#content", "li"], "remove": ["table", ".ad", "p:not(#first)", "ol"]},
         "# Policy\n\nWhat we do with it."),
        ({"select": {"startBefore": "table", "endBefore": "#last"}}, TABLE),
        ({"select": {"startAfter": "#two", "endAfter": "table"}}, f"1. three\n\n{TABLE}"),
        ({"select": "#content", "remove": {"startBefore": ".ad", "endAfter": "table"}},
         "# Policy\n\nWrite to us."),
        ({"select": "#content", "remove": [{"startAfter": "#one", "endBefore": "#last"}, ".ad"]},
         "# Policy\n\nWhat we do with it.\n\n1. one\n\nWrite to us."),
    ],
)  # fmt: skip
def test_what_selectors_leave(raw: dict[str, Any], text: str) -> None:
    assert read(**raw) == text


def test_what_is_not_selected_stands_around_it() -> None:
    rule = override_of({"select": "#first"})
    document = normalize(PAGE, url="https://example.com/privacy", override=rule)
    assert document.markdown == "What we do with it."
    assert {"Write to us.", "All rights reserved"} <= set(document.surroundings)
    assert document.title == "Legal"
    assert document.notes == ("by hand: select #first",)


@pytest.mark.parametrize(
    "raw",
    [
        {"select": ".gone"},
        {"select": [".gone", {"startBefore": ".gone", "endBefore": "#last"}]},
        {"select": {"startBefore": "#last", "endBefore": "#first"}},
    ],
)
def test_where_nothing_matches_the_page_is_read_as_ever_and_a_note_says_so(
    raw: dict[str, Any],
) -> None:
    document = normalize(PAGE, override=override_of(raw))
    assert document.markdown == normalize(PAGE).markdown
    assert "nothing found here" in document.notes[0]


def test_removal_alone_leaves_the_choice_to_the_normalizer() -> None:
    document = normalize(PAGE, override=override_of({"remove": [".ad", "*:not(*)"]}))
    assert (
        document.markdown == normalize(PAGE.replace(b"Buy one of our lovely things.", b"")).markdown
    )


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"select": "p["}, r"not a CSS selector: 'p\['"),
        ({"remove": {"startBefore": "a", "endAfter": "b >"}}, "not a CSS selector: 'b >'"),
        ({"select": {"startBefore": "a"}}, "a range has"),
        ({"select": {"startBefore": "a", "startAfter": "a", "endAfter": "b"}}, "a range has"),
        ({"select": 3}, "not 3"),
        ({"selects": "a"}, "unknown key 'selects'"),
        ({"site": "example.com"}, "neither"),
        ({"select": "a", "from": "yesterday"}, "must be a date"),
        ({"select": "a", "from": "2020-01-02", "to": "2020-01-01"}, "lies after"),
        ({"select": "a", "site": 3}, "must be a text"),
    ],
)
def test_a_wrong_rule_is_named(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(SelectorError, match=says):
        override_of(raw)


@pytest.mark.parametrize(
    ("pattern", "url", "covered"),
    [
        ("https://example.com/legal/*", "http://www.example.com:80/legal/privacy?x=1", True),
        ("example.com/privacy", "https://example.com/privacy/", True),
        ("https://example.com/privacy", "https://example.com/privacy?lang=de#a", True),
        ("example.com/p?lang=de", "https://example.com/p?lang=de", True),
        ("example.com/p?lang=de", "https://example.com/p?lang=fr", False),
        ("example.com/privacy", "https://example.com/privacy-old", False),
        ("example.com/privacy", "https://other.example.com/privacy", False),
    ],
)
def test_which_urls_a_pattern_covers(pattern: str, url: str, covered: bool) -> None:
    assert Override(select=("p",), url=pattern).covers(url, date(2020, 1, 1)) is covered


def test_the_first_rule_of_a_day_counts() -> None:
    old = override_of({"select": "#old", "to": "2019-12-31"})
    new = override_of({"select": "#new", "from": date(2020, 1, 1), "site": "Example.com"})
    rules = Overrides(rules=(old, new))
    assert rules.at("https://example.com/", "20191231235959") == old
    assert rules.at("https://example.com/", "20200101000000") == new
    assert rules.on("https://example.com/", None) == new
    assert rules.of_site("example.org").rules == (old,)


def test_other_rules_are_another_normalizer() -> None:
    one, two = (Overrides(rules=(override_of({"select": css}),)) for css in ("a", "b"))
    assert len({Overrides().normalizer, one.normalizer, two.normalizer}) == 3
    assert Overrides().normalizer == NORMALIZER


def test_a_rule_survives_json() -> None:
    rule = override_of(
        {
            "site": "example.com",
            "url": "example.com/*",
            "select": ["main", {"startAfter": "h1", "endBefore": "footer"}],
            "remove": ".ad",
            "from": "2019-05-12",
        }
    )
    assert override_of(override_document(rule)) == rule
