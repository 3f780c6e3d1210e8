"""A text without categories says why: another language, or nothing to read."""

from __future__ import annotations

import json
from dataclasses import replace

from click.testing import CliRunner

from tests.unit.test_history_picture import ONE
from tracker.classified_languages import why_unclassified
from tracker.cli.classify import command
from tracker.history import version_document

GERMAN = (
    "Wir verwenden Ihre personenbezogenen Daten, um Ihnen unsere Dienste bereitzustellen und zu "
    "verbessern, wie es in dieser Erklärung beschrieben ist."
)


def test_languages_that_the_classifier_reads() -> None:
    assert why_unclassified("en") is None
    assert why_unclassified("en-GB") is None
    assert why_unclassified(None) is None
    assert "'de'" in (why_unclassified("de") or "")


def test_a_version_in_another_language_says_why() -> None:
    assert "practices_why" not in version_document(ONE)
    assert "'fr'" in version_document(replace(ONE, language="fr"))["practices_why"]


def test_classify_says_why_not() -> None:
    questions = [
        {"id": 1, "text": "We share your personal data with advertisers."},
        {"id": 2, "text": GERMAN},
        {"id": 3, "text": ""},
        {"id": 4, "text": "12 – 13"},
        {"id": 5, "text": "私たちは個人情報を共有します"},
        {"id": 6, "text": "We share data with third parties. " * 20_000},
    ]
    lines = "".join(json.dumps(one) + "\n" for one in questions)
    result = CliRunner().invoke(command, input=lines)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [one["id"] for one in answers] == [1, 2, 3, 4, 5, 6]
    assert [bool(one["categories"]) for one in answers] == [True, False, False, False, False, True]
    assert "'de'" in answers[1]["why"]
    assert (
        answers[2]["why"] == answers[3]["why"] == ("no practice categories: there is no word in it")
    )
    assert "why" not in answers[0]
