"""Lists of sites in the forms people have them."""

from __future__ import annotations

import pytest

from tracker.errors import RequestError, TrackerError
from tracker.site_lists import Listed, read_sites
from tracker.targets import policy_url, policy_url_in, site_in


def test_each_line_may_have_its_own_form() -> None:
    lines = [
        "\ufeff# ours\n",
        "rank,domain\n",
        "Example.com\n",
        "2,example.org\n",
        "3,example.edu/legal/privacy#top\n",
        '{"domain": "example.net", "name": "Net", "urls": ["https://example.net/privacy"]}\n',
        "\n",
    ]
    assert list(read_sites(lines, "list").sites) == [
        Listed(domain="example.com"),
        Listed(domain="example.org"),
        Listed(domain="example.edu", urls=("https://example.edu/legal/privacy",)),
        Listed(domain="example.net", name="Net", urls=("https://example.net/privacy",)),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "not a domain",
        "{broken",
        '{"name": "x"}',
        "1,",
        "me@example.com",
        '{"domain": "a.example", "urls": ["ftp://a.example/"]}',
    ],
)
def test_a_bad_line_is_named_with_its_number_and_costs_itself_alone(line: str) -> None:
    found = read_sites(["example.com", line, "example.org"], "list")
    assert [site.domain for site in found.sites] == ["example.com", "example.org"]
    assert [told.partition(":")[0] for told in found.refused] == ["list, line 2"]


def test_a_site_may_be_given_as_its_policy() -> None:
    assert site_in("https://www.example.com/privacy") == "example.com"
    assert policy_url_in("www.example.com/privacy") == "https://www.example.com/privacy"
    with pytest.raises(TrackerError):
        site_in("not a domain")


@pytest.mark.parametrize(
    "text", ["example.com", "https://example.com/", "example.com/../", "a.io:8"]
)
def test_a_bare_domain_names_no_policy(text: str) -> None:
    assert policy_url_in(text) is None


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("bücher.example/datenschutz", "https://xn--bcher-kva.example/datenschutz"),
        ("10.0.0.1/privacy", "https://10.0.0.1/privacy"),
        ("http://a.io:8080/privacy", "http://a.io:8080/privacy"),
        ("http://a.io/p;jsessionid=7?sid=1&id=2#top", "http://a.io/p?id=2"),
        ("a.io/x/../privacy", "https://a.io/privacy"),
        ("https://web.archive.org/web/2015/http://a.io/privacy", "http://a.io/privacy"),
    ],
)
def test_a_policy_s_url_has_one_spelling(text: str, url: str) -> None:
    assert policy_url(text) == url


@pytest.mark.parametrize("text", ["", "me@a.io", "ftp://a.io/x", "a b.io/x", "word/privacy"])
def test_what_is_no_address_is_no_policy_s_url(text: str) -> None:
    with pytest.raises(RequestError, match=r"\S"):
        policy_url(text)
