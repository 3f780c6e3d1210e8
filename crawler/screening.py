"""What a capture turned out to be: a policy, another page, an error, a wall, nothing.

Status codes cannot be trusted (error pages and robot walls come with 200), so the text decides,
in any language; a page is called another page only for what it shows, never for being foreign.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from storage.records import Screening, Verdict

if TYPE_CHECKING:
    from storage.records import Document

MIN_CHARACTERS = 400


def screen(document: Document | None, *, status: int = 200, url: str | None = None) -> Screening:
    """Judge a capture by its status and its cleaned document (None where there was no body).

    ``url`` is where it was captured; words of a path count a little.
    """
    if 300 <= status < 400:
        return Screening(verdict=Verdict.REDIRECT, reason=f"status {status}", policy_score=0.0)
    if status >= 400:
        return Screening(verdict=Verdict.ERROR_PAGE, reason=f"status {status}", policy_score=0.0)
    text = document.markdown if document is not None else ""
    found = len(_VOCABULARY.findall(f"{url or ''} {text[:20_000]}"))
    score = min(1.0, found / 8)
    if len(text) < MIN_CHARACTERS and not found:
        return Screening(
            verdict=Verdict.EMPTY, reason=f"{len(text)} characters of text", policy_score=0.0
        )
    verdict = Verdict.POLICY if found >= 2 else Verdict.NOT_POLICY
    return Screening(
        verdict=verdict, reason=f"{found} words of privacy policies", policy_score=score
    )


_VOCABULARY = re.compile(
    r"privacy|personal (?:data|information)|datenschutz|personenbezogen|confidentialit|donn[ée]es "
    r"(?:personnelles|à caractère)|privacidad|datos personales|dati personali|persoonsgegevens|"
    r"privacidade|dados pessoais|プライバシー|個人情報|个人信息|隐私|개인정보|персональн",
    re.IGNORECASE,
)
