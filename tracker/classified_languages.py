"""Which languages get practice categories, and what is said of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.segment import Segment

CLASSIFIED_LANGUAGES = frozenset({"en"})
"""The annotated corpus is English; a text in another language gets versions, but no categories."""


def no_labels(segments: Sequence[Segment]) -> list[tuple[str, ...]]:
    """What a text in a language without a classifier gets."""
    return [()] * len(segments)


def why_unclassified(language: str | None) -> str | None:
    """Say in a line why a text of this language gets no categories, None where it gets them."""
    if is_classified(language):
        return None
    return f"no practice categories: the classifier reads English, this text is in {language!r}"


def is_classified(language: str | None) -> bool:
    """Whether a text of this language can be given categories; one too short to tell can."""
    return language is None or language.split("-")[0].lower() in CLASSIFIED_LANGUAGES
