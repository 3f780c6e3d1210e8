"""The stated date against labels set by reading 196 texts; half of them held out from the rules.

``stated_dates.jsonl`` names each text by its SHA-256. ``stated`` is the day, the month where no day
is given, or null; ``held_out`` goes by service, so that no service is on both sides.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tracker.dates import stated_date

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.quality

LABELS = Path(__file__).with_name("stated_dates.jsonl")


@pytest.fixture(scope="module")
def labelled(shared: Path) -> list[tuple[dict[str, Any], str]]:
    labels = {
        label["sha256"]: label for label in map(json.loads, LABELS.read_text("utf-8").splitlines())
    }
    found: dict[str, str] = {}
    for text in _texts(shared):
        digest = hashlib.sha256(text.encode()).hexdigest()
        if digest in labels:
            found[digest] = text
    assert len(found) == len(labels) >= 190
    return [(labels[digest], text) for digest, text in found.items()]


def _texts(shared: Path) -> Iterator[str]:
    for name, fields in (
        ("longitudinal/versions.jsonl.gz", ("text",)),
        ("pairs/pairs.jsonl.gz", ("old", "new")),
    ):
        with gzip.open(shared / name, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                yield from (row[field] for field in fields)


@pytest.mark.parametrize("held_out", [False, True])
def test_stated_dates_are_found(
    labelled: list[tuple[dict[str, Any], str]], *, held_out: bool
) -> None:
    right = wrong = missed = 0
    for label, text in labelled:
        if label["held_out"] is not held_out:
            continue
        stated = stated_date(text, "en")
        given = stated.day.isoformat()[: len(label["stated"] or "")] if stated else None
        right += given is not None and given == label["stated"]
        wrong += given is not None and given != label["stated"]
        missed += label["stated"] is not None and given != label["stated"]
    figures = f"{right} right, {wrong} wrong, {missed} missed"
    sys.stdout.write(f"held out: {held_out}: {figures}\n")
    assert right >= 0.97 * (right + wrong), figures
    assert right >= 0.97 * (right + missed), figures
