"""A technical upgrade in words, for a terminal."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from storage.records import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.records import Version
    from tracker.analysis import Analysis
    from tracker.review_carrying import CarriedReviews
    from tracker.upgrades import Upgrade

NAMES = {
    "text_sha256": "text",
    "first_seen": "first seen",
    "last_seen": "last seen",
    "stated_date": "stated date",
}
"""Fields of a version as a person is told of them."""


def upgrade_lines(site: str, analysis: Analysis) -> Iterator[str]:
    """A site's line, and one for everything that is read otherwise now."""
    upgrade = analysis.upgrade
    if upgrade.is_empty:
        yield f"{site}: {analysis.versions} versions, the same as before"
    else:
        yield f"{site}: {analysis.versions} versions; read otherwise now, no change of the policy:"
    for one in upgrade.fewer:
        yield f"  - {_named(one.version)}: {one.why}"
    for one in upgrade.more:
        yield f"  + {_named(one.version)}: {one.why}"
    yield from _altered(upgrade)
    for version in upgrade.new:
        yield f"  new, by captures that were not derived yet: {_named(version)}"
    yield from _relabelled(upgrade)
    yield from _reviews(analysis.reviews)


def _named(version: Version) -> str:
    seen = f"{version.first_seen:%Y-%m-%d} to {version.last_seen:%Y-%m-%d}"
    stated = f", states {version.stated_date}" if version.stated_date else ""
    return f"version {version.number} ({seen}, {version.words} words{stated})"


def _altered(upgrade: Upgrade) -> Iterator[str]:
    """By field, the versions of which it differs; labels have a line of their own."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for one in upgrade.altered:
        for name in one.differs:
            numbers[name].append(str(one.new.number))
    numbers.pop("practices", None)
    for name, found in numbers.items():
        yield f"  ~ another {NAMES.get(name, name)}: version {', '.join(found)}"


def _relabelled(upgrade: Upgrade) -> Iterator[str]:
    if not upgrade.relabelled:
        return
    moves = [
        f"{name} +{upgrade.gained.get(name, 0)} −{upgrade.lost.get(name, 0)}"
        for name in sorted(upgrade.gained.keys() | upgrade.lost.keys())
    ]
    yield f"  ~ {upgrade.relabelled} segments relabelled: {', '.join(moves)}"


def _reviews(reviews: CarriedReviews) -> Iterator[str]:
    if reviews.carried:
        yield f"  {len(reviews.carried)} reviews carried over to the texts of now"
    for one in reviews.unplaced:
        yield (
            f"  the review of {one.old_sha256[:12]} to {one.new_sha256[:12]} has no change any "
            f"more, and is kept: {one.verdict} by {one.reviewer}, {format_time(one.at)}"
        )
