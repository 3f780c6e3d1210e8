"""PDFs drawn line by line: what is one heading, and what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.normalize.document import normalize
from tests.fuzzed_bodies import drawn_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence

BODY = "We keep what you give us for as long as your account is open, and no longer than that."


def drawn(lines: Sequence[tuple[float, float, str]]) -> bytes:
    """A PDF of one page: each line's size, its distance from the page's foot, its text."""
    shown = "\n".join(
        f"BT /F1 {size} Tf 1 0 0 1 72 {foot} Tm ({text}) Tj ET" for size, foot, text in lines
    )
    return drawn_pdf(shown)


def test_heading_broken_over_lines_is_one() -> None:
    page = drawn(
        [
            (20, 780, "What the company does with your data"),
            (20, 757, "when it acts on behalf of the many practices, clinics"),
            (20, 734, "and hospitals"),
            (20, 690, "Patients"),
            *((11, 650 - 14 * n, BODY) for n in range(6)),
        ]
    )
    assert normalize(page).markdown.split("\n\n")[:2] == [
        (
            "# What the company does with your data when it acts on behalf of the many practices, "
            "clinics and hospitals"
        ),
        "# Patients",
    ]


def test_shouted_item_is_no_heading() -> None:
    page = drawn([(11, 780, BODY), (11, 750, "- NINO."), (11, 720, "SECURITY"), (11, 690, BODY)])
    assert normalize(page).markdown.split("\n\n")[1:3] == ["- NINO.", "## SECURITY"]
