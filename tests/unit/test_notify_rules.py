"""Rules of notifications: what they want, when their digests go out, what is news."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage.notices import KnownChange, Watch
from storage.records import Change, CommitmentChange, PracticeCount
from tracker.comparison import compare
from tracker.errors import TrackerError
from tracker.notification_config import NotifyRule, rule_of
from tracker.notify.news import news, with_known
from tracker.notify.passages import LONGEST, passages
from tracker.notify.rules import concerns_site, due, wants

DAY = datetime(2025, 1, 1, tzinfo=UTC)
CHANGE = Change(
    old_number=1,
    new_number=2,
    after=DAY,
    before=DAY,
    silent=False,
    words_added=3,
    words_removed=0,
    practices=(PracticeCount(category="Data Retention", modified=1),),
    directions=(CommitmentChange(direction="weakened", categories=("Data Retention",)),),
    score=40,
)


def rule(**given: Any) -> NotifyRule:
    return rule_of({"name": "desk", "to": "mailto:desk@example.org", **given})


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, True),
        ({"silent": True}, False),
        ({"min_score": 40}, True),
        ({"min_score": 41}, False),
        ({"categories": ["Data Security"]}, False),
        ({"categories": ["Data Security", "Data Retention"]}, True),
        ({"directions": ["weakened"]}, True),
        ({"directions": ["dropped"]}, False),
        ({"directions": ["weakened"], "categories": ["Data Retention"]}, True),
    ],
)
def test_all_conditions_must_hold(given: dict[str, Any], wanted: bool) -> None:
    assert wants(rule(**given), CHANGE) is wanted


def test_a_change_without_a_score_is_told() -> None:
    assert wants(rule(min_score=90), replace(CHANGE, score=-1))


def test_sites_and_tags() -> None:
    assert concerns_site(rule(), "a.example", ())
    assert concerns_site(rule(sites="a.example"), "a.example", ())
    assert not concerns_site(rule(sites="b.example"), "a.example", ())
    assert concerns_site(rule(tags=["bank"]), "a.example", ("bank", "eu"))
    assert not concerns_site(rule(tags=["bank"]), "a.example", ("eu",))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"nam": "x"}, "unknown key 'nam'"),
        ({"to": []}, "needs a 'name'"),
        ({"to": "desk"}, "is no address"),
        ({"to": "json://me:open-sesame@host"}, "write a password as"),
        ({"to": "webhook:https://me:open-sesame@host"}, "write a password as"),
        ({"categories": ["Retention"]}, "is none of"),
        ({"digest": "hourly"}, "is none of now, daily, weekly"),
        ({"hour": 24}, "between 0 and 23"),
        ({"timezone": "Europe/Atlantis"}, "write Europe/Berlin"),
        ({"silent": "yes"}, "must be a bool"),
    ],
)
def test_what_is_wrong_with_a_rule_is_named(given: dict[str, Any], says: str) -> None:
    with pytest.raises(TrackerError, match=says) as caught:
        rule(**given)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "now", "expected"),
    [
        ({"digest": "now"}, "2025-06-02T10:00:00Z", "2025-06-02T10:00:00Z"),
        ({"digest": "daily"}, "2025-06-02T06:59:59Z", "2025-06-02T07:00:00Z"),
        ({"digest": "daily"}, "2025-06-02T07:00:00Z", "2025-06-03T07:00:00Z"),
        ({"digest": "weekly"}, "2025-06-02T07:00:00Z", "2025-06-09T07:00:00Z"),
        ({"digest": "weekly", "weekday": "sunday"}, "2025-06-02T07:00:00Z", "2025-06-08T07:00:00Z"),
        # Berlin's clocks go forward at 02:00 on 30 March, and back at 03:00 on 26 October.
        (
            {"digest": "daily", "hour": 2, "timezone": "Europe/Berlin"},
            "2025-03-29T12:00:00Z",
            "2025-03-30T01:00:00Z",
        ),
        (
            {"digest": "daily", "hour": 2, "timezone": "Europe/Berlin"},
            "2025-10-25T12:00:00Z",
            "2025-10-26T00:00:00Z",
        ),
        (
            {"digest": "daily", "hour": 2, "timezone": "Europe/Berlin"},
            "2025-10-26T00:30:00Z",
            "2025-10-27T01:00:00Z",
        ),
    ],
)
def test_when_a_digest_goes_out(given: dict[str, Any], now: str, expected: str) -> None:
    assert due(rule(**given), datetime.fromisoformat(now)) == datetime.fromisoformat(expected)


def known(old: str, new: str, after: int, before: int) -> KnownChange:
    moments = [DAY + timedelta(days=day) for day in (after, before)]
    return KnownChange(old=old, new=new, after=moments[0], before=moments[1])


def told(*changes: KnownChange, until: int = 0) -> Watch:
    return with_known(None, changes, made_by="1", until=DAY + timedelta(days=until))


def test_what_was_told_is_no_news_nor_what_happened_within_its_window() -> None:
    watch = told(known("a", "c", 0, 10), until=10)
    narrower, split = known("a", "c", 2, 8), [known("a", "b", 0, 5), known("b", "c", 5, 10)]
    for current in ([narrower], split):
        assert news(watch, current, made_by="1") == []
    [found] = news(watch, [known("a", "c", 0, 10), known("c", "d", 12, 14)], made_by="1")
    assert (found.at, found.late, found.nth) == (1, False, 0)


def test_the_same_step_taken_again_later_is_news() -> None:
    watch = told(known("a", "b", 0, 10), known("b", "a", 400, 410), until=410)
    [found] = news(watch, [known("a", "b", 800, 810)], made_by="1")
    assert found.nth == 1


def test_what_lies_before_a_known_capture_is_late() -> None:
    watch = told(known("a", "b", 0, 10), until=50)
    [found] = news(watch, [known("b", "c", 20, 30)], made_by="1")
    assert found.late


def test_a_technical_upgrade_is_no_news() -> None:
    watch = told(known("a", "b", 0, 10), until=50)
    remade = [known("A", "B", 0, 10), known("B", "C", 20, 30), known("C", "D", 50, 60)]
    assert [one.at for one in news(watch, remade, made_by="2")] == [2]


def test_passages_are_short_and_a_new_date_comes_last() -> None:
    long = " ".join(f"word{n}" for n in range(300))
    old = f"Last updated: May 1, 2020\n\n{long} We keep it for two years. {long}\n\nWe sell none."
    new = f"Last updated: May 9, 2021\n\n{long} We keep it for six years. {long}\n\nWe sell a lot."
    rows = compare(old, new)["segments"]
    first, second = passages(rows, 2)
    assert "".join(text for op, text in first if op >= 0).count("six") == 1
    assert "a lot" in "".join(text for op, text in second if op >= 0)
    for passage in (first, second):
        assert sum(len(text) for _, text in passage) <= LONGEST + 10
