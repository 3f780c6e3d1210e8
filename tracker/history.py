"""A site's story as it is kept: its policy's URLs, versions and changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.records import Change, PolicyUrl, PracticeCount, Version, format_time
from tracker.labels import why_unclassified

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Versions in the order of time, and the changes that join them.

    ``unread`` captures are listed and were not fetched: what stands around them is the same text.
    """

    site: str
    policies: tuple[PolicyUrl, ...]
    versions: tuple[Version, ...]
    changes: tuple[Change, ...]
    unread: int = 0

    def change_into(self, version: Version) -> Change | None:
        """The change that made this version, None for the first."""
        return next((c for c in self.changes if c.new_number == version.number), None)


def history_document(history: History) -> dict[str, Any]:
    """The JSON of ``tracker history --format json``."""
    return {
        "site": history.site,
        "policies": [
            {"url": policy.url, "from": _time(policy.first), "to": _time(policy.last)}
            for policy in history.policies
        ],
        "versions": [version_document(version) for version in history.versions],
        "changes": [change_document(change) for change in history.changes],
        "captures_unread": history.unread,
    }


def version_document(version: Version) -> dict[str, Any]:
    """One version as the JSON of the contract shows it."""
    return {
        "number": version.number,
        "id": version.id,
        "url": version.url,
        "first_seen": format_time(version.first_seen),
        "last_seen": format_time(version.last_seen),
        "captures": version.captures,
        "archive_url": version.archive_url,
        "stated_date": version.stated_date.isoformat() if version.stated_date else None,
        "language": version.language,
        "words": version.words,
        "text_sha256": version.text_sha256,
        "practices": version.practices,
        **({"practices_why": why} if (why := why_unclassified(version.language)) else {}),
    }


def change_document(change: Change) -> dict[str, Any]:
    """One change as the JSON of the contract shows it, with its kind besides."""
    return {
        "from": change.old_number,
        "to": change.new_number,
        "after": format_time(change.after),
        "before": format_time(change.before),
        "silent": change.silent,
        "kind": change.kind,
        "words_added": change.words_added,
        "words_removed": change.words_removed,
        "practices": [_practice(practice) for practice in change.practices],
        "practices_moved": change.moved,
        "directions": [
            {
                "direction": one.direction,
                "old_words": one.old_words,
                "new_words": one.new_words,
                "practices": list(one.categories),
            }
            for one in change.directions
        ],
    }


def _practice(practice: PracticeCount) -> dict[str, Any]:
    flips = {"gained": practice.gained, "lost": practice.lost}
    return {
        "category": practice.category,
        "added": practice.added,
        "removed": practice.removed,
        "modified": practice.modified,
        **{name: count for name, count in flips.items() if count},
    }


def _time(moment: datetime | None) -> str | None:
    return format_time(moment) if moment else None
