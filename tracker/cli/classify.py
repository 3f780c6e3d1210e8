"""``tracker classify``: practice categories, for batches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.batch import answer_lines, text_of
from tracker.cli.options import configured

if TYPE_CHECKING:
    from tracker.config import Config


@click.command("classify")
@configured
def command(config: Config) -> None:
    """Name the practice categories of segments: JSONL on stdin, JSONL on stdout.

    In: {"id", "text", "heading"?}. Out: {"id", "categories", "scores"}, in the same order, and
    "why" where a text gets no categories because it is empty or in another language.

    \b
    Example:
      echo '{"id": 1, "text": "We share your data with advertisers."}' | tracker classify
    """
    from tracker.classify.model import load

    classifier = load(config.classifier.path)

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        text = text_of(question, "text")
        headings = [text_of(question, "heading")] if question.get("heading") else None
        why = _why_none(text)
        scores = classifier.scores(["" if why else text], headings)
        found = {
            "categories": list(classifier.named(scores)[0]),
            "scores": {
                name: round(float(score), 4)
                for name, score in zip(classifier.names, scores[0], strict=True)
            },
        }
        return {**found, "why": why} if why else found

    sys.exit(answer_lines(answer))


def _why_none(text: str) -> str | None:
    """Why a text cannot be given categories; None where it can, or is too short to tell."""
    from crawler.normalize.language import detect_language
    from tracker.classified_languages import why_unclassified

    if not any(map(str.isalpha, text)):
        return "no practice categories: there is no word in it"
    return why_unclassified(detect_language(text))
