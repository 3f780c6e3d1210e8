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
      tracker explain picroma.com@2015-05-12 --format json
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
    out.print(document["noise"], markup=False)
    rows = table("captured", "shows", "status", "verdict", "body sha256", "decision")
    for row in document["captures"]:
        shows = "–" if row["version"] is None else f"version {row['version']}"
        body = row["body_sha256"][:16]
        reason = _plain(row["reason"])
        if row["verdict"] != "policy" and row["screening"]:
            reason += _plain(f" ({row['screening']})")
        rows.add_row(row["timestamp"], shows, str(row["status"]), row["verdict"], body, reason)
    out.print(rows)
    for row in document["captures"]:
        if row["version"] == document["number"]:
            where = "live: " if row["live"] else ""
            out.print(_plain(where + row["archive_url"]), soft_wrap=True)


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
        "noise": _noise([known[made[index].snapshot_id].body_sha256 for index in own]),
        "captures": [
            {
                "timestamp": known[decision.snapshot_id].capture.timestamp,
                "url": known[decision.snapshot_id].capture.original,
                "archive_url": known[decision.snapshot_id].archive_url,
                "live": known[decision.snapshot_id].live,
                "status": known[decision.snapshot_id].status,
                "body_sha256": known[decision.snapshot_id].body_sha256,
                "verdict": str(known[decision.snapshot_id].verdict),
                "screening": known[decision.snapshot_id].reason,
                "version": decision.number,
                "reason": decision.reason,
            }
            for decision in around
        ],
    }


def _noise(bodies: list[str]) -> str:
    """What was taken for noise: bodies that differ under one wording."""
    captures, different = len(bodies), len(set(bodies))
    if captures < 2:
        return "one capture shows it"
    if different == 1:
        return f"{captures} captures show it, all with the same bytes"
    return (
        f"{captures} captures show it with {different} different bodies: what differs is not the "
        "policy's wording (banners, menus, build numbers, formatting, blocks that come and go)"
    )
