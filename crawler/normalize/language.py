"""The language of a text, by its character n-grams (py3langid)."""

from __future__ import annotations

import re

SAMPLE_CHARACTERS = 700
MIN_LETTERS = 80

_TARGETS = re.compile(r"\]\([^)\s]*\)|https?://\S+|\S+@\S+")
_TAG = re.compile(r"\s*([a-zA-Z]{2,3})(?:[-_]|\s*$)")


def detect_language(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of a text's language; None where there is too little of it to tell.

    ``hint`` is the page's own claim (``<html lang>``): believed where the text is short.
    """
    sample = _TARGETS.sub(" ", text[: 2 * SAMPLE_CHARACTERS])[:SAMPLE_CHARACTERS]
    letters = sum(map(str.isalpha, sample))
    if letters < MIN_LETTERS:
        return None
    claimed = _TAG.match(hint or "")
    if claimed and letters < 3 * MIN_LETTERS:
        return claimed[1].lower()
    import py3langid  # its model takes a while to load: only where a text is really identified

    return str(py3langid.classify(sample)[0])
