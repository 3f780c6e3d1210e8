"""Search queries as people write them, and the words of a text that they found."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from storage.records import format_time
from storage.search import Term
from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.search import Said

PART = re.compile(r'"([^"]*)"(\*?)|(\S+)')
WORD = re.compile(r"\w+")
CONTEXT = 12
"""Words shown on either side of the first that was found."""


def parse(query: str) -> tuple[Term, ...]:
    """Words that must all stand in one segment; ``"in this order"``, and ``begin*``.

    Raises:
        RequestError: there is no word in it, or a quotation mark without its partner.
    """
    if query.count('"') % 2:
        raise RequestError(f"a quotation mark without its partner in {query}")
    terms = []
    for quoted, star, plain in PART.findall(query):
        words = tuple(WORD.findall((quoted or plain).lower()))
        if words:
            # Marks within a word part it, as the index parts them: e-mail is the phrase "e mail".
            begins = bool(star) or (quoted or plain).rstrip().endswith("*")
            terms.append(Term(words=words, prefix=begins))
    if not terms:
        raise RequestError(f"no word to search for in {query!r}")
    return tuple(terms)


def marked(text: str, terms: Sequence[Term]) -> list[tuple[str, bool]]:
    """The text in pieces, with whether each was found; joined they are the text."""
    words = list(WORD.finditer(text))
    folded = [_folded(word.group()) for word in words]
    hits = [False] * len(words)
    for term in terms:
        wanted = [_folded(word) for word in term.words]
        for start in range(len(words) - len(wanted) + 1):
            if _stands_at(folded, start, wanted, prefix=term.prefix):
                hits[start : start + len(wanted)] = [True] * len(wanted)
    pieces, end = [], 0
    for word, hit in zip(words, hits, strict=True):
        if hit:
            pieces += [(text[end : word.start()], False), (word.group(), True)]
            end = word.end()
    return [piece for piece in [*pieces, (text[end:], False)] if piece[0]]


def said_document(said: Said, terms: Sequence[Term]) -> dict[str, object]:
    """One result as the JSON of ``tracker search`` shows it."""
    return {
        "site": said.site,
        "text": said.text,
        "marked": [[text, hit] for text, hit in marked(said.text, terms)],
        "practices": list(said.categories),
        "first_version": said.first,
        "last_version": said.last,
        "versions": said.versions,
        "in_force": said.last == said.newest,
        "after": said.before_first and format_time(said.before_first),
        "first_seen": format_time(said.first_seen),
        "last_seen": format_time(said.last_seen),
        "archive_url": said.archive_url,
    }


def excerpt(text: str, terms: Sequence[Term], *, context: int = CONTEXT) -> list[tuple[str, bool]]:
    """The same for the part of a text around the first word that was found, with ``…``."""
    pieces = marked(text, terms)
    before = pieces[0][0] if pieces and not pieces[0][1] and len(pieces) > 1 else ""
    words = list(WORD.finditer(before))
    start = words[-context].start() if len(words) > context else 0
    after = list(WORD.finditer(text, len(before)))
    stop = after[2 * context].end() if len(after) > 2 * context + 1 else len(text)
    shown = marked(text[start:stop], terms)
    return [("… ", False)] * (start > 0) + shown + [(" …", False)] * (stop < len(text))


def _stands_at(folded: Sequence[str], start: int, wanted: Sequence[str], *, prefix: bool) -> bool:
    *whole, last = wanted
    end = start + len(whole)
    if list(folded[start:end]) != whole:
        return False
    return folded[end].startswith(last) if prefix else folded[end] == last


def _folded(word: str) -> str:
    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
