"""A site's story as it is kept: its policy's URLs, versions and changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage.records import Change, PolicyUrl, PracticeCount, Version, format_time
from tracker.classified_languages import why_unclassified

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from storage.review_records import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Versions in the order of time, and the changes that join them.

    ``unread`` captures are listed and were not fetched: what stands around them is the same text.
    ``reviews`` are those that count, by the number of the version that the change made.
    """

    site: str
    policies: tuple[PolicyUrl, ...]
    versions: tuple[Version, ...]
    changes: tuple[Change, ...]
    unread: int = 0
    reviews: Mapping[int, Review] = field(default_factory=dict)

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
        "changes": [reviewed_document(history, change) for change in history.changes],
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
        "live": version.only_live,
        "captures_live": version.live,
        "reading_grade": version.grade,
        "stated_date": version.stated_date.isoformat() if version.stated_date else None,
        "language": version.language,
        "words": version.words,
        "text_sha256": version.text_sha256,
        "practices": version.practices,
        **({"practices_why": why} if (why := why_unclassified(version.language)) else {}),
    }


def reviewed_document(history: History, change: Change) -> dict[str, Any]:
    """One change of a history, with the review of it that counts, null without one."""
    review = history.reviews.get(change.new_number)
    told = None if review is None else review_document(review)
    return {**change_document(change), "review": told}


def review_document(review: Review) -> dict[str, Any]:
    """One review as JSON tells it; its verdict is null where it was taken back."""
    return {
        "revision": review.revision,
        "verdict": review.verdict,
        "note": review.note,
        "tags": list(review.tags),
        "labels": [
            {"text": one.text, "heading": one.heading, "categories": list(one.categories)}
            for one in review.labels
        ],
        "reviewer": review.reviewer,
        "at": format_time(review.at),
    }


def change_document(change: Change) -> dict[str, Any]:
    """One change as the JSON of the contract shows it, with its kind and score besides."""
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
        "score": change.score,
        "reasons": list(change.reasons),
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
