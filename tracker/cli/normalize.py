"""``tracker normalize``: cleaned documents, for batches."""

from __future__ import annotations

import base64
import binascii
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from storage.records import parse_timestamp
from tracker.cli.batch import answer_lines
from tracker.cli.options import configured
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from datetime import date

    from tracker.config import Config


@click.command("normalize")
@configured
def command(config: Config) -> None:  # noqa: ARG001 - every command reads its configuration
    """Clean pages: JSONL on stdin, JSONL on stdout.

    In: {"id", "path" or "body_base64", "content_type"?, "url"?, "timestamp"?}.
    Out: {"id", "markdown", "segments", "title", "language", "stated_date", "verdict",
    "policy_score"}, in the same order.

    \b
    Example:
      echo '{"id": 1, "path": "policy.html"}' | tracker normalize
    """
    sys.exit(answer_lines(_answer))


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    from tracker.reading import read_page

    page = read_page(
        _body(question),
        content_type=question.get("content_type"),
        url=question.get("url"),
        seen=_day(question.get("timestamp")),
    )
    return {
        "markdown": page.markdown,
        "segments": [{"text": s.text, "heading": s.heading} for s in page.segments],
        "title": page.title,
        "language": page.language,
        "stated_date": page.stated_date.isoformat() if page.stated_date else None,
        "verdict": page.screening.verdict,
        "policy_score": round(page.screening.policy_score, 4),
        "reason": page.screening.reason,
        "notes": list(page.notes),
    }


def _day(timestamp: object) -> date | None:
    if timestamp is None:
        return None
    try:
        return parse_timestamp(str(timestamp)).date()
    except ValueError as error:
        raise TrackerError(f"'timestamp': {error}") from error


def _body(question: dict[str, Any]) -> bytes:
    try:
        if isinstance(question.get("body_base64"), str):
            return base64.b64decode(question["body_base64"], validate=True)
        if isinstance(question.get("path"), str):
            return Path(question["path"]).read_bytes()
    except binascii.Error as error:
        raise TrackerError(f"body_base64 is not base64: {error}") from error
    except (OSError, ValueError) as error:
        raise TrackerError(f"cannot read {question['path']}: {error}") from error
    raise TrackerError("a line needs 'path' or 'body_base64'")
