"""Two derivations of the same captures beside each other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from storage.records import Decision, Version, VersionSegment
from tracker.upgrades import Derived, Upgrade, upgrade_between, upgrade_document

START = datetime(2015, 1, 1, tzinfo=UTC)


def version(number: int, text: str, *, stated: date | None = None) -> Version:
    moment = START + timedelta(days=100 * number)
    return Version(
        id=f"{text}{number}",
        number=number,
        url="http://example.com/privacy",
        first_seen=moment,
        last_seen=moment,
        captures=1,
        archive_url="",
        stated_date=stated,
        language="en",
        words=10,
        text_sha256=text,
        reason=f"against version {number - 1}: a sentence more",
    )


def derived(*texts: str, shows: list[int | None], labels: tuple[str, ...] = ()) -> Derived:
    """Versions of these texts, and the number that the first, second … snapshot shows."""
    return Derived(
        versions=tuple(version(number, text) for number, text in enumerate(texts, 1)),
        decisions=tuple(
            Decision(snapshot_id=n, number=number, reason="same words" if number else "an error")
            for n, number in enumerate(shows)
        ),
        segments=frozenset({VersionSegment(text="We sell.", kind="paragraph", categories=labels)}),
    )


def test_the_same_twice_is_no_upgrade() -> None:
    one = derived("a", "b", shows=[1, 1, 2, None])
    assert upgrade_between(one, one) == Upgrade()
    assert upgrade_between(one, one).is_empty


def test_a_text_that_is_read_otherwise_is_the_same_version() -> None:
    found = upgrade_between(derived("a", "b", shows=[1, 2]), derived("x", "b", shows=[1, 2]))
    [altered] = found.altered
    assert (altered.old.id, altered.new.id, altered.differs) == ("a1", "x1", ("text_sha256",))
    assert (found.fewer, found.more, found.new) == ((), (), ())


def test_a_version_less_says_what_its_captures_show_now() -> None:
    found = upgrade_between(
        derived("a", "b", "c", shows=[1, 1, 2, 3]), derived("a", shows=[1, 1, 1, None])
    )
    assert [(one.version.id, one.why) for one in found.fewer] == [
        ("b2", "its captures show version 1 now: same words"),
        ("c3", "now: an error"),
    ]


def test_a_version_more_says_what_its_captures_showed() -> None:
    found = upgrade_between(derived("a", shows=[1, 1, 1]), derived("a", "b", shows=[1, 1, 2]))
    [more] = found.more
    assert more.why.endswith("a sentence more; its captures showed version 1 before")
    assert found.new == ()


def test_what_a_later_capture_tells_is_news_and_no_upgrade() -> None:
    found = upgrade_between(derived("a", shows=[1]), derived("x", "b", shows=[1, 2]))
    assert [one.id for one in found.new] == ["b2"]
    assert found.more == ()
    first = upgrade_between(Derived(), derived("a", "b", shows=[1, 2]))
    assert [one.id for one in first.new] == ["a1", "b2"]
    assert first.is_empty


def test_relabelled_statements_are_counted_by_category() -> None:
    found = upgrade_between(
        derived("a", shows=[1], labels=("Other", "Data Security")),
        derived("a", shows=[1], labels=("Data Security", "Policy Change")),
    )
    assert upgrade_document(found)["relabelled"] == {
        "segments": 1,
        "categories": [
            {"category": "Other", "gained": 0, "lost": 1},
            {"category": "Policy Change", "gained": 1, "lost": 0},
        ],
    }
