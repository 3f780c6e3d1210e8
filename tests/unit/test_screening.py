"""Verdicts on pages in our own words."""

from __future__ import annotations

import pytest

from crawler.screening import screen
from storage.records import Document, Verdict

POLICY = (
    """# Privacy policy

We collect your name and e-mail address. We share personal data with third parties only by consent.
"""
    + "We keep personal information as long as your account is open, and delete it on request. " * 6
)

GERMAN = (
    """# Datenschutzerklärung

Verantwortlich für die Verarbeitung Ihrer Daten ist die Beispiel GmbH.
"""
    + "Personenbezogene Daten verarbeiten wir nur mit Ihrer Einwilligung. " * 8
)

TERMS = (
    """# Terms of service

These terms are an agreement. Our liability is limited; the governing law is that of Norway.
"""
    + "We may terminate your license if you infringe copyright. Fees are not refunded. " * 6
)


@pytest.mark.parametrize(
    ("text", "status", "expected"),
    [
        (POLICY, 200, Verdict.POLICY),
        (GERMAN, 200, Verdict.POLICY),
        (
            "# Persónuvernd\n\n" + "Við söfnum ekki neinum gögnum um þig á þessum vef. " * 12,
            200,
            Verdict.POLICY,
        ),
        (TERMS, 200, Verdict.NOT_POLICY),
        (f"{TERMS}\n\n# Privacy policy\n\n{POLICY * 5}", 200, Verdict.POLICY),
        ("# Page not found\n\nThe page you look for has moved.", 200, Verdict.ERROR_PAGE),
        ("# Seite nicht gefunden", 200, Verdict.ERROR_PAGE),
        ("Checking your browser before you proceed.", 200, Verdict.BLOCKED),
        ("# Access denied", 403, Verdict.BLOCKED),
        ("Request unsuccessful. Incapsula incident ID: 12-34", 200, Verdict.BLOCKED),
        ("Bitte bestätigen Sie, dass Sie kein Roboter sind.", 200, Verdict.BLOCKED),
        ("Vérifiez que vous êtes humain avant de continuer.", 200, Verdict.BLOCKED),
        ("Verifica que eres humano completando la acción.", 200, Verdict.BLOCKED),
        ("# Oups\n\nLa page recherchée est introuvable.", 200, Verdict.ERROR_PAGE),
        ("# Errore\n\nLa pagina richiesta non esiste.", 200, Verdict.ERROR_PAGE),
        ("# Ojej\n\nNie możemy znaleźć strony.", 200, Verdict.ERROR_PAGE),
        ("Wir führen gerade Wartungsarbeiten durch.", 200, Verdict.ERROR_PAGE),
        ("This domain may be for sale. Inquire now.", 200, Verdict.ERROR_PAGE),
        ("You need to enable JavaScript to run this app.", 200, Verdict.EMPTY),
        ("", 200, Verdict.EMPTY),
        ("Loading", 200, Verdict.EMPTY),
        (POLICY, 302, Verdict.REDIRECT),
        (POLICY, 500, Verdict.ERROR_PAGE),
    ],
)
def test_verdict(text: str, status: int, expected: Verdict) -> None:
    language = "is" if "Persónuvernd" in text else None
    found = screen(Document(markdown=text, language=language), status=status)
    assert found.verdict is expected, found
    assert 0 <= found.policy_score <= 1
    assert found.reason


def test_no_document_is_empty() -> None:
    assert screen(None).verdict is Verdict.EMPTY
