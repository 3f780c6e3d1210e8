"""``tracker compare``: two local files, or pairs of texts in JSONL."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.batch import answer_lines, text_of
from tracker.cli.diff_options import Showing, show, showing
from tracker.cli.options import configured
from tracker.cli.output import say
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from tracker.comparison import Classify, ComparisonJson
    from tracker.config import Config
    from tracker.reading import Page


@click.command("compare")
@click.argument("old", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.argument("new", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--jsonl", is_flag=True, help='Pairs on stdin, {"id", "old", "new"} a line.')
@configured
@showing
def command(
    old: Path | None,
    new: Path | None,
    jsonl: bool,
    how: Showing,
    config: Config,
) -> None:
    """Compare two files (HTML, PDF, Markdown or text), or pairs of texts in JSONL; no database.

    \b
    Example:
      tracker compare policy-2019.html policy-2024.pdf
      tracker compare --jsonl < pairs.jsonl > changes.jsonl
    """
    if jsonl:
        if old or new:
            raise click.UsageError("--jsonl reads stdin and takes no files")
        sys.exit(answer_lines(_pair_answer(how, config)))
    if old is None or new is None:
        raise click.UsageError("name two files, or use --jsonl")
    from tracker.reports.sides import Compared, Side

    before, after = _read(old), _read(new)
    comparison, why = _compared(before, after, how, config)
    if why:
        say(f"tracker: not comparable: {why}")
        if how.form not in ("json", "jsonl"):
            return
    sides = {
        name: {"file": str(path), "title": page.title, "language": page.language, **extra}
        for name, path, page, extra in (
            ("old", old, before, comparison["old"]),
            ("new", new, after, comparison["new"]),
        )
    }
    compared = Compared(
        name=new.stem,
        old=Side(markdown=before.markdown, label=str(old)),
        new=Side(markdown=after.markdown, label=str(new)),
        comparison=comparison,
    )
    unclassified = _unclassified(after.language)
    for line in unclassified.values():
        say(f"tracker: {line}")
    show(compared, how, {**sides, **_comparable(why), **unclassified})


def _read(path: Path) -> Page:
    from tracker.reading import read_page

    try:
        body = path.read_bytes()
    except OSError as error:
        raise TrackerError(f"cannot read {path}: {error.strerror}") from error
    return read_page(body, content_type=CONTENT_TYPES.get(path.suffix.lower()))


CONTENT_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
}


def _pair_answer(how: Showing, config: Config) -> Any:
    """Answers one pair; labels are the same in every line, whatever came before it."""
    from tracker.classified_languages import is_classified, no_labels
    from tracker.classify.model import load
    from tracker.comparability import judge, why_not_comparable
    from tracker.comparison import change_practices, compare
    from tracker.labels import LabelBook
    from tracker.practice_filter import restricted

    classifier = load(config.classifier.path)

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        old, new = text_of(question, "old"), text_of(question, "new")
        first, second = judge(old), judge(new)
        why = why_not_comparable(first.screening, second.screening)
        named = why is None and is_classified(second.language)
        classify: Classify = LabelBook(lambda: classifier) if named else no_labels
        comparison = compare(
            old,
            new,
            classify=classify,
            ignore=how.ignore,
            directions=named,
            unchanged=True,
        )
        practices = change_practices(comparison["segments"])
        shown = restricted(comparison, how.only)
        told = {**_comparable(why), **_unclassified(second.language)}
        return {**shown, "practices": practices, **told}

    return answer


def _compared(
    old: Page, new: Page, how: Showing, config: Config
) -> tuple[ComparisonJson, str | None]:
    from tracker.classified_languages import is_classified, no_labels
    from tracker.classify.model import load
    from tracker.comparability import why_not_comparable
    from tracker.comparison import compare
    from tracker.labels import LabelBook

    why = why_not_comparable(old.screening, new.screening)
    named = why is None and is_classified(new.language)
    classify: Classify = LabelBook(partial(load, config.classifier.path)) if named else no_labels
    comparison = compare(
        old.markdown,
        new.markdown,
        classify=classify,
        old_practices=classify(old.segments),
        ignore=how.ignore,
        directions=named,
    )
    return comparison, why


def _unclassified(language: str | None) -> dict[str, str]:
    from tracker.classified_languages import why_unclassified

    why = why_unclassified(language)
    return {"practices_why": why} if why else {}


def _comparable(why: str | None) -> dict[str, Any]:
    return {"comparable": False, "why": why} if why else {"comparable": True}
