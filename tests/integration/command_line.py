"""Runs the ``tracker`` command as a user does: a process of its own, stdout apart from stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PARTLY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a command left: exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON objects on stdout, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """The command in a folder of its own, with a database there."""

    folder: Path
    timeout: float = 180.0

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Finished:
        """Run to the end; answers what it left."""
        known = {key: value for key, value in os.environ.items() if not key.startswith("TRACKER_")}
        done = subprocess.run(
            [sys.executable, "-m", "tracker", *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            cwd=self.folder,
            env=known | {"PYTHONIOENCODING": "utf-8"} | environment,
            timeout=self.timeout,
            check=False,
        )
        return Finished(status=done.returncode, out=done.stdout, err=done.stderr)


def failed(done: Finished, *says: str, status: int = 1) -> None:
    """One clear line on stderr and the status, no traceback, nothing on stdout."""
    assert done.status == status, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 1, done.err
    for text in says:
        assert text in done.err
