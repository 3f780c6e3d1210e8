"""What is derived and replaced as a whole: versions, their segments, changes, decisions."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from storage import captures, changes, decisions, segments, sites, snapshots, versions
from storage.database import open_database
from storage.errors import StorageError
from storage.records import (
    Capture,
    Change,
    CommitmentChange,
    Decision,
    Document,
    Memento,
    PracticeCount,
    Screening,
    Verdict,
    Version,
    VersionSegment,
    version_id,
)
from storage.schema import segment_texts
from storage.versions import DerivedVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Connection, Database

START = datetime(2015, 5, 12, tzinfo=UTC)
MADE_BY = {"normalizer": "1", "segmenter": "1", "classifier": "1"}


@pytest.fixture
def conn(db: Database) -> Iterator[Connection]:
    with db.write() as writing:
        yield writing


@pytest.fixture
def site_id(conn: Connection) -> int:
    return sites.add(conn, "example.com").id


def snapshot(conn: Connection, site_id: int, moment: datetime, text: str) -> int:
    capture = Capture(
        urlkey="k",
        timestamp=f"{moment:%Y%m%d%H%M%S}",
        original="http://example.com/privacy",
        mimetype="text/html",
        statuscode=200,
        digest="-",
    )
    captures.record(conn, site_id, "wayback", "policy", [capture])
    [listed] = captures.of_site(conn, site_id, state="listed")
    memento = Memento(
        capture=capture,
        archive_url="http://archive/1",
        status=200,
        headers=(),
        body=text.encode(),
        fetched_at=moment,
    )
    kept = snapshots.keep(conn, listed.id, memento)
    screening = Screening(verdict=Verdict.POLICY, reason="", policy_score=1.0)
    snapshots.judge(conn, kept, screening, Document(markdown=text), normalizer="1")
    return kept


def derived(number: int, snapshot_id: int, text: str, *, ordinal: int = 0) -> DerivedVersion:
    digest = sha256(text.encode()).hexdigest()
    seen = START + timedelta(days=100 * number)
    version = Version(
        id=version_id("example.com", digest, ordinal),
        number=number,
        url="http://example.com/privacy",
        first_seen=seen,
        last_seen=seen + timedelta(days=50),
        captures=3,
        archive_url="http://archive/1",
        stated_date=date(2015, 5, 1),
        language="en",
        words=2,
        text_sha256=digest,
        practices={"Data Security": 1},
        reason="the text differs",
    )
    return DerivedVersion(
        version=version,
        snapshot_id=snapshot_id,
        segments=(
            VersionSegment(text="Security", kind="heading", level=2),
            VersionSegment(
                text=text, kind="paragraph", heading="Security", categories=("Data Security",)
            ),
            VersionSegment(text="Contact us.", kind="paragraph", heading="Security"),
            VersionSegment(text="Contact us.", kind="paragraph", heading="Security"),
        ),
    )


def two_versions(conn: Connection, site_id: int) -> list[DerivedVersion]:
    return [
        derived(number, snapshot(conn, site_id, START + timedelta(days=number), text), text)
        for number, text in ((1, "We encrypt."), (2, "We encrypt all."))
    ]


CHANGE = Change(
    old_number=1,
    new_number=2,
    after=START,
    before=START + timedelta(days=9),
    silent=True,
    words_added=1,
    words_removed=0,
    practices=(PracticeCount(category="Data Security", modified=1, gained=1),),
    directions=(
        CommitmentChange(
            direction="weakened",
            old_words="will not",
            new_words="may",
            categories=("Data Security",),
        ),
    ),
    moved={"Other": 2},
    kind="wording",
)


def test_versions_come_back_as_derived(conn: Connection, site_id: int) -> None:
    both = two_versions(conn, site_id)
    versions.replace(conn, site_id, both, made_by=MADE_BY)
    changes.replace(conn, site_id, [CHANGE])
    one, two = (each.version for each in both)
    assert versions.of_site(conn, site_id) == [one, two]
    assert changes.of_site(conn, site_id) == [CHANGE]
    assert versions.by_number(conn, site_id, 2) == two
    assert versions.by_number(conn, site_id, 3) is None
    assert versions.by_id(conn, one.id) == (site_id, one)
    assert versions.by_id(conn, "no such id") is None
    assert versions.document(conn, two.id).markdown == "We encrypt all."
    assert versions.snapshot_id(conn, two.id) == both[1].snapshot_id
    assert versions.made_by(conn, site_id) == MADE_BY
    with pytest.raises(StorageError, match="no version"):
        versions.document(conn, "0" * 12)


def test_the_version_in_force_at_a_moment(conn: Connection, site_id: int) -> None:
    both = two_versions(conn, site_id)
    versions.replace(conn, site_id, both, made_by=MADE_BY)
    one, two = (each.version for each in both)
    second = timedelta(seconds=1)
    assert versions.at(conn, site_id, one.first_seen - second) is None
    assert versions.at(conn, site_id, one.first_seen) == one
    assert versions.at(conn, site_id, two.first_seen - second) == one
    assert versions.at(conn, site_id, two.last_seen + timedelta(days=4000)) == two


def test_texts_of_segments_are_kept_once(conn: Connection, site_id: int) -> None:
    both = two_versions(conn, site_id)
    versions.replace(conn, site_id, both, made_by=MADE_BY)
    versions.replace(conn, site_id, both, made_by=MADE_BY)
    assert segments.of_version(conn, site_id, 1) == both[0].segments
    loaded = segments.of_versions(conn, site_id, [1, 2])
    assert loaded[2] == both[1].segments
    assert loaded[1][0] is loaded[2][0]
    texts = sorted(conn.execute(segment_texts.select().with_only_columns(segment_texts.c.text)))
    assert [text for (text,) in texts] == [
        "",
        "Contact us.",
        "Security",
        "We encrypt all.",
        "We encrypt.",
    ]
    assert segments.of_versions(conn, site_id, [7]) == {7: ()}


def test_an_older_version_slots_in_and_ids_stay(conn: Connection, site_id: int) -> None:
    both = two_versions(conn, site_id)
    versions.replace(conn, site_id, both, made_by=MADE_BY)
    changes.replace(conn, site_id, [CHANGE])
    noise = snapshot(conn, site_id, START + timedelta(days=7), "noise")
    older = snapshot(conn, site_id, START - timedelta(days=7), "Older.")
    three = [
        derived(1, older, "Older."),
        derived(2, both[0].snapshot_id, "We encrypt."),
        derived(3, both[1].snapshot_id, "We encrypt all."),
    ]
    versions.replace(conn, site_id, three, made_by=MADE_BY)
    assert changes.of_site(conn, site_id) == []
    explained = [
        Decision(snapshot_id=older, number=1, reason="first text"),
        Decision(snapshot_id=both[0].snapshot_id, number=2, reason="the text differs"),
        Decision(snapshot_id=both[1].snapshot_id, number=3, reason="the text differs"),
        Decision(snapshot_id=noise, number=None, reason="too short"),
    ]
    decisions.replace(conn, site_id, explained)
    kept = versions.of_site(conn, site_id)
    assert [version.id for version in kept[1:]] == [each.version.id for each in both]
    assert decisions.of_site(conn, site_id) == explained
    assert decisions.of_site(conn, site_id, number=3) == [explained[2]]
    versions.replace(conn, site_id, [], made_by=MADE_BY)
    assert versions.of_site(conn, site_id) == []
    assert versions.made_by(conn, site_id) is None


def test_a_version_needs_a_document_and_a_failed_replacement_changes_nothing(db: Database) -> None:
    with db.write() as conn:
        site_id = sites.add(conn, "example.com").id
        both = two_versions(conn, site_id)
        versions.replace(conn, site_id, both, made_by=MADE_BY)
    with pytest.raises(StorageError, match="snapshot 999 has no document"), db.write() as conn:
        versions.replace(conn, site_id, [derived(1, 999, "x")], made_by=MADE_BY)
    with db.read() as conn:
        assert versions.of_site(conn, site_id) == [each.version for each in both]


def test_a_text_that_returns_is_a_version_of_its_own() -> None:
    ids = {version_id("a.com", "0" * 64, n) for n in (0, 1)} | {version_id("b.com", "0" * 64, 0)}
    assert len(ids) == 3
    assert all(len(one) == 12 and int(one, 16) >= 0 for one in ids)


def replace_often(url: str, site_id: int, both: list[DerivedVersion]) -> None:
    with open_database(url) as db:
        for _ in range(10):
            db.transact(lambda conn: versions.replace(conn, site_id, both, made_by=MADE_BY))


def test_two_processes_may_replace_what_is_derived_of_one_site(database_url: str) -> None:
    with open_database(database_url) as db:
        with db.write() as conn:
            site_id = sites.add(conn, "example.com").id
            both = two_versions(conn, site_id)
        with multiprocessing.get_context("spawn").Pool(3) as pool:
            pool.starmap(replace_often, [(database_url, site_id, both)] * 3)
        with db.read() as conn:
            assert versions.of_site(conn, site_id) == [each.version for each in both]
            assert segments.of_version(conn, site_id, 2) == both[1].segments
