"""Who may use the web app: names it answers to, tokens, user headers."""

from __future__ import annotations

from base64 import b64encode

import pytest

from tracker.errors import RequestError
from tracker.web.access import Access, access, is_loopback, name_of
from tracker.web_config import WebConfig

TOKEN = "0123456789abcdef"  # noqa: S105 - of these tests alone


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("localhost:8321", True),
        ("127.0.0.1", True),
        ("[::1]:8321", True),
        ("192.168.1.7:80", True),
        ("LOCALHOST", True),
        ("policies.example.org:443", True),
        ("evil.example", False),
        ("localhost.evil.example:8321", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
        ("localhost@evil.example", False),
    ],
)
def test_only_names_of_its_own_are_answered(host: str, answered: bool) -> None:
    rules = access(WebConfig(hosts="policies.example.org other.example"), None)
    assert rules.answers_to(host) is answered


def test_the_port_of_a_host_does_not_matter() -> None:
    assert name_of("A.example:80") == "a.example"
    assert name_of("[2001:DB8::1]:80") == "2001:db8::1"
    assert name_of("a.example") == "a.example"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.1", "policies.example.org"])  # noqa: S104
def test_nobody_serves_the_world_without_a_token(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(RequestError, match="TRACKER_TOKEN"):
        access(WebConfig(host=host), None)
    assert access(WebConfig(host=host), TOKEN).token == TOKEN
    assert access(WebConfig(host=host, user_header="X-User"), None).user_header == "X-User"


def test_a_token_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(RequestError, match="16 characters"):
        access(WebConfig(), "secret")


def test_a_token_comes_as_cookie_bearer_or_password() -> None:
    rules = Access(token=TOKEN)
    basic = b64encode(f"anyone:{TOKEN}".encode()).decode()
    assert rules.user({}, None, "10.0.0.1") is None
    assert rules.user({}, TOKEN, "10.0.0.1") is None, "the cookie is not the token itself"
    assert rules.user({}, rules.cookie, "10.0.0.1")
    assert rules.user({"authorization": f"Bearer {TOKEN}"}, None, "10.0.0.1")
    assert rules.user({"authorization": f"Basic {basic}"}, None, "10.0.0.1")
    assert rules.user({"authorization": "Bearer wrong"}, None, "10.0.0.1") is None
    assert rules.user({"authorization": "Basic %%%"}, None, "10.0.0.1") is None


def test_a_user_header_counts_from_the_proxy_alone() -> None:
    rules = Access(user_header="X-Remote-User", proxies=frozenset({"10.0.0.2"}))
    headers = {"x-remote-user": "ann"}
    known = rules.user(headers, None, "10.0.0.2")
    assert known
    assert known.name == "ann"
    assert rules.user(headers, None, "10.0.0.3") is None
    assert rules.user({}, None, "10.0.0.2") is None, "the proxy names nobody"
