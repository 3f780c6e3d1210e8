"""The title over a policy: which of its words are the policy's, and which the site's design."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.normalize.phrases import PRIVACY_DOCUMENT

if TYPE_CHECKING:
    from collections.abc import Iterable


def same_document(old: Iterable[str], new: Iterable[str], urls: Iterable[str]) -> bool:
    """Tell whether two titles, each the words of a heading (none: no title), head one document.

    They do where they differ by the site's name alone, and where one of them says no more than
    that, or nothing, and the other what the document is: "Acme", "Privacy Policy".
    """
    names = {label for url in urls for label in (urlsplit(url).hostname or "").split(".")[:-1]}
    before, after = _without(names, list(old)), _without(names, list(new))
    if before == after:
        return True
    if before and after:
        return False
    return PRIVACY_DOCUMENT.search(" ".join(before or after)) is not None


def _without(names: set[str], words: list[str]) -> list[str]:
    """Leave a site's name out of a title, also where it is written as several words."""
    left: list[str] = []
    place = 0
    while place < len(words):
        ends = range(len(words), place, -1)
        end = next((end for end in ends if "".join(words[place:end]) in names), None)
        if end is None:
            left.append(words[place])
        place = end or place + 1
    return left
