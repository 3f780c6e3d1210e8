"""Reviews of changes, and the queue that they empty, on both databases."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import changes, review_queue, reviews, sites, versions
from storage.database import open_database
from storage.records import Change, PracticeCount
from storage.review_records import QueueFilter, QueuePlace, Relabel, ReviewVerdict
from storage.reviews import StaleReview
from tests.unit.test_storage_derived import MADE_BY, derived, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Connection, Database

START = datetime(2015, 5, 12, tzinfo=UTC)
OLD, NEW = "a" * 64, "b" * 64
SCORES = (70, 5, 40)


@pytest.fixture
def conn(db: Database) -> Iterator[Connection]:
    with db.write() as writing:
        yield writing


@pytest.fixture
def site_id(conn: Connection) -> int:
    """A site of four versions whose changes score 70, 5 and 40."""
    site = sites.add(conn, "example.com").id
    kept = [snapshot(conn, site, START + timedelta(days=n), f"Text {n}.") for n in range(4)]
    found = [derived(n + 1, kept[n], f"Text {n}.") for n in range(4)]
    versions.replace(conn, site, found, made_by=MADE_BY)
    joined = [
        Change(
            old_number=n,
            new_number=n + 1,
            after=START + timedelta(days=n),
            before=START + timedelta(days=n + 1),
            silent=n == 1,
            words_added=n,
            words_removed=0,
            practices=(PracticeCount(category=("Data Retention", "Other", "Other")[n - 1]),),
            score=score,
            reasons=(f"because of {score}",),
        )
        for n, score in enumerate(SCORES, 1)
    ]
    changes.replace(conn, site, joined)
    return site


def add(
    conn: Connection, site_id: int, verdict: str, *, expected: int | None = None, who: str = "Ann"
) -> int:
    review = reviews.add(
        conn,
        site_id,
        old=OLD,
        new=NEW,
        verdict=ReviewVerdict(verdict),
        note=f"{who} says {verdict}",
        reviewer=who,
        expected_revision=expected,
    )
    return review.revision


def test_what_is_said_is_kept_whole(conn: Connection, site_id: int) -> None:
    label = Relabel(text="We keep it.", heading="Data", categories=("Data Retention",))
    said = reviews.add(
        conn,
        site_id,
        old=OLD,
        new=NEW,
        verdict=ReviewVerdict.FALSE,
        note="a cookie banner\nin Käse",
        tags=["banner", "banner", "ünter"],
        labels=[label],
        reviewer="Ann",
        expected_revision=0,
    )
    assert said.tags == ("banner", "ünter")
    assert reviews.latest(conn, site_id) == {(OLD, NEW): said}
    assert reviews.history(conn, site_id, OLD, NEW) == [said]
    assert list(reviews.every(conn)) == [(site_id, said)]


def test_who_saw_an_older_review_is_told_what_was_said_meanwhile(
    conn: Connection, site_id: int
) -> None:
    add(conn, site_id, "routine", expected=0)
    with pytest.raises(StaleReview, match=r"Ann marked it routine at .* \(Ann says routine\)"):
        add(conn, site_id, "important", expected=0, who="Ben")
    assert add(conn, site_id, "important", expected=1, who="Ben") == 2
    assert add(conn, site_id, "undecided") == 3
    assert len(reviews.history(conn, site_id, OLD, NEW)) == 3


def test_undo_goes_back_step_by_step_and_forgets_nothing(conn: Connection, site_id: int) -> None:
    def undo() -> str | None:
        undone = reviews.undo(
            conn, site_id, old=OLD, new=NEW, reviewer="Ben", expected_revision=None
        )
        return None if undone is None else undone.verdict or "none"

    assert undo() is None
    for verdict in ("routine", "false", "routine"):
        add(conn, site_id, verdict)
    assert undo() == "false"
    add(conn, site_id, "important")
    assert [undo(), undo(), undo(), undo()] == ["false", "routine", "none", None]
    said = reviews.history(conn, site_id, OLD, NEW)
    assert [one.revision for one in said] == list(range(1, 9))
    assert said[3].restores == 2


def test_the_queue_is_paged_by_score_and_emptied_by_verdicts(
    conn: Connection, site_id: int
) -> None:
    first = review_queue.queue(conn, limit=2)
    rest = review_queue.queue(conn, limit=2, after=QueuePlace.of(first[-1]))
    assert [one.change.score for one in (*first, *rest)] == [70, 40, 5]
    assert first[0].change.reasons == ("because of 70",)
    top = first[0]
    assert (top.site, top.state, top.revision) == ("example.com", "open", 0)
    old, new = top.old_sha256, top.new_sha256
    reviews.add(
        conn,
        site_id,
        old=old,
        new=new,
        verdict=ReviewVerdict.IMPORTANT,
        tags=["sale"],
        reviewer="Ann",
        expected_revision=0,
    )

    def scores(wanted: QueueFilter) -> list[int]:
        return [one.change.score for one in review_queue.queue(conn, wanted)]

    assert scores(QueueFilter()) == [40, 5]
    assert scores(QueueFilter(state="all")) == [70, 40, 5]
    assert scores(QueueFilter(state="reviewed")) == scores(QueueFilter(state="important")) == [70]
    assert scores(QueueFilter(state="all", category="Data Retention")) == [70]
    assert scores(QueueFilter(state="all", tag="sale")) == [70]
    assert scores(QueueFilter(min_score=6)) == [40]
    assert scores(QueueFilter(since=START + timedelta(days=4))) == [40]
    assert scores(QueueFilter(site_ids=(site_id + 1,))) == []
    assert review_queue.counts(conn) == {
        "open": 2,
        "important": 1,
        "routine": 0,
        "false": 0,
        "undecided": 0,
    }
    found = review_queue.between(conn, site_id, top.old_id, top.new_id)
    assert found
    assert (found.id, found.state, found.revision) == (top.id, "important", 1)
    reviews.undo(conn, site_id, old=old, new=new, reviewer="Ben", expected_revision=1)
    assert scores(QueueFilter()) == [70, 40, 5]


def test_changes_from_before_there_were_scores_come_last_until_they_are_scored(
    conn: Connection, site_id: int
) -> None:
    old = changes.of_site(conn, site_id)
    changes.replace(conn, site_id, [replace(one, score=-1, reasons=()) for one in old])
    assert [one.change.score for one in review_queue.queue(conn)] == [-1, -1, -1]
    found = changes.unscored(conn, 2)
    assert len(found) == 2
    changes.score(conn, [(site, replace(one, score=9, reasons=("so",))) for site, one in found])
    assert [one.change.score for one in review_queue.queue(conn)] == [9, 9, -1]
    assert changes.of_site(conn, site_id)[0].reasons == ("so",)


def say(url: str, site_id: int, who: str, expected: int | None) -> bool:
    """Say something in a process of its own; whether it was written."""

    def write(conn: Connection) -> int:
        return add(conn, site_id, "routine", expected=expected, who=who)

    with open_database(url) as db:
        try:
            db.transact(write)
        except StaleReview:
            return False
    return True


def test_of_reviewers_at_once_none_is_lost_and_one_is_first(database_url: str) -> None:
    with open_database(database_url) as db, db.write() as conn:
        site_id = sites.add(conn, "example.com").id
    people = [f"reviewer {n}" for n in range(8)]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        first = pool.starmap(say, [(database_url, site_id, who, 0) for who in people])
        assert sum(first) == 1
        assert all(pool.starmap(say, [(database_url, site_id, who, None) for who in people]))
    with open_database(database_url) as db, db.read() as conn:
        said = reviews.history(conn, site_id, OLD, NEW)
    assert [one.revision for one in said] == list(range(1, 10))
    assert sorted(one.reviewer for one in said[1:]) == people
    assert said[0].reviewer == people[first.index(True)]
