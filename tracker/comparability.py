"""Whether two texts can be compared at all: an error page is not a policy that lost everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.records import Verdict

if TYPE_CHECKING:
    from storage.records import Screening


def why_not_comparable(old: Screening, new: Screening) -> str | None:
    """Say in a line why a comparison would mislead, None where it would not."""
    for side, screening in (("old", old), ("new", new)):
        if screening.verdict is not Verdict.POLICY:
            return f"the {side} side is {NAMES[screening.verdict]}: {screening.reason}"
    return None


NAMES = {
    Verdict.NOT_POLICY: "no privacy policy",
    Verdict.BLOCKED: "a block page",
    Verdict.ERROR_PAGE: "an error page",
    Verdict.EMPTY: "empty or a stub",
    Verdict.UNSUPPORTED: "unreadable",
    Verdict.REDIRECT: "a redirect",
}
