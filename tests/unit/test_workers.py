"""Work in several processes: all of it done, its errors told, none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage.errors import StorageError
from tracker.errors import TrackerError
from tracker.workers import spread

if TYPE_CHECKING:
    from collections.abc import Callable


def adding(summand: int) -> Callable[[int], tuple[int, int]]:
    def work(thing: int) -> tuple[int, int]:
        if thing < 0:
            raise StorageError("the disk is full")
        if thing == 99:
            os.kill(os.getpid(), signal.SIGKILL)
        return thing + summand, os.getpid()

    return work


def test_every_thing_is_done_once_and_not_by_one_alone() -> None:
    done = list(spread(adding, 100, range(12), processes=2))
    assert sorted(result for result, _ in done) == list(range(100, 112))
    assert len({process for _, process in done}) == 2
    assert os.getpid() not in {process for _, process in done}


def test_there_are_no_more_processes_than_things() -> None:
    assert [result for result, _ in spread(adding, 1, [1], processes=8)] == [2]
    assert list(spread(adding, 1, [], processes=2)) == []


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(StorageError, match="the disk is full"):
        list(spread(adding, 1, [1, -1, 2, 3], processes=2))


def test_a_process_that_dies_is_told_in_a_line() -> None:
    with pytest.raises(TrackerError, match="ended by itself"):
        list(spread(adding, 1, [1, 99, 2, 3], processes=2))


SPREAD = """
import sys
from tests.unit.test_workers import sleeping
from tracker.workers import spread
for process in spread(sleeping, None, range(9), processes=2):
    print(process, flush=True)
"""


def sleeping(_: None) -> Callable[[int], int]:
    def work(thing: int) -> int:
        # The first two are done at once, by a process each; then both sleep.
        time.sleep(0 if thing < 2 else 600)
        return os.getpid()

    return work


def test_no_process_outlives_a_kill_of_who_started_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SPREAD], stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout is not None
        processes = [int(starter.stdout.readline()) for _ in range(2)]
        starter.kill()
    deadline = time.monotonic() + 30
    for process in processes:
        while Path(f"/proc/{process}/cmdline").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
