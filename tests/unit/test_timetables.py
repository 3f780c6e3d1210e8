"""When something is due: intervals, cron lines, clocks that are set back and forth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tracker.durations import duration, written
from tracker.errors import RequestError
from tracker.schedule_rules import PaceConfig, rule_of
from tracker.timetables import COUNTED, coming, missed, timetable

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def days(line: str, number: int = 4, *, start: datetime = START, zone: str = "UTC") -> list[str]:
    table = timetable(cron=line, timezone=zone)
    return [f"{moment:%a %m-%d %H:%M}" for moment in coming(table, start, start, number)]


def test_an_interval_keeps_its_first_moment() -> None:
    table = timetable(every="6h")
    before = START - timedelta(seconds=1)
    assert list(coming(table, START, before, 2)) == [START, START + timedelta(hours=6)]
    later = START + timedelta(days=400, hours=1)
    assert list(coming(table, START, later, 1)) == [START + timedelta(days=400, hours=6)]


def test_weekdays_and_days_are_those_of_a_crontab() -> None:
    assert days("0 3 * * 0", 1) == days("0 3 * * 7", 1) == ["Sun 11-22 03:00"]
    assert days("0 3 * * 1-5", 2) == ["Mon 11-23 03:00", "Tue 11-24 03:00"]
    assert days("0 3 * * fri-sun", 2) == ["Sun 11-22 03:00", "Fri 11-27 03:00"]
    assert days("0 3 1 * 1", 3) == ["Mon 11-23 03:00", "Mon 11-30 03:00", "Tue 12-01 03:00"]
    assert days("@weekly", 1) == ["Sun 11-22 00:00"]


def test_a_daily_line_is_due_once_a_day_when_clocks_change() -> None:
    spring, autumn = datetime(2026, 3, 27, 12, tzinfo=UTC), datetime(2026, 10, 23, 12, tzinfo=UTC)
    zone = "Europe/Berlin"
    forth = days("30 2 * * *", 3, start=spring, zone=zone)
    assert forth == ["Sat 03-28 01:30", "Sun 03-29 01:30", "Mon 03-30 00:30"]
    back = days("30 2 * * *", 3, start=autumn, zone=zone)
    assert back == ["Sat 10-24 00:30", "Sun 10-25 00:30", "Mon 10-26 01:30"]


def test_an_hourly_line_is_due_every_real_hour_when_clocks_change() -> None:
    table = timetable(cron="0 * * * *", timezone="Europe/Berlin")
    for start in (datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)):
        moments = list(coming(table, start, start, 12))
        assert {later - one for one, later in pairwise(moments)} == {timedelta(hours=1)}


def test_what_was_missed_is_counted_and_its_last_moment_told() -> None:
    day = START + timedelta(days=1)
    hourly = timetable(every="1h")
    assert missed(hourly, START, START, day) == (day, 24)
    assert missed(hourly, START, day, day) is None
    assert missed(timetable(cron="0 * * * *"), START, START, day) == (day, 24)
    years = START + timedelta(days=3000)
    assert missed(timetable(cron="* * * * *"), START, START, years) == (years, COUNTED)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"every": "6h", "cron": "0 3 * * *"},
        {"every": "0"},
        {"every": "soon"},
        {"every": "6h", "timezone": "Europe/Nowhere"},
        {"every": "6h", "timezone": "../etc"},
        {"cron": "0 3 * *"},
        {"cron": "0 25 * * *"},
        {"cron": "0 3 31 2 *"},
        {"cron": "0 3 * * 8"},
        {"cron": "0 3 * * 5-2"},
        {"cron": "0 3 * * fun"},
        {"cron": "0 3 * * *", "jitter": "ten"},
    ],
)
def test_what_is_no_timetable_is_refused_in_a_line(given: dict[str, str]) -> None:
    with pytest.raises(RequestError) as caught:
        rule_of({"all": True, **given})
    assert "\n" not in str(caught.value)


def test_lengths_of_time_are_read_and_written_alike() -> None:
    for text in ("90s", "1h30m", "6h", "7d", "2w"):
        assert duration(written(duration(text))) == duration(text)
    assert written(duration("90s")) == "1m30s"
    assert duration("0") == timedelta(0)


def test_a_section_names_one_target_and_one_timetable() -> None:
    rule = rule_of({"tag": "banks", "cron": "0 3 * * *", "jitter": "10m", "adaptive": True})
    assert (rule.target, rule.timetable.adaptive) == ("tag:banks", True)
    assert rule_of({"site": "Example.COM", "every": "6h"}).target == "site:example.com"
    for wrong in (
        {"every": "6h"},
        {"site": "a.example", "all": True, "every": "6h"},
        {"all": True, "every": 6},
        {"all": True, "evry": "6h"},
    ):
        with pytest.raises(RequestError):
            rule_of(wrong)


def test_a_schedule_of_a_site_without_a_domain_is_refused() -> None:
    with pytest.raises(RequestError, match=r"ghost\.invalid: nobody knows its domain"):
        rule_of({"site": "ghost.invalid", "every": "6h"})
    with pytest.raises(RequestError, match="shortest"):
        _ = PaceConfig(shortest="7d", longest="1d").limits
