"""A change report as Markdown, for an issue, a mail or a notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.reports.folding import Fold, fold
from tracker.reports.runs import runs
from tracker.reports.tags import tags_of, went

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tracker.comparison import RowJson
    from tracker.reports.model import ChangeDetail, Report, SiteReport
    from tracker.reports.sides import Compared


_OPENS = {-1: "<del>", 0: "", 1: "<ins>"}
_CLOSES = {-1: "</del>", 0: "", 1: "</ins>"}


def render_markdown(report: Report) -> str:
    """Render the report; archived text is escaped, so that none of it becomes markup."""
    lines = ["# How the privacy policies changed", ""]
    for site in report.sites:
        lines.extend(_site(site))
    return "\n".join(lines) + "\n"


def comparison_markdown(compared: Compared, context: int) -> str:
    """Render one comparison, with ``context`` unchanged segments around each changed one."""
    lines = [f"# {escaped(compared.name)}: what changed", ""]
    for word, side in (("from", compared.old), ("to", compared.new)):
        address = f" <{side.address}>" if side.address else ""
        lines.append(f"- {word} {escaped(side.label)}{address}")
    lines.extend(["", compared.summary, ""])
    lines.extend(changed_rows(fold(compared.comparison["segments"], context, only=compared.only)))
    return "\n".join(lines)


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
            f"| {'seen live, in no archive yet: ' if version.only_live else ''}"
            f"<{version.archive_url}> |"
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
            f"- {escaped(practice.category)}: {practice.added} added, {practice.removed} removed, "
            f"{practice.modified} modified"
        )
    if change.directions:
        yield f"- commitments: {went(change)}"
    yield ""
    yield from changed_rows(fold(detail.comparison["segments"], context=0))


def changed_rows(rows: Iterable[RowJson | Fold]) -> Iterator[str]:
    """Quote each row, with what became of it and its practice categories."""
    for row in rows:
        if isinstance(row, Fold):
            continue
        op = f"**{row['op']}**: " if row["op"] != "equal" else ""
        tags = f" *({escaped(said)})*" if (said := tags_of(row)) else ""
        yield f"> {op}{_words(row)}{tags}"
        yield ""


def _words(row: RowJson) -> str:
    """The words in CommonMark: HTML's own ins and del, since ``**`` cannot stand anywhere."""
    return "".join(
        _OPENS[op]
        + "".join(_strong(text) if told else escaped(text) for text, told in run)
        + _CLOSES[op]
        for op, run in runs(row)
    )


def _strong(text: str) -> str:
    return f"<strong>{escaped(text)}</strong>"


def escaped(text: str) -> str:
    """The text with every character that Markdown or HTML might read as markup escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", text).replace("\n", " ")
