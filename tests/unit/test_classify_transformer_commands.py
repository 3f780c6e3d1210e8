"""The commands that build a model with a network, also where nothing that they need is there."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "tracker.classify.transformer"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", PROGRAM, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("command", ["train", "teach", "grouped"])
def test_each_shows_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"python -m {PROGRAM} {command} ../shared/opp115" in done.stdout


def test_what_is_missing_is_one_line(tmp_path: Path) -> None:
    folder, nowhere = str(tmp_path), str(tmp_path / "nowhere")
    asked = ("--unlabelled", nowhere)
    for arguments in (
        ("train", nowhere, *asked, "--opinions", nowhere, "-o", nowhere),
        ("teach", folder, *asked, "--start", nowhere, "-o", str(tmp_path / "no" / "where")),
        ("grouped", nowhere, "--checkpoints", str(tmp_path / "folds")),
    ):
        done = run(*arguments)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
