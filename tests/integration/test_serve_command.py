"""``tracker serve`` as a user starts it: a process of its own, asked over the network."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from storage.database import open_database
from tests.integration.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "0123456789abcdef"  # noqa: S105 - of these tests alone


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    open_database(str(tmp_path / "tracker.db")).close()
    return tmp_path


@contextmanager
def served(
    folder: Path, *arguments: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The command at work, with its port."""
    known = {key: value for key, value in os.environ.items() if not key.startswith("TRACKER_")}
    command = [sys.executable, "-m", "tracker", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=folder, env=known | environment
    ) as process:
        assert process.stderr
        said = process.stderr.readline()
        try:
            yield process, int(said.partition(" (")[0].rstrip("/").rpartition(":")[2])
        finally:
            process.kill()


def status(port: int, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_serves_until_it_is_interrupted(folder: Path) -> None:
    with served(folder) as (process, port):
        assert status(port, "/") == 200
        assert status(port, "/", Host="evil.example") == 421
        assert status(port, "/..%2f..%2fetc%2fpasswd") == 404
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_elsewhere_it_asks_for_the_token(folder: Path) -> None:
    with served(folder, "--host", "0.0.0.0", TRACKER_TOKEN=TOKEN) as (_, port):  # noqa: S104
        assert status(port, "/") == 401
        assert status(port, "/", Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--host", "0.0.0.0"), 2, "set TRACKER_TOKEN"),  # noqa: S104
        (("--db", "nothere.db"), 1, "no database at nothere.db"),
        (("--port", "taken"), 1, "Address already in use; --port 0 takes a free one"),
        (("--port", "70000"), 2, "--port"),
    ],
)
def test_what_stops_it_is_said_in_a_line(
    folder: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        told = [port if one == "taken" else one for one in arguments]
        finished = CommandLine(folder=folder)("serve", *told)
    assert finished.status == code
    assert says in finished.err
    assert finished.out == ""
    assert "Traceback" not in finished.err
