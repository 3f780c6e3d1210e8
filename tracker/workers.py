"""Work that is spread over processes, one thing at a time to each.

A process ends with the one that started it, however that ends.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar, cast

from storage.errors import StorageError
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")


def spread(
    prepare: Callable[[S], Callable[[T], R]], setup: S, things: Iterable[T], *, processes: int
) -> Iterator[R]:
    """What comes of each thing, as it comes.

    ``prepare`` is called once in each process; what it answers does the work. All of it travels
    between the processes, so it must be a function of a module, and its arguments plain data.

    Raises:
        StorageError, TrackerError: the first that the work raises.
        TrackerError: a process ended by itself.
    """
    left = iter(things)
    lines: dict[Connection, Any] = {}
    try:
        for thing in islice(left, processes):
            line, process = _started(prepare, setup)
            lines[line] = process
            line.send(thing)
        while lines:
            for ready in wait(list(lines)):
                line = cast("Connection", ready)
                with _told_of_its_end():
                    result = line.recv()
                if isinstance(result, StorageError | TrackerError):
                    raise result
                yield result
                for thing in islice(left, 1):
                    with _told_of_its_end():
                        line.send(thing)
                    break
                else:
                    _end(line, lines.pop(line))
    finally:
        for line, process in lines.items():
            process.terminate()
            _end(line, process)


def _started(prepare: Callable[[S], Callable[[T], R]], setup: S) -> tuple[Connection, Any]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(prepare, setup, there), daemon=True
    )
    process.start()
    there.close()
    return here, process


@contextmanager
def _told_of_its_end() -> Iterator[None]:
    try:
        yield
    except (EOFError, ConnectionError) as error:
        raise TrackerError(
            "a process ended by itself (out of memory?): run it again, it goes on from there"
        ) from error


def _end(line: Connection, process: Any) -> None:
    line.close()
    process.join()


def _end_with_parent() -> None:
    """Leave work as it is where nobody waits for it any more, as if killed, too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _serve(prepare: Callable[[S], Callable[[T], R]], setup: S, line: Connection) -> None:
    # Ctrl-C is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    work = None
    # No more is asked.
    with suppress(EOFError, ConnectionError):
        while True:
            thing = line.recv()
            try:
                work = work or prepare(setup)
                result: Any = work(thing)
            except (StorageError, TrackerError) as error:
                result = error
            line.send(result)
