"""A change report as Markdown, for an issue, a mail or a notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.reports.folding import Fold, fold
from tracker.reports.model import MOST_RANKED
from tracker.reports.runs import runs
from tracker.reports.tags import tags_of, went

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storage.review_records import Review
    from tracker.comparison import RowJson
    from tracker.reports.model import ChangeDetail, Report, SiteReport
    from tracker.reports.sides import Compared


_WEB = re.compile(r"https?://[^\s<>]+")
_OPENS = {-1: "<del>", 0: "", 1: "<ins>"}
_CLOSES = {-1: "</del>", 0: "", 1: "</ins>"}


def render_markdown(report: Report) -> str:
    """Render the report; archived text is escaped, so that none of it becomes markup."""
    lines = ["# How the privacy policies changed", ""]
    if not report.sites:
        lines.append("No site is tracked yet.")
    if len(report.sites) > 1:
        lines.extend(_portfolio(report))
    for site in report.sites:
        if report.has_section(site):
            lines.extend(_site(site))
    return "\n".join(lines) + "\n"


def _portfolio(report: Report) -> Iterator[str]:
    ranked = report.ranked
    since = f" since {report.since:%Y-%m-%d}" if report.since else ""
    changed = len(report.sites) - len(report.unchanged)
    silent = sum(one.detail.change.silent for one in ranked)
    sites = f"{changed} of {len(report.sites)} sites"
    yield f"{len(ranked)} changes{since} at {sites}; {silent} silent."
    yield ""
    if report.unchanged:
        yield f"No change: {', '.join(escaped(s.history.site) for s in report.unchanged)}."
        yield ""
    if not ranked:
        return
    yield "| score | change | seen between | why |"
    yield "| --- | --- | --- | --- |"
    for one in ranked[:MOST_RANKED]:
        change, review = one.detail.change, one.site.review(one.detail)
        marks = [*(["silent"] if change.silent else []), *_verdict(review)]
        yield (
            f"| {max(change.score, 0)} | {escaped(one.site.history.site)} {change.old_number} → "
            f"{change.new_number}{''.join(f', {mark}' for mark in marks)} "
            f"| {change.after:%Y-%m-%d} – {change.before:%Y-%m-%d} "
            f"| {escaped('; '.join(change.reasons[:2]))} |"
        )
    if len(ranked) > MOST_RANKED:
        yield ""
        yield f"The other {len(ranked) - MOST_RANKED} stand with their sites."
    yield ""


def _verdict(review: Review | None) -> list[str]:
    return [review.verdict.value] if review and review.verdict else []


def comparison_markdown(compared: Compared, context: int) -> str:
    """Render one comparison, with ``context`` unchanged segments around each changed one."""
    lines = [f"# {escaped(compared.name)}: what changed", ""]
    for word, side in (("from", compared.old), ("to", compared.new)):
        address = f" {_link(side.address)}" if side.address else ""
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
            f"{_link(version.archive_url)} |"
        )
    yield ""
    if found := site.gaps:
        spans = (f"{gap.after:%Y-%m-%d} to {gap.before:%Y-%m-%d}" for gap in found)
        yield f"The archive has no capture from {', '.join(spans)}."
        yield ""
    for detail in site.details:
        yield from _change(detail, site.review(detail))


def _change(detail: ChangeDetail, review: Review | None) -> Iterator[str]:
    change = detail.change
    silent = " (silent)" if change.silent else ""
    yield f"### {change.old_number} → {change.new_number}{silent}"
    yield ""
    yield (
        f"Between {change.after:%Y-%m-%d} and {change.before:%Y-%m-%d}: "
        f"+{change.words_added} −{change.words_removed} words, {change.kind}."
    )
    if change.score >= 0:
        yield f"- materiality {change.score}: {escaped('; '.join(change.reasons))}"
    if review and (review.verdict or review.note):
        verdict = f" as {review.verdict}" if review.verdict else ""
        note = f": {escaped(review.note)}" if review.note else ""
        yield f"- reviewed{verdict} by {escaped(review.reviewer)}, {review.at:%Y-%m-%d}{note}"
    for practice in change.practices:
        yield (
            f"- {escaped(practice.category)}: {practice.added} added, {practice.removed} removed, "
            f"{practice.modified} modified"
        )
    if change.directions:
        yield f"- commitments: {went(change)}"
    for name, version, address in (
        ("old text, last seen", detail.old, detail.after_url),
        ("new text, first seen", detail.new, detail.before_url),
    ):
        yield f"- {name}: {_link(address)}, text sha256 `{version.text_sha256}`"
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


def _link(address: str) -> str:
    """A link where the address is one that a browser may be sent to, else its text."""
    return f"<{address}>" if _WEB.fullmatch(address) else escaped(address)


def escaped(text: str) -> str:
    """The text with every character that Markdown or HTML might read as markup escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", text).replace("\n", " ")
