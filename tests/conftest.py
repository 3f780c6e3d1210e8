"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real captures beside the checkout; where it is absent, its tests skip."""
    if not (SHARED / "archive" / "policies.warc.gz").exists():
        pytest.skip("no ../shared beside the checkout")
    return SHARED
