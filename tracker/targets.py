"""What a person means by SITE: a domain, or a policy's URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from crawler.urls import site_of
from tracker.errors import RequestError


def site_in(text: str) -> str:
    """The domain of SITE.

    Raises:
        RequestError: it is no domain and no URL.
    """
    try:
        return site_of(text)
    except ValueError as error:
        raise RequestError(str(error)) from error


def policy_url_in(text: str) -> str | None:
    """The policy's URL where SITE is one (it has a path or a query), None for a bare domain."""
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.path in {"", "/"} and not parts.query:
        return None
    return text if "://" in text else f"https://{text}"
