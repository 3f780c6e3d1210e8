"""Whether two texts can be compared at all: an error page is not a policy that lost everything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from crawler.normalize.language import detect_language
from crawler.screening import screen
from storage.records import Document, Screening, Verdict

_SAMPLE_CHARACTERS = 8_000
_SURE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a text is, as far as a comparison asks: policy or not, and its language."""

    screening: Screening
    language: str | None


# The new text of a pair is often the old one of the next.
@lru_cache(maxsize=64)
def judge(markdown: str) -> Judged:
    """Judge a text by its beginning where that is surely a policy, else by the whole of it."""
    language = detect_language(markdown)
    screening = screen(Document(markdown=markdown[:_SAMPLE_CHARACTERS], language=language))
    sure = screening.verdict is Verdict.POLICY and screening.policy_score >= _SURE
    if not sure and len(markdown) > _SAMPLE_CHARACTERS:
        screening = screen(Document(markdown=markdown, language=language))
    return Judged(screening=screening, language=language)


def why_not_comparable(old: Screening, new: Screening) -> str | None:
    """Say in a line why a comparison would mislead, None where it would not."""
    for side, screening in (("old", old), ("new", new)):
        if screening.verdict is not Verdict.POLICY:
            return f"the {side} side is {NAMES[screening.verdict]}: {screening.reason}"
    return None


NAMES = {
    Verdict.NOT_POLICY: "no privacy policy",
    Verdict.BLOCKED: "a block page",
    Verdict.ERROR_PAGE: "an error page",
    Verdict.EMPTY: "empty or a stub",
    Verdict.UNSUPPORTED: "unreadable",
    Verdict.REDIRECT: "a redirect",
}
