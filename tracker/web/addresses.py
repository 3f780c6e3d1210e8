"""The addresses of the app's pages: each can be sent to someone, and stays what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

if TYPE_CHECKING:
    from datetime import date


def address(*parts: object, **query: object) -> str:
    """A path of these parts, with the query's fields that are neither None, "" nor False.

    >>> address("site", "example.com", "diff", 1, 2, all=True)
    '/site/example.com/diff/1/2?all=1'
    """
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    fields = {
        name: 1 if value is True else value
        for name, value in query.items()
        if value not in (None, "", False)
    }
    return f"{path}?{urlencode(fields)}" if fields else path


def site(domain: str, *parts: object, **query: object) -> str:
    """A site's page, or one below it."""
    return address("site", domain, *parts, **query)


def version(domain: str, number: int) -> str:
    """The text of a site's n-th version."""
    return site(domain, "version", number)


def diff(domain: str, old: int, new: int) -> str:
    """Two versions of a site side by side."""
    return site(domain, "diff", old, new)


def on(domain: str, day: date) -> str:
    """The version in force on a day."""
    return site(domain, "at", day.isoformat())


def quoted(text: str) -> str:
    """Any text as a cookie can hold it; `unquoted` reads it."""
    return quote(text, safe="")


def unquoted(text: str) -> str:
    """The text that was quoted so."""
    return unquote(text)
