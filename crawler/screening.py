"""What a capture turned out to be: a policy, another page, an error, a wall, nothing.

Status codes cannot be trusted (error pages and robot walls come with 200), so the text decides, by
the vocabulary of ``screening_words.json`` in some twenty languages. A text in a language that it
does not know is taken for a policy: none is called another page merely for being foreign.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from crawler.phrases import Phrases, words
from storage.records import Screening, Verdict

if TYPE_CHECKING:
    from storage.records import Document

#: A text of fewer characters is a policy only if its words say so.
MIN_CHARACTERS = 400
#: Error pages and walls are shorter than this, whatever their wording.
MAX_NOTICE_CHARACTERS = 2_500
#: As much of a long text as is read to judge it.
MAX_CHARACTERS = 300_000
#: Longer lines are not remembered.
MAX_LINE = 2_000
#: A heading that names a policy counts as one's title if as much text follows it.
MIN_PART_CHARACTERS = 2_500
#: Fewer terms of privacy than this make no policy of a page that does not call itself one: there
#: are as many in the footer of a login page.
MIN_TERMS = 3
#: A page of this score is a policy whatever its parts are.
PLAIN = 0.9

_WORDS = Path(__file__).parent / "normalize" / "screening_words.json"
_TARGET = re.compile(r"\]\([^()\s]*\)")
_HEADING = re.compile(r"^#{1,2} (.+)$", re.MULTILINE)
_DENSE_SCRIPT = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_SHELL = re.compile(
    r"(?:enable|activate|requires?|without|turn on) javascript"
    r"|javascript (?:is )?(?:required|disabled)|activer javascript|javascript aktivieren"
    r"|active javascript|javascriptを有効",
    re.IGNORECASE,
)


class _Vocabulary(NamedTuple):
    privacy: Phrases
    terms: Phrases
    cookies: Phrases
    cookie_title: re.Pattern[str]
    privacy_title: re.Pattern[str]
    other_title: re.Pattern[str]
    error: re.Pattern[str]
    blocked: re.Pattern[str]
    languages: frozenset[str]


class _Counts(NamedTuple):
    privacy: int
    terms: int
    cookies: int


@cache
def _vocabulary() -> _Vocabulary:
    data = json.loads(_WORDS.read_text(encoding="utf-8"))

    def listed(name: str) -> list[str]:
        return [phrase for group in data[name].values() for phrase in group]

    def joined(name: str) -> re.Pattern[str]:
        return re.compile("|".join(_bounded(phrase) for phrase in listed(name)), re.IGNORECASE)

    return _Vocabulary(
        privacy=Phrases(listed("privacy")),
        terms=Phrases(listed("terms")),
        cookies=Phrases(listed("cookies")),
        cookie_title=joined("cookies"),
        privacy_title=joined("privacy_title"),
        other_title=joined("other_title"),
        error=joined("error"),
        blocked=joined("blocked"),
        languages=frozenset(data["privacy"]),
    )


def _bounded(phrase: str) -> str:
    """A phrase of the list as an expression: at a word's start, ``*`` for any ending."""
    if _DENSE_SCRIPT.search(phrase):
        return re.escape(phrase)
    body = re.escape(phrase.removesuffix("*")).replace(r"\ ", r"\s+")
    return rf"\b{body}" if phrase.endswith("*") else rf"\b{body}\b"


def screen(document: Document | None, *, status: int = 200, url: str | None = None) -> Screening:
    """Judge a capture by its status and its cleaned document (None where there was no body).

    ``url`` is where it was captured; the words of its path count as a title's do.
    """
    if 300 <= status < 400:
        return _verdict(Verdict.REDIRECT, f"status {status}")
    if document is None:
        return _screen("", "", None, status, url or "")
    text = document.markdown[:MAX_CHARACTERS]
    return _screen(text, document.title or "", document.language, status, url or "")


# The captures of a series show the same text over and over.
@lru_cache(maxsize=32)
def _screen(markdown: str, title: str, language: str | None, status: int, url: str) -> Screening:
    text = _TARGET.sub("]", markdown)
    notice = _notice(text, title)
    if status >= 400:
        wall = notice is not None and notice.verdict is Verdict.BLOCKED
        return _verdict(Verdict.BLOCKED if wall else Verdict.ERROR_PAGE, f"status {status}")
    if notice is not None:
        return notice
    return _judge(text, title, url, language)


def _verdict(verdict: Verdict, reason: str, score: float = 0.0) -> Screening:
    return Screening(verdict=verdict, reason=reason, policy_score=round(score, 3))


def _notice(text: str, title: str) -> Screening | None:
    """An error page or a wall, where the text is short and its title or first words tell."""
    if len(text) > MAX_NOTICE_CHARACTERS:
        return None
    lists = _vocabulary()
    if len(text) >= MIN_CHARACTERS and _count(text).privacy >= 3:
        return None
    head = f"{title}\n{text[:600]}"
    if found := lists.blocked.search(head):
        return _verdict(Verdict.BLOCKED, f"a wall that says {found[0]!r}")
    if found := lists.error.search(head):
        return _verdict(Verdict.ERROR_PAGE, f"an error page that says {found[0]!r}")
    return None


