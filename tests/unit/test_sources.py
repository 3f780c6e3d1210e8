"""Several collectors' readings of one policy in one series."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from storage.records import Observation, Verdict
from tracker.versions.sources import derive_joined

if TYPE_CHECKING:
    from tracker.versions.records import Derivation

PARAGRAPH = (
    "We collect the name and the address that you give us when you open an account with us, and "
    "we keep them for as long as your account is open."
)
FIRST = f"# Privacy Policy\n\n{PARAGRAPH}\n\nWe share nothing with anybody."
SECOND = f"# Privacy Policy\n\n{PARAGRAPH}\n\nWe share statistics with advertisers since May."
THIRD = f"# Privacy Policy\n\n{PARAGRAPH}\n\nWe sell the addresses of our customers to brokers."
IDS = count(1)


def seen(
    day: str,
    markdown: str,
    source: str = "",
    *,
    technical: bool = False,
    verdict: Verdict = Verdict.POLICY,
) -> Observation:
    return Observation(
        snapshot_id=next(IDS),
        url="https://parcel.example/privacy",
        timestamp=f"{day}120000",
        archive_url="",
        verdict=verdict,
        markdown=markdown,
        language="en",
        source=source,
        technical=technical,
    )


def joined(*observations: Observation) -> Derivation:
    return derive_joined(observations, lambda _: ())


def test_a_text_that_was_only_taken_anew_is_no_version_and_stands_for_the_older_one() -> None:
    derivation = joined(
        seen("20200101", f"Menu\n\n{FIRST}", "ota"),
        seen("20200601", FIRST, "ota", technical=True),
        seen("20210101", SECOND, "ota"),
    )
    assert [(run.first_seen.year, run.captures) for run in derivation.runs] == [
        (2020, 2),
        (2021, 1),
    ]
    assert derivation.runs[0].observation.markdown == FIRST
    assert not derivation.seams


def test_our_own_captures_tell_their_span_and_others_what_lies_before_and_after() -> None:
    derivation = joined(
        seen("20190101", f"{FIRST}\n\nFooter", "ota"),
        seen("20200101", FIRST),
        seen("20200301", f"{SECOND}\n\nFooter", "ota"),
        seen("20200601", SECOND),
        seen("20210101", f"{THIRD}\n\nFooter", "ota"),
    )
    assert [run.first_seen.year for run in derivation.runs] == [2019, 2020, 2020, 2021]
    assert [run.number for run in derivation.runs] == [1, 2, 3, 4]
    assert derivation.seams == {2, 4}
    assert "told by ota" in derivation.runs[3].reason
    left_out = [one for one in derivation.decisions if one.number is None]
    assert [one.reason for one in left_out] == [
        "left out: told by captures of the page itself at this time"
    ]


def test_an_error_page_of_ours_parts_no_others_telling() -> None:
    derivation = joined(
        seen("20190101", FIRST, "ota"),
        seen("20190601", "Not found", verdict=Verdict.ERROR_PAGE),
        seen("20200101", FIRST, "ota"),
    )
    assert [run.captures for run in derivation.runs] == [2]
    assert not derivation.seams
    assert len(derivation.decisions) == 3
