"""Reading grades of forty real policies beside those that textstat gives the same sentences."""

from __future__ import annotations

import gzip
import json
import statistics
from typing import TYPE_CHECKING

import pytest

from tracker.readability import reading_grade
from tracker.segment import segment

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.quality

# Flesch–Kincaid by textstat 0.7.13, its syllables looked up in CMU's dictionary, of the sentences
# that the segments of each service's first version have.
BY_TEXTSTAT = {
    "ASUS": 17.1,
    "AcuityAds": 14.2,
    "AdRoll": 15.2,
    "Blizzard Entertainment": 10.8,
    "Coursera": 17.2,
    "Daily Mail": 8.6,
    "DeviantArt": 15.9,
    "Discord": 14.5,
    "Dune": 11.9,
    "FedEx": 10.4,
    "GitHub": 11.7,
    "Google": 11.6,
    "Google Pay": 17.4,
    "Google Voice": 11.7,
    "IndieGala": 15.3,
    "Kivra": 12.5,
    "LinkedIn": 13.3,
    "O'Reilly": 14.3,
    "OPay": 15.6,
    "Overleaf": 18.7,
    "Qwant": 16.7,
    "Reddit": 13.7,
    "Simpli.fi": 14.8,
    "Snapchat": 11.6,
    "Starbucks": 14.0,
    "Steam": 14.1,
    "Taboola": 15.1,
    "Telegram": 11.7,
    "The Guardian": 9.1,
    "Thryv YellowPages": 17.7,
    "Toyota Connected Services": 11.4,
    "Twitch": 15.7,
    "Twitter": 10.5,
    "Viber": 14.8,
    "Webcrawler": 16.9,
    "Wide Angle Software": 14.3,
    "Wire": 11.5,
    "Wolfram": 24.8,
    "WordPress.com": 15.3,
    "Youtube Kids": 13.6,
}


def test_grades_are_those_of_textstat(shared: Path) -> None:
    first: dict[str, str] = {}
    with gzip.open(shared / "longitudinal/versions.jsonl.gz", "rt", encoding="utf-8") as lines:
        for version in map(json.loads, lines):
            first.setdefault(version["service"], version["text"])
    apart = []
    for service, expected in BY_TEXTSTAT.items():
        grade = reading_grade(segment(first[service]))
        assert grade is not None, service
        apart.append(abs(grade - expected))
    assert statistics.median(apart) <= 0.2
    assert sum(one > 1 for one in apart) <= 2
