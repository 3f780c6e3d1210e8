"""``tracker normalize``: cleaned documents, for batches."""

from __future__ import annotations

import binascii
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from storage.records import parse_timestamp
from tracker.cli.batch import answer_lines
from tracker.cli.options import configured
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from datetime import date

    from crawler.overrides import Override, Overrides
    from tracker.config import Config


@click.command("normalize")
@click.option(
    "--select",
    multiple=True,
    metavar="CSS",
    help="Take this of each page and nothing else; may be repeated.",
)
@click.option(
    "--remove", multiple=True, metavar="CSS", help="Take this out of each page; may be repeated."
)
@configured
def command(config: Config, select: tuple[str, ...], remove: tuple[str, ...]) -> None:
    """Clean pages: JSONL on stdin, JSONL on stdout.

    In: {"id", "path" or "body_base64", "content_type"?, "url"?, "timestamp"?}.
    Out: {"id", "markdown", "segments", "title", "language", "stated_date", "verdict",
    "policy_score", "reason", "notes"}, in the same order.

    CSS is a selector or a range such as '{"startBefore": "#privacy", "endBefore": "#terms"}'.
    Without them, an [[override]] of the configuration that is for a line's "url" counts.

    \b
    Example:
      echo '{"id": 1, "path": "policy.html"}' | tracker normalize
      tracker normalize --select main --remove .toc < pages.jsonl
    """
    sys.exit(answer_lines(partial(_answer, _rules(config, select, remove))))


def _rules(config: Config, select: tuple[str, ...], remove: tuple[str, ...]) -> Overrides | None:
    """The rules of the command line or, without any there, of the configuration."""
    if not select and not remove and not config.overrides:
        return None
    from crawler.errors import SelectorError
    from crawler.overrides import Overrides, override_of

    if not select and not remove:
        return Overrides(rules=config.overrides)
    given = {"select": [_selector(css) for css in select], "remove": [*map(_selector, remove)]}
    try:
        return Overrides(rules=(override_of(given),))
    except SelectorError as error:
        raise click.UsageError(str(error)) from error


def _selector(text: str) -> object:
    """A selector as the command line has it; no CSS begins with a brace."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"a range is written as JSON: {text!r}: {error}") from error


def _rule(rules: Overrides | None, url: object, day: date | None) -> Override | None:
    if rules is None:
        return None
    from crawler.urls import site_of

    shown = str(url or "")
    try:
        site = site_of(shown)
    except ValueError:
        site = ""
    return rules.of_site(site).on(shown, day)


def _answer(rules: Overrides | None, question: dict[str, Any]) -> dict[str, Any]:
    from tracker.reading import read_page

    seen = _day(question.get("timestamp"))
    page = read_page(
        _body(question),
        content_type=question.get("content_type"),
        url=question.get("url"),
        seen=seen,
        override=_rule(rules, question.get("url"), seen),
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
            return binascii.a2b_base64(question["body_base64"], strict_mode=True)
        if isinstance(question.get("path"), str):
            return Path(question["path"]).read_bytes()
    except binascii.Error as error:
        raise TrackerError(f"body_base64 is not base64: {error}") from error
    except (OSError, ValueError) as error:
        raise TrackerError(f"cannot read {question['path']}: {error}") from error
    raise TrackerError("a line needs 'path' or 'body_base64'")