def _judge(text: str, title: str, url: str, language: str | None) -> Screening:
    lists = _vocabulary()
    length = len(text)
    if not text or (length < MAX_NOTICE_CHARACTERS // 2 and _SHELL.search(text)):
        return _verdict(Verdict.EMPTY, "no text, as of a page that only scripts fill")
    score, counts = _best_part(text, title, url)
    if length * _density(text) < MIN_CHARACTERS:
        return _short(text, title, url, score)
    unknown = language is not None and language not in lists.languages
    if unknown and not counts.privacy and not counts.terms:
        return _verdict(Verdict.POLICY, f"in a language that is not judged ({language})", 0.5)
    reason = f"{counts.privacy} terms of privacy, {counts.terms} of other legal texts"
    return _verdict(Verdict.POLICY if score >= 0.5 else Verdict.NOT_POLICY, reason, score)


def _short(text: str, title: str, url: str, score: float) -> Screening:
    """Too little text to be a policy, unless it calls itself one and reads like one."""
    reason = f"{len(text)} characters of text"
    if not _count(text).privacy:
        return _verdict(Verdict.EMPTY, reason, min(score, 0.3))
    heading = _HEADING.search(text)
    titled = heading is not None and len(heading[1].split()) <= 4
    if titled and score >= 0.5 and _names(text, title, url) >= 0.5:
        return _verdict(Verdict.POLICY, f"{reason}, but named and worded as a policy", score)
    return _verdict(Verdict.NOT_POLICY, reason, min(score, 0.4))


def _best_part(text: str, title: str, url: str) -> tuple[float, _Counts]:
    """Score and counts of the whole text or, where a page holds several documents, of the one
    under a heading that names a privacy policy."""
    counts = _count(text)
    named = _names(text, title, url)
    if named < 0 and _vocabulary().cookie_title.search(f"{_heading(text)}\n{title}"):
        counts = _without_cookies(counts)
    best = _score(text, named, counts), counts
    if best[0] >= PLAIN:
        return best
    for part in _parts(text):
        counts = _count(part)
        best = max(best, (_score(part, 1.0, counts), counts), key=lambda scored: scored[0])
    return best


def _parts(text: str) -> list[str]:
    heads = list(_HEADING.finditer(text))
    stops = [head.start() for head in heads[1:]] + [len(text)] * bool(heads)
    named = _vocabulary().privacy_title
    return [
        text[head.start() : stop]
        for head, stop in zip(heads, stops, strict=True)
        if stop - head.start() >= MIN_PART_CHARACTERS
        and len(head[1].split()) <= 6
        and named.search(head[1])
    ]


def _count(text: str) -> _Counts:
    """How often the phrases of the lists stand in a text, none across the end of a line."""
    lines = filter(None, text.split("\n"))
    counts = [_line_counts(line) if len(line) < MAX_LINE else _counted(line) for line in lines]
    return _Counts(*map(sum, zip(*counts, strict=True))) if counts else _Counts(0, 0, 0)


def _counted(line: str) -> _Counts:
    folded = line.casefold()
    in_line = words(folded)
    lists = _vocabulary()
    return _Counts(
        privacy=lists.privacy.count(folded, in_line),
        terms=lists.terms.count(folded, in_line),
        cookies=lists.cookies.count(folded, in_line),
    )


# Nearly all lines of a page stood on its last capture.
_line_counts = lru_cache(maxsize=8192)(_counted)


def _without_cookies(counts: _Counts) -> _Counts:
    """Count for a page named after cookies: those speak of its own matter, not of privacy."""
    return counts._replace(
        privacy=max(0, counts.privacy - counts.cookies), terms=counts.terms + counts.cookies
    )


def _heading(text: str) -> str:
    heading = _HEADING.search(text[:1500])
    return heading[1] if heading else text[:80]


def _names(text: str, title: str, url: str) -> float:
    """What the page calls itself: 1 a privacy policy, -1 something else, 0 neither or both."""
    lists = _vocabulary()
    path = re.sub(r"[-_/.]+", " ", url.partition("://")[2].partition("/")[2])
    named = 0.0
    for name, weight in ((_heading(text), 1.0), (title, 0.6), (path, 0.5)):
        private, other = lists.privacy_title.search(name), lists.other_title.search(name)
        if private and not other:
            named += weight
        elif other and not private:
            named -= weight
    return max(-1.0, min(1.0, named))


def _density(text: str) -> float:
    """How many characters of a script that spells sounds say as much as one of the text's."""
    start = text[:500]
    return 2.4 if len(_DENSE_SCRIPT.findall(start)) > 0.2 * len(start) else 1.0


def _score(text: str, named: float, counts: _Counts) -> float:
    """0 to 1, by logistic regression on densities and name (weights set by hand, checked in
    ``tests/quality``)."""
    size = max(len(text) * _density(text) / 6_000, 0.15)
    if named < 1 and counts.privacy < MIN_TERMS:
        return 0.0
    strength = math.log1p(counts.privacy / size) - 0.8 * math.log1p(counts.terms / size)
    return 1 / (1 + math.exp(-(2.5 * (strength - 1.0) + 1.6 * named)))
