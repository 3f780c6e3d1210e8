"""The time, as everything that waits is told it: tests have other clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the time, aware UTC."""


def utc_now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)
