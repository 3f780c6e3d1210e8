"""The picture of categories by versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from storage.records import Version
from tracker.cli.history_picture import picture

MOMENT = datetime(2015, 1, 1, tzinfo=UTC)
ONE = Version(
    id="v",
    number=1,
    url="https://a.example/privacy",
    first_seen=MOMENT,
    last_seen=MOMENT,
    captures=1,
    archive_url="",
    stated_date=None,
    language="en",
    words=9,
    text_sha256="00",
)


def versions(*counts: int) -> list[Version]:
    return [
        replace(ONE, number=number, practices={"Data Security": count, "Mine": 1})
        for number, count in enumerate(counts, 1)
    ]


def test_bars_are_as_high_as_their_share_of_the_most() -> None:
    axis, security, mine = picture(versions(0, 1, 4, 8, 8, 2), 80)
    assert security == "Data Security ·▁▄██▂  0 → 2"
    assert mine == "Mine          ██████  1 → 1"
    assert axis.index("5") == security.index("█") + 1


def test_what_does_not_fit_follows_below() -> None:
    lines = list(picture(versions(*[1] * 40), 50))
    assert len(lines) == 6
    assert all(len(line) <= 50 for line in lines)


def test_nothing_to_compare_draws_nothing() -> None:
    assert list(picture(versions(3), 80)) == []
    assert list(picture([replace(ONE), replace(ONE)], 80)) == []
