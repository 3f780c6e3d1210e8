"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# In CI the same examples each time: what is found at home is mended there, not met by chance here.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real captures beside the checkout; where it is absent, its tests skip."""
    if not (SHARED / "archive" / "policies.warc.gz").exists():
        pytest.skip("no ../shared beside the checkout")
    return SHARED
