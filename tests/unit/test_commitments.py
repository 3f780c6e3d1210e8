"""Which way a changed commitment went, and when the rules keep silent."""

from __future__ import annotations

import time

import pytest

from tracker.commitments.direction import direction
from tracker.commitments.periods import periods
from tracker.commitments.sentences import bag
from tracker.comparison import compare

SHARED = "We share your information with service providers."


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("We will not share your data.", "We may share your data.", "weakened"),
        ("We keep your data for 30 days.", "We keep your data for 90 days.", "weakened"),
        ("We keep logs for two years.", "We keep logs for six months.", "strengthened"),
        ("We keep logs for six months.", "We keep logs as long as necessary.", "weakened"),
        ("We only use your data with your consent.", "We use your data.", "weakened"),
        ("We use your data.", "We only use your data with your consent.", "strengthened"),
        ("We never sell your data.", "We never sell your data except to partners.", "weakened"),
        (SHARED, SHARED.replace("providers", "providers and advertisers"), "weakened"),
        ("We will notify you of changes.", "We may notify you of changes.", "weakened"),
        (
            "We do not collect your precise location.",
            "We collect your precise location only while you run, and only if you allow it.",
            "weakened",
        ),
        ("You may opt out of marketing emails at any time.", "", "dropped"),
        ("", "We will never sell your personal information.", "new"),
        ("", "We share your data with advertising partners.", "weakened"),
        (
            "These uses may include, but are not limited to:",
            "These uses may include:",
            "strengthened",
        ),
        (
            "We show you ads.",
            "We show you ads. We may also use your data to contact you about offers.",
            "weakened",
        ),
    ],
)
def test_what_a_reviewer_would_underline(old: str, new: str, expected: str) -> None:
    claim = direction(old, new)
    assert claim is not None
    assert claim.direction == expected
    assert claim.old_words or claim.new_words


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Write to us at High Street 1.", "Write to us at Main Street 2."),
        ("Last updated: 1 May 2020", "Last updated: 3 June 2021"),
        ("We use your email address.", "We use your e-mail address."),
        ("", "It is kept until your account is deleted."),
        ("", "To exercise your right to opt out, see below."),
        ("", "Residents: [Do Not Sell My Personal Information](https://a.example/opt)"),
        ("", "For details on your right to object, write to us."),
        ("", "Providers who have no independent right to use the data."),
        (
            "We do not sell data and we do not share it with brokers.",
            "We do not sell data. We do not share it with brokers.",
        ),
    ],
)
def test_silence_where_nothing_was_promised(old: str, new: str) -> None:
    assert direction(old, new) is None


def test_what_still_stands_elsewhere_is_not_dropped() -> None:
    old = "We will never sell your personal information."
    assert (
        direction(old, "", new_text=[bag("Personal information? We will never sell it.")]) is None
    )


def test_what_the_new_text_still_speaks_of_is_not_dropped() -> None:
    old = "You may opt out of marketing emails at any time."
    assert direction(old, "", new_text=[bag("Anyone may opt out here.")]) is None


def test_an_entry_counts_where_its_list_stands() -> None:
    lead, entry = "We use your data for these purposes:", "- To train language models."
    claim = direction("", entry, lead=lead, old_text=[bag(lead)])
    assert claim is not None
    assert (claim.direction, claim.why) == ("weakened", "more is listed")
    assert direction("", entry, lead=lead, old_text=[bag("Another list")]) is None
    rights = "We use your data, and you have these rights:"
    assert direction("", "- To be forgotten.", lead=rights, old_text=[bag(rights)]) is None


def test_the_words_that_show_it() -> None:
    claim = direction("We will not share your data.", "We may share your data.")
    assert claim is not None
    assert (claim.old_words, claim.new_words) == ("will not share", "may")


def test_periods_are_comparable() -> None:
    assert [days for days, _ in periods("We keep it for one year or 12 months.")] == [365, 365]
    assert direction("We keep it for a maximum of 30 days.", "We keep it for one month.") is None
    assert periods("You must be 13 years old to keep an account.") == []


def test_a_comparison_says_the_direction_of_its_rows() -> None:
    old = "# Sharing\n\nWe will not share your data.\n\nWe like you.\n"
    rows = compare(old, old.replace("will not", "may"))["segments"]
    assert [row.get("direction") for row in rows] == [None, "weakened", None]
    assert rows[1]["direction_words"] == {"old": "will not share", "new": "may"}
    silent = compare(old, old.replace("will not", "may"), directions=False)["segments"]
    assert all("direction" not in row for row in silent)


def test_a_text_without_stops_takes_no_time() -> None:
    started = time.process_time()
    direction("we share " * 50_000, "we may share data " * 50_000)
    assert time.process_time() - started < 2


def _text(*sentences: str) -> list[frozenset[str]]:
    return [bag(one) for one in sentences]


def test_no_claim_is_made_where_a_text_was_written_anew() -> None:
    came = "You may opt out of the newsletter at any time."
    kept = [f"Paragraph {number} stays." for number in range(8)]
    old = [f"The former paragraph {number} said it." for number in range(8)]
    new = [f"Now section {number} tells of it." for number in range(8)]
    claim = direction("", came, old_text=_text(*kept), new_text=_text(*kept, came))
    assert claim is not None
    assert claim.direction == "new"
    assert direction("", came, old_text=_text(*old), new_text=_text(*new, came)) is None


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ("You may opt out of the newsletter at any time.", "new"),
        ("We share your data with advertising partners.", None),
    ],
)
def test_a_promise_is_told_where_more_was_reworded_than_a_sharing_is(
    came: str, expected: str | None
) -> None:
    kept = [f"Paragraph {number} stays." for number in range(32)]
    old = [f"The former paragraph {number} said it." for number in range(8)]
    new = [f"Now section {number} tells of it." for number in range(8)]
    claim = direction("", came, old_text=_text(*kept, *old), new_text=_text(*kept, *new, came))
    assert (claim.direction if claim else None) == expected


def test_a_right_by_another_name_is_not_new() -> None:
    came = "You have the right to request that we delete your data."
    before = "Your rights include the erasure of personal information."
    assert direction("", came, old_text=_text("We collect names."), new_text=_text(came))
    assert direction("", came, old_text=_text(before), new_text=_text(before, came)) is None


@pytest.mark.parametrize(
    "gone",
    [
        "We share your data with advertising partners.",
        "We also sell information to third parties.",
    ],
)
def test_a_sharing_that_is_gone_is_no_claim(gone: str) -> None:
    assert direction(gone, "", old_text=_text(gone), new_text=_text("We collect names.")) is None
