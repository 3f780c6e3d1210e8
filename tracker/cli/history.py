"""``tracker history``: a site's story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from storage.records import SOURCE
from tracker.classified_languages import why_unclassified
from tracker.cli.history_picture import picture
from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import console, json_document, json_lines, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from storage.records import Change, Version
    from tracker.config import Config
    from tracker.history import History

SHORT = {
    "First Party Collection/Use": "First Party",
    "Third Party Sharing/Collection": "Third Party",
    "User Choice/Control": "Choice",
    "User Access, Edit and Deletion": "Access",
    "Data Retention": "Retention",
    "Data Security": "Security",
    "Policy Change": "Policy Change",
    "Do Not Track": "Do Not Track",
    "International and Specific Audiences": "Audiences",
    "Other": "Other",
}

KINDS = {SOURCE: "told by another source from here on"}


@click.command("history")
@click.argument("site")
@click.option("-v", "--verbose", is_flag=True, help="Say of each version why it is one.")
@output_format("text", "json", "jsonl")
@configured
def command(site: str, verbose: bool, form: str, config: Config) -> None:
    """Tell a site's versions in time, and which practice categories changed at each.

    \b
    Example:
      tracker history picroma.com
      tracker history picroma.com --format json | jq '.changes[] | select(.silent)'
    """
    from tracker.history import history_document
    from tracker.kept import load_history

    with open_configured(config) as db:
        history = load_history(db, site)
    if form == "json":
        json_document(history_document(history))
    elif form == "jsonl":
        json_lines(_lines(history))
    else:
        print_history(history, console(), verbose=verbose)


def _lines(history: History) -> Iterator[dict[str, Any]]:
    """A line a version, each with the change that made it (null for the first)."""
    from tracker.history import reviewed_document, version_document

    for version in history.versions:
        change = history.change_into(version)
        joined = reviewed_document(history, change) if change else None
        yield {"site": history.site, **version_document(version), "change": joined}


def print_history(history: History, out: Console, *, verbose: bool = False) -> None:
    """Print the story as a table that a person reads in a minute."""
    from rich.markup import escape

    versions, changes = history.versions, history.changes
    out.print(f"[bold]{escape(history.site)}[/bold]")
    for policy in history.policies:
        span = (
            f"{policy.first:%Y-%m-%d} – {policy.last:%Y-%m-%d}"
            if policy.first and policy.last
            else ""
        )
        out.print(f"  {escape(policy.url)}  [dim]{span}[/dim]")
    if not versions:
        out.print("  no version is known yet: tracker crawl " + escape(history.site))
        return
    rows = table(
        "#",
        "seen first",
        "seen last",
        "captures",
        "words",
        "states",
        "what changed",
        right=("#", "captures", "words"),
    )
    for version in versions:
        rows.add_row(
            str(version.number),
            f"{version.first_seen:%Y-%m-%d}",
            f"{version.last_seen:%Y-%m-%d}",
            str(version.captures),
            str(version.words),
            version.stated_date.isoformat() if version.stated_date else "–",
            _what(history, version, verbose=verbose),
        )
    out.print(rows)
    captures = sum(v.captures for v in versions)
    summary = f"{_count(len(versions), 'version')} in {_count(captures, 'capture')}"
    if silent := sum(change.silent for change in changes):
        summary += f"; {silent} silent (the text changed, the date that it states did not)"
    out.print(summary)
    if history.unread:
        out.print(
            f"[dim]{_count(history.unread, 'capture')} more not read, the text around them being "
            "the same: `--strategy all` reads them too[/dim]"
        )
    if any(change.practices for change in changes):
        out.print(
            "[dim]segments of each practice category that were added +, removed −, modified ~[/dim]"
        )
    for line in picture(versions, out.width, _short):
        out.print(line, markup=False, no_wrap=True)
    for why in dict.fromkeys(why_unclassified(version.language) for version in versions):
        if why:
            out.print(why, markup=False)


def _what(history: History, version: Version, *, verbose: bool) -> str:
    """What a version changed and what a reviewer made of that, as Rich markup."""
    from rich.markup import escape

    change = history.change_into(version)
    what = describe(change) if change else "[dim]first seen[/dim]"
    if (review := history.reviews.get(version.number)) and review.verdict:
        what += f", reviewed as [bold]{review.verdict}[/bold]"
    if verbose and version.reason:
        what += f"\n[dim]{escape(version.reason)}[/dim]"
    return what


def _short(category: str) -> str:
    return SHORT.get(category, category)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def describe(change: Change) -> str:
    """One change in a line of Rich markup: amount, categories, silence."""
    from rich.markup import escape

    parts = [f"[green]+{change.words_added}[/green] [red]−{change.words_removed}[/red] words"]
    if change.kind != "wording":
        parts.append(KINDS.get(change.kind, change.kind))
    for practice in change.practices:
        counts = [
            text
            for count, text in (
                (practice.added, f"[green]+{practice.added}[/green]"),
                (practice.removed, f"[red]−{practice.removed}[/red]"),
                (practice.modified, f"[yellow]~{practice.modified}[/yellow]"),
            )
            if count
        ]
        parts.append(f"{escape(_short(practice.category))} {' '.join(counts)}")
    if change.silent:
        parts.append("[bold yellow]silent[/bold yellow]")
    return ", ".join(parts)
