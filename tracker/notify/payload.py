"""What a notice carries: the JSON that webhooks get, and from which messages are written.

The form is documented in docs/notifications.md; fields are only ever added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage.records import format_time
from tracker.categories import ordered
from tracker.history import change_document
from tracker.notify.passages import passages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.records import Change, Site, Version
    from tracker.comparison import RowJson

FORM = 1
"""The form's version: raised only where a field goes or means something else."""


def change_payload(
    site: Site,
    change: Change,
    old: Version,
    new: Version,
    rows: Iterable[RowJson],
    *,
    after_url: str,
    late: bool,
) -> dict[str, Any]:
    """What is told of a change; ``after_url`` is the last capture that shows the old text."""
    told = change_document(change)
    return {
        "form": FORM,
        "site": site.domain,
        "name": site.name,
        "url": new.url,
        **told,
        "kind": "change",
        "change_kind": told["kind"],
        "score": change.score if change.score >= 0 else None,
        "reasons": list(change.reasons),
        "late": late,
        "categories": ordered(one.category for one in change.practices),
        "stated": [_day(old), _day(new)],
        "after_url": after_url,
        "before_url": new.archive_url,
        "live": new.only_live,
        "old_sha256": old.text_sha256,
        "new_sha256": new.text_sha256,
        "passages": passages(rows),
        "command": _command(site, change),
    }


def health_payload(site: Site, kind: str, reason: str, at: datetime) -> dict[str, Any]:
    """What is told of a site that cannot be crawled any more, or again."""
    return {
        "form": FORM,
        "kind": kind,
        "site": site.domain,
        "name": site.name,
        "reason": reason,
        "at": format_time(at),
    }


def _command(site: Site, change: Change) -> str:
    """What shows the whole change, by times: captures that come late move the versions' numbers."""
    after, before = format_time(change.after), format_time(change.before)
    if after[:10] != before[:10]:
        after, before = after[:10], before[:10]
    return f"tracker diff '{site.domain}@{after}' '{site.domain}@{before}'"


def _day(version: Version) -> str | None:
    return version.stated_date.isoformat() if version.stated_date else None
