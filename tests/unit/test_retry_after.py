"""Retry-After in both forms, and what is neither."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.middlewares import retry_after

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"120", 120.0),
        (b" 7 ", 7.0),
        (b"Sat, 21 Nov 2026 12:01:30 GMT", 90.0),
        (b"Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        (b"soon", None),
        (b"-5", None),
        (b"", None),
        ("²".encode("latin-1"), None),
    ],
)
def test_retry_after(header: bytes, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds
