"""The derivation of a site that stands in the database, and putting a new one in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage import changes, decisions, segments, versions
from tracker.review_carrying import CarriedReviews, carry_over, windows
from tracker.upgrades import Derived

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.database import Connection
    from storage.records import Change, Decision
    from storage.versions import DerivedVersion
    from tracker.review_carrying import Texts, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is derived of a site; ``edition`` tells this derivation from any other."""

    edition: tuple[Any, ...]
    derived: Derived
    windows: Mapping[Window, Texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDerivation:
    """What is to take its place, and what made it."""

    versions: Sequence[DerivedVersion]
    changes: Sequence[Change]
    decisions: Sequence[Decision]
    made_by: Mapping[str, str]


def standing(conn: Connection, site_id: int) -> Standing:
    """What is derived of a site at present."""
    known = versions.of_site(conn, site_id)
    labelled = segments.of_versions(conn, site_id, [version.number for version in known])
    return Standing(
        edition=versions.edition(conn, site_id),
        derived=Derived(
            versions=tuple(known),
            decisions=tuple(decisions.of_site(conn, site_id)),
            segments=frozenset(one for found in labelled.values() for one in found),
        ),
        windows=windows(known, changes.of_site(conn, site_id)),
    )


def take_its_place(
    conn: Connection, site_id: int, before: Standing, new: NewDerivation
) -> CarriedReviews | None:
    """Keep a new derivation; None where another one has come since ``before`` was read.

    All of it in the caller's transaction: what stands is the old derivation or the new one, with
    the reviews of either.
    """
    versions.hold(conn, site_id)
    if versions.edition(conn, site_id) != before.edition:
        return None
    versions.replace(conn, site_id, new.versions, made_by=new.made_by)
    changes.replace(conn, site_id, new.changes)
    decisions.replace(conn, site_id, new.decisions)
    present = windows([one.version for one in new.versions], new.changes)
    return carry_over(conn, site_id, before.windows, present)


def derived_of(new: NewDerivation) -> Derived:
    """A new derivation as `tracker.upgrades` compares it."""
    return Derived(
        versions=tuple(one.version for one in new.versions),
        decisions=tuple(new.decisions),
        segments=frozenset(segment for one in new.versions for segment in one.segments),
    )
