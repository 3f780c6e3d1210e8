"""What a person means by SITE: a domain, or a policy's URL."""

from __future__ import annotations

from urllib.parse import urlsplit

from crawler.urls import canonical, original_location, site_of
from tracker.errors import RequestError

NO_ARCHIVE = "nobody knows its domain, so no archive can be asked"
"""Of a service that was imported without its domain."""


def site_in(text: str) -> str:
    """The domain of SITE.

    Raises:
        RequestError: it is no domain and no URL.
    """
    try:
        return site_of(text)
    except ValueError as error:
        raise RequestError(str(error)) from error


def policy_url(text: str) -> str:
    """A policy's URL in its one spelling: with a scheme, without fragment or session id.

    Of an archive's replay address it is the URL that is replayed.

    Raises:
        RequestError: it is no web address.
    """
    site_in(text)
    bare = text.strip()
    if "://" not in bare:
        bare = f"https://{bare.removeprefix('//')}"
    try:
        return canonical(original_location(bare, bare))
    except ValueError as error:
        raise RequestError(str(error)) from error


def policy_url_in(text: str) -> str | None:
    """The policy's URL where SITE is one (it has a path or a query), None for a bare domain."""
    url = policy_url(text)
    parts = urlsplit(url)
    return None if parts.path in {"", "/"} and not parts.query else url
