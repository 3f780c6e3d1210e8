"""``tracker show``: one version."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import json_document, say

if TYPE_CHECKING:
    from tracker.config import Config


@click.command("show")
@click.argument("version")
@output_format("md", "json", "raw")
@configured
def command(version: str, form: str, config: Config) -> None:
    """Show a version: its normalized text, its segments (json) or the archived bytes (raw).

    VERSION is SITE@2015-05-12 (in force then), SITE#3 (the third) or a version's id.

    \b
    Example:
      tracker show picroma.com@2015-05-12
      tracker show 'picroma.com#1' --format raw > page.html
    """
    from storage import segments, snapshots, versions
    from tracker.history import version_document
    from tracker.kept import find_version

    with open_configured(config) as db, db.read() as conn:
        kept = find_version(conn, version)
        if kept.doubt:
            say(f"tracker: {kept.doubt}")
        if form == "raw":
            snapshot = versions.snapshot_id(conn, kept.version.id)
            sys.stdout.buffer.write(snapshots.body(conn, snapshot))
        elif form == "md":
            click.echo(kept.markdown)
        else:
            labelled = segments.of_version(conn, kept.site.id, kept.version.number)
            json_document(
                {
                    "site": kept.site.domain,
                    **version_document(kept.version),
                    "segments": [
                        {
                            "text": one.text,
                            "heading": one.heading,
                            "kind": one.kind,
                            "practices": list(one.categories),
                        }
                        for one in labelled
                    ],
                }
            )
