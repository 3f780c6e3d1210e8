"""Versions of real texts rendered into noisy pages: every one, and none of nothing new."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.quality.rendered_versions import score_rendered

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.quality


def test_rendered_texts_give_their_versions_and_no_other(shared: Path) -> None:
    rendered = score_rendered(shared, turn=0)
    sys.stdout.write(rendered.report() + "\n")
    assert not rendered.score.missed, rendered.report()
    assert not rendered.score.false, rendered.report()
    assert rendered.score.found >= 585
    assert len(rendered.undecidable) <= 2
