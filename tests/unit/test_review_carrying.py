"""Reviews when the texts of their changes are read otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from storage import reviews, sites
from storage.review_records import ReviewVerdict
from tracker.review_carrying import NOTE, CarriedReviews, carry_over

if TYPE_CHECKING:
    from storage.database import Connection, Database

FIRST = (datetime(2015, 1, 1, tzinfo=UTC), datetime(2015, 3, 1, tzinfo=UTC))
SECOND = (datetime(2016, 1, 1, tzinfo=UTC), datetime(2016, 3, 1, tzinfo=UTC))
A, B, C, X, Y = (letter * 64 for letter in "abcde")


def mark(conn: Connection, texts: tuple[str, str], note: str = "") -> int:
    """A site with one reviewed change; answers its id."""
    site = sites.add(conn, "example.com")
    reviews.add(
        conn,
        site.id,
        old=texts[0],
        new=texts[1],
        verdict=ReviewVerdict.IMPORTANT,
        note=note,
        tags=("ads",),
        reviewer="Eva",
        expected_revision=None,
    )
    return site.id


def test_a_review_goes_to_the_texts_that_its_change_has_now(db: Database) -> None:
    with db.write() as conn:
        site_id = mark(conn, (A, B), "look here")
        done = carry_over(conn, site_id, {FIRST: (A, B), SECOND: (B, C)}, {FIRST: (X, Y)})
        [carried] = done.carried
        assert reviews.latest_of(conn, site_id, X, Y) == carried
        assert (carried.verdict, carried.reviewer, carried.tags) == ("important", "Eva", ("ads",))
        assert carried.note == f"look here ({NOTE})"
        kept = reviews.latest_of(conn, site_id, A, B)
        assert kept is not None
        assert kept.note == "look here"


def test_a_review_whose_change_is_gone_is_kept_and_told(db: Database) -> None:
    with db.write() as conn:
        site_id = mark(conn, (A, B))
        done = carry_over(conn, site_id, {FIRST: (A, B)}, {SECOND: (A, C)})
        assert [(one.old_sha256, one.new_sha256) for one in done.unplaced] == [(A, B)]
        assert reviews.latest_of(conn, site_id, A, B) == done.unplaced[0]


def test_a_review_that_still_holds_stays_whatever_its_window(db: Database) -> None:
    with db.write() as conn:
        site_id = mark(conn, (A, B))
        assert carry_over(conn, site_id, {FIRST: (A, B)}, {SECOND: (A, B)}) == CarriedReviews()


def test_nothing_is_said_over_what_somebody_said(db: Database) -> None:
    with db.write() as conn:
        site_id = mark(conn, (A, B))
        mark(conn, (X, Y), "no news")
        assert carry_over(conn, site_id, {FIRST: (A, B)}, {FIRST: (X, Y)}) == CarriedReviews()
        kept = reviews.latest_of(conn, site_id, X, Y)
        assert kept is not None
        assert (kept.note, kept.revision) == ("no news", 1)
