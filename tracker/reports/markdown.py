"""A change report as Markdown, for an issue, a mail or a notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.reports.folding import Fold, fold
from tracker.reports.runs import runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.comparison import RowJson
    from tracker.reports.model import ChangeDetail, Report, SiteReport


def render_markdown(report: Report) -> str:
    """Render the report; archived text is escaped, so that none of it becomes markup."""
    lines = ["# How the privacy policies changed", ""]
    for site in report.sites:
        lines.extend(_site(site))
    return "\n".join(lines) + "\n"


def _site(site: SiteReport) -> Iterator[str]:
    history = site.history
    yield f"## {escaped(history.site)}"
    yield ""
    if not history.versions:
        yield "No version of this policy is known yet."
        yield ""
        return
    yield "| version | seen | captures | words | date stated | archived |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for version in history.versions:
        yield (
            f"| {version.number} | {version.first_seen:%Y-%m-%d} – {version.last_seen:%Y-%m-%d} "
            f"| {version.captures} | {version.words} | {version.stated_date or '–'} "
            f"| <{version.archive_url}> |"
        )
    yield ""
    for detail in site.details:
        yield from _change(detail)


def _change(detail: ChangeDetail) -> Iterator[str]:
    change = detail.change
    silent = " (silent)" if change.silent else ""
    yield f"### {change.old_number} → {change.new_number}{silent}"
    yield ""
    yield (
        f"Between {change.after:%Y-%m-%d} and {change.before:%Y-%m-%d}: "
        f"+{change.words_added} −{change.words_removed} words, {change.kind}."
    )
    for practice in change.practices:
        yield (
            f"- {practice.category}: {practice.added} added, {practice.removed} removed, "
            f"{practice.modified} modified"
        )
    yield ""
    for row in fold(detail.comparison["segments"], context=0):
        if isinstance(row, Fold):
            continue
        yield f"> **{row['op']}**: {_words(row)}"
        yield ""


def _words(row: RowJson) -> str:
    return "".join(_marked(op, text) for op, text in runs(row))


def _marked(op: int, text: str) -> str:
    core = escaped(text.strip())
    if not op or not core:
        return escaped(text)
    mark = "~~" if op < 0 else "**"
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{lead}{mark}{core}{mark}{tail}".replace("\n", " ")


def escaped(text: str) -> str:
    """The text with every character that Markdown or HTML might read as markup escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", text).replace("\n", " ")
