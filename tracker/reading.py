"""Reads one page or file as a policy: normalized, screened, in segments, with its stated date."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from crawler.errors import NormalizeError
from crawler.normalize.document import normalize
from crawler.screening import screen
from storage.records import Document, Screening, Verdict
from tracker.dates import stated_date
from tracker.segment import Segment, segment

if TYPE_CHECKING:
    from datetime import date

    from crawler.overrides import Override


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one body holds."""

    markdown: str
    segments: tuple[Segment, ...]
    screening: Screening
    title: str | None
    language: str | None
    stated_date: date | None
    notes: tuple[str, ...]


def read_page(
    body: bytes,
    *,
    content_type: str | None = None,
    url: str | None = None,
    seen: date | None = None,
    override: Override | None = None,
) -> Page:
    """Normalize and screen a body; what cannot be read has the verdict ``unsupported``.

    ``seen`` is the day of the capture, which helps to read an ambiguous date; ``override`` says by
    hand what of the page is the policy.
    """
    try:
        document = normalize(body, content_type=content_type, url=url, override=override)
    except NormalizeError as error:
        screening = Screening(verdict=Verdict.UNSUPPORTED, reason=str(error), policy_score=0.0)
        return _page(Document(markdown=""), screening)
    return _page(document, screen(document, url=url), seen=seen)


# The captures of a series show the same text over and over.
_segments = lru_cache(maxsize=16)(segment)


def _page(document: Document, screening: Screening, seen: date | None = None) -> Page:
    stated = stated_date(document.markdown, document.language, seen=seen)
    return Page(
        markdown=document.markdown,
        segments=_segments(document.markdown),
        screening=screening,
        title=document.title,
        language=document.language,
        stated_date=stated.day if stated else None,
        notes=document.notes,
    )
