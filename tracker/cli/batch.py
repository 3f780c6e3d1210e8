"""JSONL in, JSONL out: in order, streaming, one answer a line, whatever a line holds."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from tracker.cli.output import json_lines, say
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARTLY = 3


def answer_lines(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Answer every line of stdin on stdout; returns the exit status.

    A line that cannot be answered gives ``{"id", "error"}`` in its place, so that a reader
    who counts lines is never out of step; the status then says that the work was done in part.
    """
    failed = 0

    def answers() -> Iterator[dict[str, Any]]:
        nonlocal failed
        for number, line in enumerate(sys.stdin.buffer, start=1):
            if not line.strip():
                continue
            name: object = None
            try:
                question = _read(line)
                name = question.get("id")
                yield {"id": name, **answer(question)}
            except TrackerError as error:
                failed += 1
                say(f"tracker: line {number}: {error}")
                yield {"id": name, "error": str(error)}

    json_lines(answers())
    return PARTLY if failed else 0


def text_of(question: dict[str, Any], key: str) -> str:
    """The text under a key of one line.

    Raises:
        TrackerError: there is none, or it is no text.
    """
    value = question.get(key)
    if not isinstance(value, str):
        raise TrackerError(f"{key!r} must be a text")
    return value


def _read(line: bytes) -> dict[str, Any]:
    try:
        question = json.loads(line)
    except ValueError as error:
        raise TrackerError(f"not JSON: {error}") from error
    if not isinstance(question, dict):
        raise TrackerError("not a JSON object")
    return question
