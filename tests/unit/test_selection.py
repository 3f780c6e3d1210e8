"""Which captures each strategy fetches, copies and leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.errors import CrawlError
from crawler.selection import Choice, Copy, next_captures, parse_strategy
from storage.records import Capture, CaptureState, ListedCapture, Role


def listed(
    number: int,
    timestamp: str,
    digest: str,
    *,
    status: int | None = 200,
    mimetype: str = "text/html",
    state: CaptureState = CaptureState.LISTED,
    original: str = "https://example.com/privacy",
) -> ListedCapture:
    return ListedCapture(
        id=number,
        site_id=1,
        archive="a",
        role=Role.POLICY,
        state=state,
        capture=Capture(
            urlkey="com,example)/privacy",
            timestamp=timestamp.ljust(14, "0"),
            original=original,
            mimetype=mimetype,
            statuscode=status,
            digest=digest,
        ),
    )


def run(
    items: list[ListedCapture], strategy: str, *, failing: frozenset[int] = frozenset()
) -> tuple[list[int], list[Copy]]:
    """Do what the strategy says until it is content: what was fetched, and what was copied."""
    known = {item.id: item for item in items}
    fetched: list[int] = []
    copied: list[Copy] = []
    while choice := next_captures(list(known.values()), parse_strategy(strategy, {}, {})):
        for number in choice.fetch:
            state = CaptureState.FAILED if number in failing else CaptureState.FETCHED
            known[number] = replace(known[number], state=state)
            fetched.append(number)
        for copy in choice.copy:
            assert known[copy.source].state is CaptureState.FETCHED
            known[copy.id] = replace(known[copy.id], state=CaptureState.FETCHED)
            copied.append(copy)
    return fetched, copied


SERIES = [
    listed(1, "201501", "A"),
    listed(2, "201502", "A"),
    listed(3, "201503", "B"),
    listed(4, "201504", "A"),
    listed(5, "201505", "-", status=None, mimetype="warc/revisit"),
    listed(6, "201506", "B", status=None, mimetype="warc/revisit"),
]


def test_one_request_serves_a_digest() -> None:
    fetched, copied = run(SERIES, "digest")
    assert fetched == [1, 3, 5]
    assert [(copy.id, copy.source) for copy in copied] == [(2, 1), (4, 1), (6, 3)]


def test_all_means_all_but_revisits() -> None:
    fetched, copied = run(SERIES, "all")
    assert fetched == [1, 2, 3, 4, 5]
    assert copied == [Copy(id=6, source=3)]


def test_another_of_the_digest_steps_in_for_one_that_failed() -> None:
    fetched, copied = run(SERIES[:4], "digest", failing=frozenset({1}))
    assert fetched == [1, 3, 2]
    assert copied == [Copy(id=4, source=2)]


def test_what_is_kept_is_not_asked_for_again() -> None:
    done = [replace(item, state=CaptureState.FETCHED) for item in SERIES]
    for strategy in ("digest", "all", "every:1mo"):
        assert next_captures(done, parse_strategy(strategy, {}, {})) == Choice()


def test_redirects_share_only_their_very_url() -> None:
    items = [
        listed(1, "2015", "E", status=301),
        listed(2, "2016", "E", status=301),
        listed(3, "2017", "E", status=301, original="http://example.com/privacy"),
        listed(4, "2018", "E", status=200),
    ]
    fetched, copied = run(items, "digest")
    assert fetched == [1, 3, 4]
    assert copied == [Copy(id=2, source=1)]


def test_a_revisit_is_asked_for_only_where_nothing_else_has_its_body() -> None:
    revisit = listed(1, "2015", "A", status=None, mimetype="warc/revisit")
    assert run([revisit, listed(2, "2016", "A")], "digest") == ([2], [Copy(id=1, source=2)])
    assert run([revisit], "all") == ([1], [])


def test_a_grid_takes_the_nearest_that_may_be_good() -> None:
    items = [
        listed(1, "20150102", "A"),
        listed(2, "20150301", "B"),
        listed(3, "20150629", "C", status=503),
        listed(4, "20150712", "D"),
        listed(5, "20160104", "E", status=302),
    ]
    fetched, _ = run(items, "every:6mo")
    assert fetched == [1, 4, 5]
    fetched, _ = run(items, "every:6mo", failing=frozenset({4}))
    assert fetched == [1, 4, 5, 3]


@pytest.mark.parametrize("text", ["", "nonsense", "every", "every:", "every:0mo", "every:6", "ALL"])
def test_an_unknown_strategy_is_said(text: str) -> None:
    with pytest.raises(CrawlError, match="every:6mo"):
        parse_strategy(text, {}, {})
