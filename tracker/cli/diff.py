"""``tracker diff``: the change between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import console, json_document, say

if TYPE_CHECKING:
    from tracker.config import Config


@click.command("diff")
@click.argument("old")
@click.argument("new")
@output_format("text", "json")
@configured
def command(old: str, new: str, form: str, config: Config) -> None:
    """Show the change between two versions, paragraph by paragraph, word by word.

    OLD and NEW are SITE@2015-05-12 (in force then), SITE#3 (the third) or versions' ids.

    \b
    Example:
      tracker diff 'github.com#1' 'github.com#2'
      tracker diff github.com@2023-01-01 github.com@2024-01-01 --format json
    """
    from tracker.comparison import compare
    from tracker.history import version_document
    from tracker.kept import find_version
    from tracker.reporting import KeptLabels
    from tracker.segment import segment

    with open_configured(config) as db, db.read() as conn:
        first, second = find_version(conn, old), find_version(conn, new)
        for kept in (first, second):
            if kept.doubt:
                say(f"tracker: {kept.doubt}")
        labels = KeptLabels(conn, [(first.site, first.version), (second.site, second.version)])
        comparison = compare(
            first.markdown,
            second.markdown,
            classify=labels,
            old_practices=labels(segment(first.markdown)),
        )
    if form == "json":
        sides = {
            name: {"site": kept.site.domain, **version_document(kept.version)}
            for name, kept in (("old", first), ("new", second))
        }
        json_document({**comparison, **sides})
    else:
        from tracker.cli.diff_view import print_comparison

        print_comparison(comparison, console())
