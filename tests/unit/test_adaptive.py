"""The adaptive strategy on small series that a person can check."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from crawler.adaptive import BATCH, Adaptive
from crawler.selection import next_captures
from storage.records import Capture, CaptureState, ListedCapture, Role, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

START = datetime(2020, 1, 1, tzinfo=UTC)


def listed(count: int, digest: Callable[[int], str] = str, days: float = 1) -> list[ListedCapture]:
    return [
        ListedCapture(
            id=i,
            site_id=1,
            archive="a",
            role=Role.POLICY,
            capture=Capture(
                urlkey="com,example)/privacy",
                timestamp=format_timestamp(START + timedelta(days=days * i)),
                original="https://example.com/privacy",
                mimetype="text/html",
                statuscode=200,
                digest=digest(i),
            ),
        )
        for i in range(count)
    ]


def crawl(
    series: Sequence[ListedCapture],
    truth: Sequence[str | None],
    requests: int = 10**6,
    days: Mapping[str, frozenset[int]] | None = None,
) -> list[int]:
    """Fetch as the strategy says; answers what was fetched, in order."""
    keys: dict[int, str | None] = {}
    frontier = {item.id: item for item in series}
    fetched: list[int] = []

    def know(capture_id: int) -> None:
        keys[capture_id] = truth[capture_id]
        frontier[capture_id] = replace(frontier[capture_id], state=CaptureState.FETCHED)

    strategy = Adaptive(keys=keys, days=days or {})
    while choice := next_captures(list(frontier.values()), strategy):
        assert len(choice.fetch) <= BATCH
        for copy in choice.copy:
            assert truth[copy.id] == truth[copy.source]
            know(copy.id)
        for capture_id in choice.fetch[: requests - len(fetched)]:
            fetched.append(capture_id)
            know(capture_id)
        if len(fetched) == requests:
            break
    return fetched


def test_a_change_is_dated_to_neighbours_by_bisection() -> None:
    fetched = crawl(listed(1000), ["old"] * 700 + ["new"] * 300)
    assert {0, 699, 700, 999} <= set(fetched)
    assert len(fetched) <= 2 + 10 + 4


def test_the_newest_and_the_oldest_come_first() -> None:
    wanted = Adaptive(keys={}).wanted(listed(100))
    assert [item.id for item in wanted] == [99, 0]


def test_one_capture_and_none() -> None:
    assert [item.id for item in Adaptive(keys={}).wanted(listed(1))] == [0]
    assert Adaptive(keys={}).wanted([]) == []


def test_equal_digests_cost_nothing() -> None:
    truth = ["a"] * 400 + ["b"] * 50 + ["a"] * 550
    fetched = crawl(listed(1000, digest=lambda i: truth[i]), truth)
    assert len(fetched) <= 2


def test_runs_of_equal_digests_are_asked_once() -> None:
    truth = [f"text {i // 100}" for i in range(1000)]
    fetched = crawl(listed(1000, digest=lambda i: truth[i]), truth)
    assert len(fetched) == 10


def test_an_unusable_capture_gives_way_to_its_neighbour() -> None:
    truth: list[str | None] = [*["old"] * 70, *["new"] * 30]
    truth[99] = truth[69] = truth[70] = None
    assert {98, 68, 71} <= set(crawl(listed(100), truth))


def test_years_of_a_parked_domain_cost_little() -> None:
    fetched = crawl(listed(2000), ["policy"] * 1000 + [None] * 1000)
    assert {999, 1000} <= set(fetched)
    assert len(fetched) < 40


def test_errors_redirects_and_failures_are_not_asked_for() -> None:
    series = listed(6)
    for place, status in ((1, 404), (2, 301)):
        capture = replace(series[place].capture, statuscode=status)
        series[place] = replace(series[place], capture=capture)
    series[5] = replace(series[5], state=CaptureState.FAILED)
    assert sorted(crawl(series, ["a", "?", "?", "b", "c", "?"])) == [0, 3, 4]


def test_a_redirect_is_no_witness_of_a_page_with_its_digest() -> None:
    series = listed(2, digest=lambda _: "empty body")
    series[0] = replace(
        series[0],
        capture=replace(series[0].capture, statuscode=301),
        state=CaptureState.FETCHED,
    )
    assert [item.id for item in Adaptive(keys={0: None}).wanted(series)] == [1]


def test_a_revisit_is_served_by_the_body_it_repeats() -> None:
    series = listed(5, digest=lambda i: "same" if i in (2, 4) else str(i))
    for place in (1, 4):
        capture = replace(series[place].capture, mimetype="warc/revisit", statuscode=None)
        series[place] = replace(series[place], capture=capture)
    assert sorted(crawl(series, ["a", "?", "b", "b", "b"])) == [0, 2]


def test_a_page_that_flickers_does_not_cost_every_capture() -> None:
    truth = [("a", "b")[i * 7919 % 101 % 2] for i in range(2000)]
    assert len(crawl(listed(2000), truth)) < 200


def test_a_page_that_tells_the_time_does_not_cost_every_capture() -> None:
    truth = [f"it is day {i}" for i in range(3650)]
    assert len(crawl(listed(3650), truth)) < 3650 / 5


def test_a_busy_fortnight_is_dated_all_the_same() -> None:
    truth = ["a"] * 500 + ["b"] * 3 + ["c"] * 4 + ["d"] * 2 + ["e"] * 5 + ["f"] * 500
    fetched = set(crawl(listed(len(truth)), truth))
    assert {499, 500, 502, 503, 506, 507, 508, 509, 513, 514} <= fetched


def test_a_later_run_asks_only_for_what_is_new() -> None:
    truth = ["a"] * 500 + ["b"] * 500 + ["c"] * 10
    before = listed(1000)
    keys: dict[int, str | None] = {i: truth[i] for i in crawl(before, truth)}
    series = [
        replace(item, state=CaptureState.FETCHED) if item.id in keys else item
        for item in listed(1010)
    ]
    wanted = Adaptive(keys=keys).wanted(series)
    assert [item.id for item in wanted] == [1009]


@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=9),
    st.sampled_from([0.1, 1, 9]),
)
def test_every_text_that_never_returns_is_found_and_dated(
    spells: list[tuple[int, bool]], days: float
) -> None:
    truth: list[str | None] = []
    for number, (length, unusable) in enumerate(spells):
        truth += [f"text {number}"] * length
        if unusable:
            truth.append(None)
    fetched = set(crawl(listed(len(truth), days=days), truth))
    usable = [i for i, key in enumerate(truth) if key is not None]
    changes = {i for a, b in pairwise(usable) if truth[a] != truth[b] for i in (a, b)}
    assert changes | {usable[0], usable[-1]} <= fetched


def test_ten_thousand_captures_are_judged_in_no_time() -> None:
    series = listed(10_000, days=0.3)
    keys: dict[int, str | None] = {i: f"text {i // 300}" for i in range(0, 10_000, 150)}
    keys[9999] = "text 33"
    series = [
        replace(item, state=CaptureState.FETCHED) if item.id in keys else item for item in series
    ]
    strategy = Adaptive(keys=keys)
    strategy.wanted(series)
    began = time.perf_counter()
    assert len(strategy.wanted(series)) >= 30
    # 25 ms on an idle core; what must not pass is work that grows with the square.
    assert time.perf_counter() - began < 0.5


def test_a_day_that_the_newer_text_names_is_looked_at_early() -> None:
    truth = ["old"] * 700 + ["new"] * 300
    day = (START - datetime(1970, 1, 1, tzinfo=UTC)).days + 698
    fetched = crawl(
        listed(1000), truth, days={"old": frozenset({1, 2}), "new": frozenset({2, day})}
    )
    assert fetched[2] in range(698, 702)
    assert {699, 700} <= set(fetched)


def test_a_day_that_is_named_in_vain_costs_little() -> None:
    truth = ["old"] * 700 + ["new"] * 300
    day = (START - datetime(1970, 1, 1, tzinfo=UTC)).days + 200
    fetched = crawl(listed(1000), truth, days={"new": frozenset({day})})
    assert {699, 700} <= set(fetched)
    assert len(fetched) <= 2 + 13 + 4
