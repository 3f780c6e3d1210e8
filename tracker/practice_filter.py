"""Only what concerns some practice categories, named as people type them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tracker.categories import CATEGORIES
from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from tracker.comparison import ComparisonJson, RowJson

_ABBREVIATIONS = {"dnt": "Do Not Track"}
_CLOSE = 0.75


def known_categories(model: Path | None) -> tuple[str, ...]:
    """The categories of the model in a folder; of the one that ships where none is named.

    Raises:
        TrackerError: the folder holds no model that this release reads.
    """
    if model is None:
        return CATEGORIES
    from tracker.classify.model import load

    return load(model).names


def category_named(text: str, known: Sequence[str] = CATEGORIES) -> str:
    """The category meant by ``text``: its name, some of its words, an abbreviation, a slip.

    Raises:
        RequestError: none is meant, or more than one; the message lists all of them.
    """
    asked = _words(text)
    for name in known:
        if asked == _words(name) or _ABBREVIATIONS.get("".join(asked)) == name:
            return name
    close = {word for each in asked for word in _close(each, known)}
    candidates = [
        [name for name in known if set(asked) <= set(_words(name))],
        [name for name in known if all(_begins(each, name) for each in asked)],
        [name for name in known if close and len(close & set(_words(name))) >= len(asked)],
    ]
    for found in candidates:
        if len(found) == 1 and asked:
            return found[0]
    meant = next((found for found in candidates if asked and found), known)
    problem = "could mean several categories" if len(meant) < len(known) else "is no category"
    raise RequestError(f"{text!r} {problem}; the categories are: {'; '.join(known)}")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _begins(word: str, name: str) -> bool:
    return any(each.startswith(word) for each in _words(name))


def _close(word: str, known: Sequence[str]) -> list[str]:
    words = {each for name in known for each in _words(name)}
    return get_close_matches(word, words, n=1, cutoff=_CLOSE)


def concerns(row: RowJson, categories: Collection[str]) -> bool:
    """Whether a row changed, and is or was of one of the categories; any will do where none is."""
    if row["op"] == "equal":
        return False
    if not categories:
        return True
    return any(name in categories for name in (*row["practices"], *row.get("practices_before", ())))


def restricted(comparison: ComparisonJson, categories: Collection[str]) -> ComparisonJson:
    """The comparison with its changed rows of some categories alone, and the words of these.

    Whether the texts are identical stays said of the whole.
    """
    if not categories:
        return comparison
    rows = [row for row in comparison["segments"] if concerns(row, categories)]
    return {
        **comparison,
        "segments": rows,
        "words_added": sum(row["words_added"] for row in rows),
        "words_removed": sum(row["words_removed"] for row in rows),
    }
