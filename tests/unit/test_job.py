"""Jobs and events survive their way through the pipe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.config import ArchiveConfig
from crawler.errors import CrawlError
from crawler.job import (
    Event,
    Failure,
    Job,
    Listed,
    PassedOver,
    Paused,
    Planned,
    Policies,
    PolicyFound,
    Requests,
    RunDone,
    SiteDone,
    SiteJob,
    SiteStarted,
    SnapshotKept,
    event_from_json,
    event_to_json,
    job_from_json,
    job_to_json,
)
from crawler.overrides import Overrides, override_of
from crawler.session import check_job

MOMENT = datetime(2015, 5, 12, 17, 12, 10, tzinfo=UTC)

EVENTS: list[Event] = [
    SiteStarted(site="picroma.com"),
    Policies(
        site="picroma.com",
        policies=(PolicyFound(url="u", how="given", first=MOMENT, evidence=("one", "two")),),
        passed_over=(PassedOver(url="v", text="Cookies", why="a cookie page"),),
    ),
    Listed(site="picroma.com", captures=3),
    Planned(site="picroma.com", captures=2),
    SnapshotKept(site="s", url="ü", timestamp="20150512171210", verdict="policy", word_key=None),
    Failure(site="s", url="u", timestamp=None, reason="504\n", transient=True),
    Paused(seconds=60.0, why="429"),
    SiteDone(
        site="s",
        captures_listed=3,
        captures_fetched=2,
        requests=Requests(cdx=1, replay=2),
        failures=1,
        seconds=1.5,
        outcome="partial",
        reason="1 could not be had",
    ),
    RunDone(outcome="done"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_come_back(event: Event) -> None:
    line = event_to_json(event)
    assert "\n" not in line
    assert event_from_json(line) == event


def test_a_job_comes_back() -> None:
    job = Job(
        database="sqlite:///a.db",
        sites=(
            SiteJob(
                id=1,
                domain="picroma.com",
                urls=("https://picroma.com/privacy",),
                overrides=Overrides(rules=(override_of({"select": "main", "to": "2020-01-01"}),)),
            ),
        ),
        archive=ArchiveConfig(where="wayback:http://127.0.0.1:1", contact="me@example.org"),
        first=MOMENT,
        strategy="every:6mo",
        max_requests=7,
        mode="discover",
    )
    assert job_from_json(job_to_json(job)) == job


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sites": 3}', "nonsense"])
def test_what_is_no_job_or_event_is_said(text: str) -> None:
    with pytest.raises(CrawlError, match="not a crawl job"):
        job_from_json(text)
    with pytest.raises(CrawlError, match="not a crawl event"):
        event_from_json(text)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"archive": ArchiveConfig(cdx_per_minute=0)}, "without a limit"),
        ({"archive": ArchiveConfig(replay_per_minute=-1)}, "negative"),
        ({"strategy": "some"}, "unknown strategy"),
        ({"first": MOMENT, "last": datetime(2014, 1, 1, tzinfo=UTC)}, "lies after"),
        ({"max_requests": 0}, "at least 1"),
    ],
)
def test_a_senseless_job_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(CrawlError, match=words):
        check_job(Job(database="a.db", sites=(), **changes))  # type: ignore[arg-type]
