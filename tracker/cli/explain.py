"""``tracker explain``: why this is a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import console, json_document, table

if TYPE_CHECKING:
    from storage.database import Connection
    from tracker.config import Config
    from tracker.kept import KeptVersion


@click.command("explain")
@click.argument("version")
@output_format("text", "json")
@configured
def command(version: str, form: str, config: Config) -> None:
    """Explain a version: what was compared, which captures show it, what was taken for noise.

    \b
    Example:
      tracker explain 'picroma.com#2'
    """
    from tracker.kept import find_version

    with open_configured(config) as db, db.read() as conn:
        document = _document(conn, find_version(conn, version))
    if form == "json":
        json_document(document)
        return
    out = console()
    out.print(f"[bold]{document['site']}#{document['number']}[/bold]  {document['id']}")
    out.print(document["reason"], markup=False)
    rows = table("captured", "shows", "verdict", "decision")
    for row in document["captures"]:
        shows = "–" if row["version"] is None else str(row["version"])
        rows.add_row(row["timestamp"], shows, row["verdict"], _plain(row["reason"]))
    out.print(rows)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _document(conn: Connection, kept: KeptVersion) -> dict[str, Any]:
    """The version with every capture from the one before it to the one after it."""
    from storage import decisions, snapshots

    made = decisions.of_site(conn, kept.site.id)
    number = kept.version.number
    own = [index for index, decision in enumerate(made) if decision.number == number]
    around = made[max(0, own[0] - 1) : own[-1] + 2] if own else []
    known = snapshots.by_ids(conn, [decision.snapshot_id for decision in around])
    return {
        "site": kept.site.domain,
        "number": number,
        "id": kept.version.id,
        "reason": kept.version.reason,
        "captures": [
            {
                "timestamp": known[decision.snapshot_id].capture.timestamp,
                "url": known[decision.snapshot_id].capture.original,
                "archive_url": known[decision.snapshot_id].archive_url,
                "verdict": str(known[decision.snapshot_id].verdict),
                "version": decision.number,
                "reason": decision.reason,
            }
            for decision in around
        ],
    }
