"""How often a site is looked at, by what its policy has done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tracker.pace import YEAR, Limits, after_failures, early, interval

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = Limits(shortest=timedelta(days=1), longest=timedelta(days=60))
OPEN = Limits(shortest=timedelta(hours=1), longest=YEAR)


def test_a_site_that_never_changes_is_looked_at_ever_less_often() -> None:
    ages = (timedelta(0), YEAR / 4, YEAR / 2, YEAR, 3 * YEAR)
    lengths = [interval(NOW - age, [], NOW, OPEN) for age in ages]
    assert lengths == sorted(set(lengths))
    assert interval(NOW - 3 * YEAR, [], NOW, LIMITS) == LIMITS.longest


def test_one_that_changes_more_is_looked_at_more_often() -> None:
    lengths = [
        interval(NOW - 5 * YEAR, [NOW - YEAR * k / often for k in range(5 * often)], NOW, OPEN)
        for often in (1, 4, 12, 52)
    ]
    assert lengths == sorted(set(lengths), reverse=True)


def test_the_chance_to_be_late_is_the_one_that_is_meant() -> None:
    monthly = [NOW - YEAR * k / 12 for k in range(600)]
    length = interval(NOW - 50 * YEAR, monthly, NOW, OPEN)
    # One look in twenty is to find a change; a little rarer, for the average site mixed in.
    assert 0.7 < YEAR / 12 / length / 20 < 1.0


def test_what_it_did_lately_counts_most() -> None:
    old = [NOW - 8 * YEAR - YEAR * k / 12 for k in range(24)]
    new = [NOW - YEAR * k / 12 for k in range(24)]
    first = NOW - 10 * YEAR
    assert interval(first, new, NOW, OPEN) < interval(first, old, NOW, OPEN) / 3


def test_what_fails_is_tried_ever_more_seldom_but_goes_on() -> None:
    waits = [after_failures(number, 5, LIMITS) for number in (1, 5, 6, 7, 99)]
    assert [wait.days for wait in waits] == [1, 1, 2, 4, 60]


def test_a_daily_cron_line_comes_early_enough() -> None:
    day = timedelta(days=1)
    assert day - early(day) == timedelta(hours=23)
    assert early(timedelta(minutes=10)) == timedelta(minutes=1)
