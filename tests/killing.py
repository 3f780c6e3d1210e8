"""Ending a command by force in the midst of its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.integration.command_line import CommandLine

WHOM = ("command", "children", "both")

ORPHANS_END = 30.0
"""Seconds after which what a killed command had started must have ended, too."""


def killed(tracker: CommandLine, arguments: Iterable[str], whom: str, after: float) -> bool:
    """Run a command and kill -9 it, its children or both after so many seconds.

    Answers False if it was done before that. Waits for children that were left alone to end.

    Raises:
        AssertionError: they did not.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tracker", *arguments],
        cwd=tracker.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            process.wait(timeout=after)
        except subprocess.TimeoutExpired:
            children = children_of(process.pid)
        else:
            return False
        victims = {"command": [process.pid], "children": children, "both": [process.pid, *children]}
        for victim in victims[whom]:
            # A child may have ended by itself in between.
            if Path(f"/proc/{victim}").exists():
                os.kill(victim, signal.SIGKILL)
    deadline = time.monotonic() + ORPHANS_END
    while any(map(_runs, children)):
        assert time.monotonic() < deadline, "a child outlived the killed command"
        time.sleep(0.05)
    return True


def children_of(process: int) -> list[int]:
    """The processes that a process has started."""
    children = Path(f"/proc/{process}/task/{process}/children")
    try:
        return [int(text) for text in children.read_text(encoding="ascii").split()]
    except OSError:
        return []


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except OSError:
        return False
    return not state.lstrip().startswith("Z")
