"""The language of a text, by its character n-grams (py3langid)."""

from __future__ import annotations

import re
from functools import lru_cache

SAMPLE_CHARACTERS = 700
MIN_LETTERS = 80

_TARGETS = re.compile(r"\]\([^)\s]*\)|https?://\S+|\S+@\S+")
_TAG = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_]|\s*$)")


# The commonest words of three languages: a text full of them needs no model.
_COMMON = {
    "en": re.compile(
        r"\b(?:the|of|and|to|in|we|you|your|our|that|is|for|or|this|with|by|are|may)\b"
    ),
    "de": re.compile(r"\b(?:der|die|und|zu|den|das|von|ist|wir|sie|ihre|für|mit|werden|oder|im)\b"),
    "fr": re.compile(r"\b(?:le|la|les|des|et|vous|nous|pour|votre|vos|une|sur|par|dans|est|aux)\b"),
}
MIN_COMMON = 0.25


def detect_language(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of a text's language; None where there is too little of it to tell.

    ``hint`` is the page's own claim (``<html lang>``): believed where the text is short.
    """
    return _of_beginning(text[: 2 * SAMPLE_CHARACTERS], hint)


# The captures of a series begin alike.
@lru_cache(maxsize=64)
def _of_beginning(text: str, hint: str | None) -> str | None:
    sample = _TARGETS.sub(" ", text)[:SAMPLE_CHARACTERS]
    letters = sum(map(str.isalpha, sample))
    if letters < MIN_LETTERS:
        return None
    claimed = _TAG.match(hint or "")
    if claimed and letters < 3 * MIN_LETTERS:
        return claimed[1].lower()
    common = _common(sample)
    if common is not None and (not claimed or claimed[1].lower() == common):
        return common
    return _identify(sample)


def _common(sample: str) -> str | None:
    """The language whose commonest words are a quarter of a text or more."""
    folded, words = sample.casefold(), len(sample.split())
    for language, commonest in _COMMON.items():
        if len(commonest.findall(folded)) >= MIN_COMMON * words:
            return language
    return None


def _identify(sample: str) -> str:
    import py3langid  # its model takes a while to load: only where a text is really identified

    return str(py3langid.classify(sample)[0])
