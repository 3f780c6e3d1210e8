"""Lists of sites in the forms people have them."""

from __future__ import annotations

import pytest

from tracker.errors import TrackerError
from tracker.site_lists import Listed, read_sites
from tracker.targets import policy_url_in, site_in


def test_each_line_may_have_its_own_form() -> None:
    lines = [
        "\ufeff# ours\n",
        "rank,domain\n",
        "Example.com\n",
        "2,example.org\n",
        '{"domain": "example.net", "name": "Net", "urls": ["https://example.net/privacy"]}\n',
        "\n",
    ]
    assert list(read_sites(lines, "list")) == [
        Listed(domain="example.com"),
        Listed(domain="example.org"),
        Listed(domain="example.net", name="Net", urls=("https://example.net/privacy",)),
    ]


@pytest.mark.parametrize("line", ["not a domain", "{broken", '{"name": "x"}', "1,"])
def test_a_bad_line_is_named_with_its_number(line: str) -> None:
    with pytest.raises(TrackerError, match="list, line 2"):
        list(read_sites(["example.com", line], "list"))


def test_a_site_may_be_given_as_its_policy() -> None:
    assert site_in("https://www.example.com/privacy") == "example.com"
    assert policy_url_in("www.example.com/privacy") == "https://www.example.com/privacy"
    assert policy_url_in("example.com") is None
    assert policy_url_in("https://example.com/") is None
    with pytest.raises(TrackerError):
        site_in("not a domain")
