"""What is put into the outbox, and that nothing is told twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

from storage import outbox, sites, tags, watches
from storage.notices import NoticeKind
from tests.unit.test_storage_derived import snapshot
from tracker.analysis import Analysis, analyse
from tracker.config import Config
from tracker.notification_config import rule_of
from tracker.notify.announce import announce, announce_health, begin_watch

if TYPE_CHECKING:
    from storage.database import Connection, Database
    from storage.notices import Notice
    from storage.records import Site

START = datetime(2015, 1, 1, tzinfo=UTC)
NOW = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
POLICY = "# Privacy policy\n\nLast updated: May 1, 2014\n\n" + "\n\n".join(
    f"We collect your data for purpose {n} and keep it safe in our systems." for n in range(9)
)
DESK = {"name": "desk", "to": "mailto:desk@example.org"}


def configured(*rules: dict[str, Any]) -> Config:
    return Config(notify=tuple(rule_of(rule) for rule in rules))


def tracked(db: Database) -> Site:
    with db.write() as conn:
        return sites.add(conn, "example.com")


def captured(db: Database, site: Site, days: int, partners: int) -> Analysis:
    """A capture of so many days on, with a text of its own; derived."""
    with db.write() as conn:
        more = f"\n\nWe share your data with {partners} partners." if partners else ""
        snapshot(conn, site.id, START + timedelta(days=days), POLICY + more)
    return analyse(db, site, normalizer="1")


def waiting(db: Database) -> list[Notice]:
    with db.read() as conn:
        return outbox.listed(conn)[::-1]


def test_a_first_backfill_is_told_to_those_alone_who_ask_for_history(db: Database) -> None:
    site = tracked(db)
    captured(db, site, 0, 0)
    analysis = captured(db, site, 100, 1)
    chronicle = {"name": "chronicle", "to": "webhook:https://example.org", "history": True}
    config = configured(DESK, chronicle)
    assert announce(db, config, site, analysis, first=True, clock=lambda: NOW) == 1
    assert [notice.rule for notice in waiting(db)] == ["chronicle"]
    analysis = captured(db, site, 200, 2)
    assert announce(db, config, site, analysis, first=False, clock=lambda: NOW) == 2


def test_the_first_versions_are_history_whenever_they_come(db: Database) -> None:
    site, config = tracked(db), configured(DESK)
    for _ in range(2):
        analysis = analyse(db, site, normalizer="1")
        assert announce(db, config, site, analysis, first=False, clock=lambda: NOW) == 0
    captured(db, site, 0, 0)
    analysis = captured(db, site, 100, 1)
    assert announce(db, config, site, analysis, first=False, clock=lambda: NOW) == 0
    analysis = captured(db, site, 200, 2)
    assert announce(db, config, site, analysis, first=False, clock=lambda: NOW) == 1


def test_a_change_is_told_once_and_once_to_each_channel(db: Database) -> None:
    site = tracked(db)
    begin = captured(db, site, 0, 0)
    config = configured(DESK, {"name": "again", "to": [DESK["to"], "mailto:b@example.org"]})
    assert announce(db, config, site, begin, first=True, clock=lambda: NOW) == 0
    analysis = captured(db, site, 100, 1)
    for expected in (2, 0, 0):
        assert announce(db, config, site, analysis, first=False, clock=lambda: NOW) == expected
    first, second = waiting(db)
    assert (first.rule, second.rule, second.channel) == ("desk", "again", "mailto:b@example.org")
    assert first.payload["silent"]
    assert first.payload["passages"] == [[[1, "We share your data with 1 partners."]]]
    # It was derived anew, by another normalizer, and is the same change.
    with db.write() as conn:
        for day, text in ((0, POLICY), (100, f"{POLICY}\n\nWe share your data with 1 partners. ")):
            snapshot(conn, site.id, START + timedelta(days=day, seconds=1), text)
    again = analyse(db, site, normalizer="1")
    assert announce(db, config, site, again, first=False, clock=lambda: NOW) == 0


def test_what_a_killed_run_had_derived_is_told_by_the_next(db: Database) -> None:
    site = tracked(db)
    announce(db, configured(DESK), site, captured(db, site, 0, 0), first=True, clock=lambda: NOW)
    captured(db, site, 100, 1)
    nothing = replace(analyse(db, site, normalizer="1"), new=())
    assert announce(db, configured(DESK), site, nothing, first=False, clock=lambda: NOW) == 1


def test_who_has_lost_the_run_tells_nothing_and_takes_nothing_for_told(db: Database) -> None:
    site, config = tracked(db), configured(DESK)
    analysis = captured(db, site, 0, 0)

    def lost(_conn: Connection) -> bool:
        return False

    assert begin_watch(db, config, site, lambda: NOW, ours=lost) == 0
    assert db.retrieve(lambda conn: watches.of_site(conn, site.id)) is None
    announce(db, config, site, analysis, first=True, clock=lambda: NOW)
    analysis = captured(db, site, 100, 1)
    for expected, ours in ((0, lost), (1, None)):
        added = announce(db, config, site, analysis, first=False, clock=lambda: NOW, ours=ours)
        assert added == expected


def test_of_a_site_that_was_crawled_by_hand_only_what_is_new_is_told(db: Database) -> None:
    for noted in (True, False):
        with db.write() as conn:
            site = sites.add(conn, f"{noted}.example")
        captured(db, site, 0, 0)
        captured(db, site, 100, 1)
        if noted:
            assert begin_watch(db, configured(DESK), site, lambda: NOW) == 0
        analysis = captured(db, site, 200, 2)
        assert announce(db, configured(DESK), site, analysis, first=False, clock=lambda: NOW) == 1
        assert waiting(db)[-1].payload["from"] == 2


def test_what_was_known_before_the_first_update_is_told_to_history_rules_once(db: Database) -> None:
    chronicle = {"name": "chronicle", "to": "webhook:https://example.org", "history": True}
    config = configured(DESK, chronicle)
    for first in (False, True):
        with db.write() as conn:
            site = sites.add(conn, f"{first}.example")
        # Texts that come back: each change between the same two is one of its own.
        for at, partners in enumerate((0, 1, 0, 1)):
            analysis = captured(db, site, 100 * at, partners)
        if not first:
            assert begin_watch(db, config, site, lambda: NOW) == 3
            assert begin_watch(db, config, site, lambda: NOW) == 0
        nothing = replace(analysis, new=())
        added = announce(db, config, site, nothing, first=first, clock=lambda: NOW)
        assert added == (3 if first else 0)
    told = [notice for notice in waiting(db) if notice.kind is NoticeKind.CHANGE]
    assert {notice.rule for notice in told} == {"chronicle"}
    assert [notice.payload["late"] for notice in told] == [False] * 6


def test_a_capture_that_comes_late_is_told_as_late(db: Database) -> None:
    site = tracked(db)
    announce(db, configured(DESK), site, captured(db, site, 0, 0), first=True, clock=lambda: NOW)
    announce(db, configured(DESK), site, captured(db, site, 400, 0), first=False, clock=lambda: NOW)
    analysis = captured(db, site, 200, 1)
    assert announce(db, configured(DESK), site, analysis, first=False, clock=lambda: NOW) == 2
    assert [notice.payload["late"] for notice in waiting(db)] == [True, True]


def test_rules_by_tag_see_the_tags_of_now(db: Database) -> None:
    site = tracked(db)
    config = configured(DESK | {"tags": ["bank"]})
    announce(db, config, site, captured(db, site, 0, 0), first=True, clock=lambda: NOW)
    assert announce(db, config, site, captured(db, site, 9, 1), first=False, clock=lambda: NOW) == 0
    with db.write() as conn:
        tags.add(conn, site.id, ["bank"])
    assert (
        announce(db, config, site, captured(db, site, 99, 2), first=False, clock=lambda: NOW) == 1
    )


def test_two_that_announce_at_once_tell_once(db: Database) -> None:
    site = tracked(db)
    config = configured(DESK)
    announce(db, config, site, captured(db, site, 0, 0), first=True, clock=lambda: NOW)
    analysis = captured(db, site, 100, 1)
    both, looks = Barrier(2), count()

    def clock() -> datetime:
        # Both have begun before either reads; whoever is overtaken looks at the clock once more.
        if next(looks) < 2:
            both.wait(10)
        return NOW

    def tell() -> None:
        announce(db, config, site, analysis, first=False, clock=clock)

    threads = [Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waiting(db)) == 1


def test_a_site_falls_ill_once_and_recovers_once(db: Database) -> None:
    site, config = tracked(db), configured(DESK)
    kinds = ["recovery", "quarantine", "quarantine", "recovery", "recovery", "quarantine"]
    added = [announce_health(db, config, site, kind, "no answer", lambda: NOW) for kind in kinds]
    assert added == [0, 1, 0, 1, 0, 1]
    quiet = configured(DESK | {"health": False, "to": "mailto:quiet@example.org"})
    assert announce_health(db, quiet, site, NoticeKind.QUARANTINE, "gone", lambda: NOW) == 0
