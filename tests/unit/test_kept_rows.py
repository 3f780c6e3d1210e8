"""Rows that wait, in memory or in a file."""

from __future__ import annotations

import pytest

from crawler import kept_rows
from crawler.kept_rows import KeptRows
from storage.records import Capture


def capture(second: int) -> Capture:
    return Capture(
        urlkey="com,example)/ü",
        timestamp=f"201505121712{second:02}",
        original="https://example.com/ü",
        mimetype="text/html",
        statuscode=None if second % 2 else 200,
        digest="-",
    )


@pytest.mark.parametrize("in_memory", [10, kept_rows.IN_MEMORY])
def test_rows_come_back_as_they_went_as_often_as_wanted(
    in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_rows, "IN_MEMORY", in_memory)
    rows = KeptRows()
    given = [capture(second) for second in (3, 1, 2)]
    rows.add(given[:2])
    rows.add(given[2:])
    readers = zip(rows, rows, strict=True)
    assert list(readers) == [(one, one) for one in given]
    assert rows.count == 3
    assert rows.newest == given[0]


def test_no_rows() -> None:
    assert list(KeptRows()) == []
    assert KeptRows().newest is None
