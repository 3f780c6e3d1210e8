"""Reviews go along when a technical upgrade reads the texts of a change otherwise.

A review is about two texts. Where a new derivation has other texts for the same change (the same
window, so the same two captures), what was said of the old ones is said of the new ones too, by a
further review that tells so. Nothing that was written is touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from storage import reviews
from storage.records import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.database import Connection
    from storage.records import Change, Version
    from storage.review_records import Review

NOTE = "carried over by a technical upgrade: the same change, its texts are read otherwise now"

Texts = tuple[str, str]
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedReviews:
    """Reviews as they were written anew, and those that no present change has the window of."""

    carried: tuple[Review, ...] = ()
    unplaced: tuple[Review, ...] = ()


def windows(versions: Sequence[Version], changes: Sequence[Change]) -> dict[Window, Texts]:
    """The texts (sha256) of a site's changes by their windows, of which no two are the same."""
    texts = {version.number: version.text_sha256 for version in versions}
    return {
        (one.after, one.before): (texts[one.old_number], texts[one.new_number]) for one in changes
    }


def carry_over(
    conn: Connection, site_id: int, old: Mapping[Window, Texts], new: Mapping[Window, Texts]
) -> CarriedReviews:
    """Write what was said of the old changes of a site for the new ones in their windows.

    A change that was reviewed itself keeps what was said of it.
    """
    said = reviews.latest(conn, site_id)
    present = set(new.values())
    carried, unplaced = [], []
    for window, texts in old.items():
        review = said.get(texts)
        if review is None or review.verdict is None or texts in present:
            continue
        if window not in new:
            unplaced.append(review)
        elif new[window] not in said:
            carried.append(_again(conn, site_id, review, new[window]))
    return CarriedReviews(carried=tuple(carried), unplaced=tuple(dict.fromkeys(unplaced)))


def carried_document(result: CarriedReviews) -> dict[str, Any]:
    """The JSON of what became of reviews."""
    return {
        "carried": [_document(review) for review in result.carried],
        "unplaced": [_document(review) for review in result.unplaced],
    }


def _again(conn: Connection, site_id: int, review: Review, texts: Texts) -> Review:
    return reviews.add(
        conn,
        site_id,
        old=texts[0],
        new=texts[1],
        verdict=review.verdict,
        note=f"{review.note} ({NOTE})" if review.note else NOTE,
        tags=review.tags,
        labels=review.labels,
        reviewer=review.reviewer,
        expected_revision=None,
        at=datetime.now(UTC).replace(microsecond=0),
    )


def _document(review: Review) -> dict[str, Any]:
    return {
        "old_sha256": review.old_sha256,
        "new_sha256": review.new_sha256,
        "verdict": review.verdict,
        "note": review.note,
        "reviewer": review.reviewer,
        "at": format_time(review.at),
    }
