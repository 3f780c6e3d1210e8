"""``tracker classify``: practice categories, for batches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tracker.categories import CATEGORIES
from tracker.cli.batch import answer_lines, text_of
from tracker.cli.options import configured

if TYPE_CHECKING:
    from tracker.config import Config


@click.command("classify")
@configured
def command(config: Config) -> None:  # noqa: ARG001 - every command reads its configuration
    """Name the practice categories of segments: JSONL on stdin, JSONL on stdout.

    In: {"id", "text", "heading"?}. Out: {"id", "categories", "scores"}, in the same order.

    \b
    Example:
      echo '{"id": 1, "text": "We share your data with advertisers."}' | tracker classify
    """
    from tracker.classify.model import load

    classifier = load()

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        headings = [text_of(question, "heading")] if question.get("heading") else None
        scores = classifier.scores([text_of(question, "text")], headings)
        return {
            "categories": list(classifier.named(scores)[0]),
            "scores": {
                name: round(float(score), 4)
                for name, score in zip(CATEGORIES, scores[0], strict=True)
            },
        }

    sys.exit(answer_lines(answer))
