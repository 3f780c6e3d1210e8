"""What a crawl keeps: sites, the frontier of captures, bodies, snapshots and their verdicts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import zstandard

from storage import blobs, captures, crawls, documents, index_queries, series, sites, snapshots
from storage.errors import StorageError
from storage.records import (
    Capture,
    CaptureState,
    Document,
    Memento,
    PolicyUrl,
    Role,
    Screening,
    Verdict,
    parse_timestamp,
)
from storage.schema import blobs as blobs_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Connection, Database

WAYBACK = "wayback"
POLICY = Screening(verdict=Verdict.POLICY, reason="reads like one", policy_score=0.9)
BLOCKED = Screening(verdict=Verdict.BLOCKED, reason="a challenge page", policy_score=0.0)


@pytest.fixture
def conn(db: Database) -> Iterator[Connection]:
    with db.write() as writing:
        yield writing


@pytest.fixture
def site_id(conn: Connection) -> int:
    return sites.add(conn, "example.com").id


def capture(timestamp: str, original: str = "http://example.com/privacy") -> Capture:
    return Capture(
        urlkey="com,example)/privacy",
        timestamp=timestamp,
        original=original,
        mimetype="text/html",
        statuscode=200,
        digest="SHA1",
    )


def memento(listed: Capture, body: bytes) -> Memento:
    return Memento(
        capture=listed,
        archive_url=f"https://web.archive.org/web/{listed.timestamp}id_/{listed.original}",
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "ä=1")),
        body=body,
        fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
    )


def fetch(conn: Connection, site_id: int, timestamp: str, body: bytes, archive: str) -> int:
    captures.record(conn, site_id, archive, Role.POLICY, [capture(timestamp)])
    [listed] = captures.of_site(conn, site_id, archive=archive, state="listed")
    return snapshots.keep(conn, listed.id, memento(listed.capture, body))


def test_a_site_is_added_once_and_found_by_domain_or_name(conn: Connection) -> None:
    site = sites.add(conn, "Example.com")
    assert sites.add(conn, "example.com", name="Example Inc") == sites.get(conn, "EXAMPLE.com")
    assert sites.add(conn, "example.com").name == "Example Inc"
    found = sites.get(conn, "example inc")
    assert found is not None
    assert found.id == site.id
    assert sites.get(conn, "nobody.example") is None
    assert sites.by_id(conn, site.id) == found
    assert sites.by_id(conn, site.id + 1) is None


def test_discovery_replaces_its_own_urls_and_no_given_one(conn: Connection, site_id: int) -> None:
    first, last = datetime(2012, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC)
    sites.add_url(conn, site_id, "http://example.com/given")
    old = PolicyUrl(url="http://example.com/old", how="link", first=first, last=last)
    sites.set_discovered_urls(conn, site_id, [old])
    found = [
        PolicyUrl(url="http://example.com/new", how="link", first=last, evidence=("a link", "b")),
        PolicyUrl(url="http://example.com/given", how="link", first=first, last=last),
    ]
    sites.set_discovered_urls(conn, site_id, found)
    assert sites.policy_urls(conn, site_id) == [
        PolicyUrl(
            url="http://example.com/given",
            how="given by the user",
            first=first,
            last=last,
            given=True,
        ),
        found[0],
    ]


def test_captures_stream_in_once_and_keep_their_state(conn: Connection, site_id: int) -> None:
    moments = [datetime(2001, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(12_000)]
    listed = [capture(f"{moment:%Y%m%d%H%M%S}") for moment in moments]
    assert captures.record(conn, site_id, WAYBACK, "policy", iter(listed)) == 12_000
    first = captures.of_site(conn, site_id)[0]
    captures.mark_failed(conn, first.id, "504", transient=True)
    captures.mark_failed(conn, first.id, "504 again", transient=True)
    newer = capture("20250101000000")
    assert captures.record(conn, site_id, WAYBACK, "policy", [*listed[:50], newer, newer]) == 1
    assert captures.record(conn, site_id, WAYBACK, "home", listed[:1]) == 1
    [failed] = captures.of_site(conn, site_id, archive=WAYBACK, role="policy", state="failed")
    assert (failed.capture, failed.attempts, failed.reason) == (listed[0], 2, "504 again")
    assert failed.transient
    captures.mark_excluded(conn, first.id, "excluded by the archive")
    again = captures.by_id(conn, first.id)
    assert again is not None
    assert (again.state, again.attempts, again.transient) == (CaptureState.EXCLUDED, 3, False)
    assert len(captures.of_site(conn, site_id, role=Role.POLICY, state="listed")) == 12_000


def test_an_index_is_asked_only_for_what_is_newer(conn: Connection, site_id: int) -> None:
    url = "http://example.com/privacy"
    assert index_queries.latest(conn, site_id, WAYBACK, url) is None
    index_queries.record(conn, site_id, WAYBACK, url, rows=9, newest="2019", complete=False)
    assert index_queries.latest(conn, site_id, WAYBACK, url) is None
    assert index_queries.unfinished(conn, site_id, WAYBACK, url) == 1
    index_queries.record(conn, site_id, WAYBACK, url, rows=5, newest="2016", complete=True)
    index_queries.record(conn, site_id, WAYBACK, url, rows=0, newest=None, complete=True)
    known = index_queries.latest(conn, site_id, WAYBACK, url)
    assert known is not None
    assert (known.newest, known.rows) == ("2016", 0)
    assert index_queries.latest(conn, site_id, "other", url) is None


@pytest.mark.parametrize("body", [b"", b"\x00\xffshort", b"<p>We keep data</p>" * 5_000])
def test_a_body_comes_back_to_the_byte(conn: Connection, body: bytes) -> None:
    key = blobs.put(conn, body)
    assert blobs.put(conn, body) == key
    assert blobs.get(conn, key) == body


def read_or_error(conn: Connection, key: str) -> bytes | str:
    try:
        return blobs.get(conn, key)
    except StorageError as error:
        return str(error)


@pytest.mark.parametrize("body", [b"<p>We keep data</p>" * 500, b"short"])
def test_a_flipped_bit_is_noticed(conn: Connection, body: bytes) -> None:
    key = blobs.put(conn, body)
    row = conn.execute(blobs_table.select().where(blobs_table.c.sha256 == key)).one()
    outcomes = set()
    for position in range(len(row.data)):
        torn = bytearray(row.data)
        torn[position] ^= 0x10
        conn.execute(blobs_table.update().values(data=bytes(torn)))
        outcomes.add(read_or_error(conn, key))
    # zstd leaves a bit or two of its header unread: then the body itself is whole.
    damaged = f"the kept body {key} is damaged: `tracker doctor --deep --repair`, then crawl again"
    assert damaged in outcomes
    assert outcomes <= {damaged, body}


def test_every_body_is_verified(db: Database) -> None:
    with db.write() as conn:
        keys = sorted(blobs.put(conn, str(n).encode() * 999) for n in range(450))
        torn = blobs_table.update().where(blobs_table.c.sha256 == keys[300])
        conn.execute(torn.values(data=b"(\xb5/\xfd torn"))
    assert blobs.verify(db) == (450, [keys[300]])


def test_a_bomb_in_the_place_of_a_body_is_not_unpacked(conn: Connection) -> None:
    key = blobs.put(conn, b"<p>We keep data</p>" * 500)
    bomb = zstandard.ZstdCompressor().compress(bytes(50_000_000))
    conn.execute(blobs_table.update().values(data=bomb))
    with pytest.raises(StorageError, match="damaged"):
        blobs.get(conn, key)
    conn.execute(blobs_table.update().values(size=10**15))
    with pytest.raises(StorageError, match="damaged"):
        blobs.get(conn, key)
    with pytest.raises(StorageError, match="no body"):
        blobs.get(conn, "0" * 64)


def test_a_memento_is_kept_as_fetched_and_once(conn: Connection, site_id: int) -> None:
    kept = fetch(conn, site_id, "20150512171210", b"<p>one</p>", WAYBACK)
    [listed] = captures.of_site(conn, site_id)
    assert (listed.state, listed.attempts) == (CaptureState.FETCHED, 1)
    assert snapshots.keep(conn, listed.id, memento(listed.capture, b"other")) == kept
    snapshot = snapshots.by_id(conn, kept)
    expected = memento(listed.capture, b"<p>one</p>")
    assert (snapshot.capture, snapshot.headers) == (listed.capture, expected.headers)
    assert (snapshot.archive_url, snapshot.fetched_at) == (
        expected.archive_url,
        expected.fetched_at,
    )
    assert snapshot.content_type == "text/html; charset=utf-8"
    assert snapshot.verdict is None
    assert snapshots.body(conn, kept) == b"<p>one</p>"
    assert snapshots.document(conn, kept) is None
    assert snapshots.surroundings(conn, kept) == ()
    assert snapshots.by_ids(conn, [kept, 99]) == {kept: snapshot}
    assert snapshots.of_site(conn, site_id) == [snapshot]
    with pytest.raises(StorageError, match="no snapshot 99"):
        snapshots.body(conn, 99)


def test_a_snapshot_is_judged_anew_by_each_normalizer(conn: Connection, site_id: int) -> None:
    kept = fetch(conn, site_id, "20150512171210", b"<p>one</p>", WAYBACK)
    document = Document(
        markdown="# Datenschutz\n\nÄrger \ud800",
        title="Datenschutz \ud800",
        language="de",
        surroundings=("Menü", "Impressum"),
        notes=("cut at the footer",),
    )
    assert snapshots.unjudged(conn, site_id, normalizer="1") == [kept]
    snapshots.judge(conn, kept, POLICY, document, normalizer="1")
    assert snapshots.unjudged(conn, site_id, normalizer="1") == []
    assert snapshots.document(conn, kept) == Document(
        markdown="# Datenschutz\n\nÄrger ?",
        title="Datenschutz ?",
        language="de",
        surroundings=document.surroundings,
        notes=document.notes,
    )
    assert snapshots.surroundings(conn, kept) == ("Menü", "Impressum")
    assert snapshots.by_id(conn, kept).verdict is Verdict.POLICY
    assert snapshots.unjudged(conn, site_id, normalizer="2") == [kept]
    assert series.observations(conn, site_id, normalizer="2") == []
    snapshots.judge(conn, kept, BLOCKED, None, normalizer="2")
    [observation] = series.observations(conn, site_id, normalizer="2")
    assert (observation.verdict, observation.markdown) == (Verdict.BLOCKED, "")


def test_equal_documents_are_kept_once_per_normalizer(conn: Connection) -> None:
    document = Document(markdown="text", surroundings=("menu",))
    first = documents.put(conn, document, normalizer="1")
    assert documents.put(conn, document, normalizer="1") == first
    assert documents.put(conn, document, normalizer="2") != first
    other = documents.put(
        conn, Document(markdown="text", surroundings=("menu", "new")), normalizer="1"
    )
    assert other != first
    assert documents.get(conn, other).surroundings == ("menu", "new")
    with pytest.raises(StorageError, match="no document"):
        documents.get(conn, 99)


def test_a_series_is_in_time_order_and_shares_its_texts(conn: Connection, site_id: int) -> None:
    for timestamp, text in (("20160101000000", "b"), ("20140101000000", "a"), ("2015", "a")):
        kept = fetch(conn, site_id, timestamp, f"<p>{timestamp}".encode(), WAYBACK)
        document = Document(markdown=text * 300, surroundings=(timestamp,))
        snapshots.judge(conn, kept, POLICY, document, normalizer="1")
    captures.record(conn, site_id, WAYBACK, "home", [capture("2013")])
    observations = series.observations(conn, site_id, normalizer="1")
    assert [one.timestamp for one in observations] == ["20140101000000", "2015", "20160101000000"]
    assert observations[0].markdown is observations[1].markdown
    assert observations[1].moment == parse_timestamp("2015")
    captures.record(conn, site_id, WAYBACK, "policy", [capture("2017")])
    assert series.timestamps(conn, site_id) == [one.timestamp for one in observations]


def test_a_capture_that_two_archives_hold_is_observed_once(conn: Connection, site_id: int) -> None:
    blocked = fetch(conn, site_id, "20150101000000", b"no", "a")
    snapshots.judge(conn, blocked, BLOCKED, Document(markdown="go away"), normalizer="1")
    good = fetch(conn, site_id, "20150101000000", b"yes", "b")
    snapshots.judge(conn, good, POLICY, Document(markdown="policy"), normalizer="1")
    assert [o.snapshot_id for o in series.observations(conn, site_id, normalizer="1")] == [good]
    of_a = series.observations(conn, site_id, normalizer="1", archive="a")
    assert [one.snapshot_id for one in of_a] == [blocked]


def test_a_crawl_tells_its_outcome_or_that_it_never_ended(conn: Connection, site_id: int) -> None:
    killed = crawls.start(conn, site_id)
    done = crawls.start(conn, site_id)
    crawls.finish(conn, done, outcome="done", requests_cdx=2, requests_replay=30)
    last, first = crawls.of_site(conn, site_id)
    assert (last.id, last.outcome, last.requests_cdx, last.requests_replay) == (done, "done", 2, 30)
    assert last.ended is not None
    assert (first.id, first.ended, first.outcome) == (killed, None, None)
