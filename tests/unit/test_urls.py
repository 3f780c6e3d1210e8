"""Spellings of URLs and sites."""

from __future__ import annotations

import pytest

from crawler.urls import canonical, original_location, registrable, site_of, url_key


@pytest.mark.parametrize(
    ("text", "site"),
    [
        ("picroma.com", "picroma.com"),
        ("  WWW.Picroma.COM. ", "picroma.com"),
        ("https://picroma.com/Home/Privacy?x=1#y", "picroma.com"),
        ("//cdn.example.co.uk/x", "cdn.example.co.uk"),
        ("example.com/../", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("192.168.0.1", "192.168.0.1"),
        ("http://[2001:db8::1]:8080/privacy", "[2001:db8::1]:8080"),
        ("example.com:8080/privacy", "example.com:8080"),
        ("https://example.com:443", "example.com"),
        ("http://user:secret@example.com/", "example.com"),
        ("localhost:8000", "localhost:8000"),
        ("www.com", "www.com"),
        ("https://web.archive.org/web/2015id_/https://picroma.com/privacy", "picroma.com"),
    ],
)
def test_a_site_is_read_from_what_people_paste(text: str, site: str) -> None:
    assert site_of(text) == site
    assert site_of(site) == site


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "picroma",
        "http://",
        "exa mple.com",
        "mailto:a@b.com",
        "a@b.com",
        "ftp://x.com",
        "1.2.3",
        "256.1.1.1",
        "-a.com",
        "a..com",
        "http://x.com:99999/",
        "x" * 64 + ".com",
        "https://xn--☃.com",
        "javascript:alert(1)",
        "a.com\x00",
    ],
)
def test_what_names_no_site_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        site_of(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "base", "absolute"),
    [
        ("privacy", "https://a.com/en/home", "https://a.com/en/privacy"),
        ("/privacy#top", "https://a.com/en/", "https://a.com/privacy"),
        ("//b.com/privacy", "https://a.com/", "https://b.com/privacy"),
        ("../../../privacy", "https://a.com/x/y/", "https://a.com/privacy"),
        ("HTTP://A.com:80", None, "http://a.com/"),
        ("a.com/x/./y/..", None, "http://a.com/x/"),
        (
            "http://a.com/p;jsessionid=AB12?b=2&utm_source=x&PHPSESSID=9&a=1",
            None,
            "http://a.com/p?b=2&a=1",
        ),
        ("http://a.com/Über uns", None, "http://a.com/%C3%9Cber%20uns"),
        (" /pri\nvacy ", "http://a.com/", "http://a.com/privacy"),
    ],
)
def test_a_url_has_one_spelling(given: str, base: str | None, absolute: str) -> None:
    assert canonical(given, base) == absolute
    assert canonical(absolute) == absolute


@pytest.mark.parametrize(
    "given", ["javascript:void(0)", "mailto:x@y.z", "tel:+1555", "http://[::1", ""]
)
def test_what_is_no_web_address_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        canonical(given)


def test_an_archive_files_variants_of_a_url_as_one() -> None:
    variants = [
        "http://www.a.com/Privacy/",
        "https://a.com/privacy?utm_medium=footer",
        "HTTP://WWW2.A.COM/%70rivacy#part",
    ]
    assert {url_key(url) for url in variants} == {"com,a)/privacy"}
    assert url_key("http://a.com/privacy") != url_key("http://blog.a.com/privacy")
    assert url_key("http://a.com/?b=1&a=2") == url_key("https://a.com/?a=2&b=1")


@pytest.mark.parametrize(
    "location",
    [
        "/web/20150601000000id_/https://a.com/privacy",
        "http://127.0.0.1:8099/web/20150601000000/https:/a.com/privacy",
        "http://127.0.0.1:8090/dev/20150601000000id_/https://a.com/privacy",
        "/web/20150601000000id_//privacy",
        "https://a.com/privacy",
        "/privacy",
    ],
)
def test_a_redirect_is_read_whether_or_not_the_archive_rewrote_it(location: str) -> None:
    assert original_location(location, "https://a.com/Home/Privacy") == "https://a.com/privacy"


@pytest.mark.parametrize(
    ("host", "sold"),
    [
        ("docs.github.com", "github.com"),
        ("www.bbc.co.uk", "bbc.co.uk"),
        ("t.co", "t.co"),
        ("127.0.0.1:80", "127.0.0.1"),
    ],
)
def test_hosts_of_one_owner_share_a_registrable_part(host: str, sold: str) -> None:
    assert registrable(host) == sold
