"""``tracker diff``: the change between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tracker.cli.diff_options import Showing, show, showing
from tracker.cli.options import configured, open_configured
from tracker.cli.output import say

if TYPE_CHECKING:
    from tracker.config import Config
    from tracker.kept import KeptVersion
    from tracker.reports.sides import Side


@click.command("diff")
@click.argument("old")
@click.argument("new")
@configured
@showing
def command(old: str, new: str, how: Showing, config: Config) -> None:
    """Show the change between two versions, paragraph by paragraph, word by word.

    OLD and NEW are SITE@2015-05-12 (in force then), SITE#3 (the third) or versions' ids.

    \b
    Example:
      tracker diff 'github.com#1' 'github.com#2'
      tracker diff github.com@2023-01-01 github.com@2024-01-01 --only retention
      tracker diff 'github.com#1' 'github.com#2' -o change.html
    """
    from tracker.classified_languages import is_classified
    from tracker.comparison import compare
    from tracker.history import version_document
    from tracker.kept import find_version
    from tracker.reporting import KeptLabels
    from tracker.reports.sides import Compared
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
            ignore=how.ignore,
            directions=is_classified(second.version.language),
        )
    sides = {
        name: {"site": kept.site.domain, **version_document(kept.version)}
        for name, kept in (("old", first), ("new", second))
    }
    compared = Compared(
        name=second.site.domain,
        old=_side(first),
        new=_side(second),
        comparison=comparison,
    )
    show(compared, how, sides)


def _side(kept: KeptVersion) -> Side:
    from tracker.reports.sides import Side

    version = kept.version
    return Side(
        markdown=kept.markdown,
        label=f"{kept.site.domain}, version {version.number}, seen "
        f"{version.first_seen:%Y-%m-%d} to {version.last_seen:%Y-%m-%d}",
        address=version.archive_url,
    )
