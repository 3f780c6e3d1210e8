"""Runs a crawl in a child process: Twisted's reactor starts only once in a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from threading import Event as ThreadEvent
from threading import Thread, Timer, current_thread, main_thread
from typing import TYPE_CHECKING

from crawler.errors import CrawlError
from crawler.job import RunDone, event_from_json, job_to_json
from crawler.session import check_job

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import FrameType

    from crawler.job import Event, Job

GRACE_SECONDS = 90.0
"""How long a child that was asked to stop may take: an answer under way takes up to a minute."""

HASTE_SECONDS = 4.0
"""How long it may take where others wait for us to end."""

LOOK_SECONDS = 0.1
"""How often it is looked whether a crawl is to stop."""


def run_crawl(job: Job, *, stop: ThreadEvent | None = None) -> Generator[Event, None, None]:
    """Crawl, yielding what happens; the last event is always a `RunDone`.

    On Ctrl-C the child is asked to stop: it keeps what is under way, its events are still yielded,
    then KeyboardInterrupt is raised. A second Ctrl-C ends it at once. Closing the generator stops
    the child likewise. So does ``stop`` when it is set, from any thread, but within
    ``HASTE_SECONDS``: a child that needs longer is killed, and what is under way is fetched anew
    by the next run.

    Raises:
        CrawlError: the job makes no sense, or the child ended without a word.
        KeyboardInterrupt: as said.
    """
    check_job(job)
    return _events(job, stop)


def _events(job: Job, stop: ThreadEvent | None) -> Generator[Event, None, None]:
    started = ThreadEvent()
    with (
        _started() as child,
        _stopped_by(stop, child, started),
        _interrupts(child, started) as interrupts,
    ):
        try:
            for event in _read(child, job):
                if not started.is_set():
                    early = bool(interrupts)
                    started.set()
                    if early:
                        child.send_signal(signal.SIGINT)
                yield event
        finally:
            _end(child, started)
        if interrupts:
            raise KeyboardInterrupt


def _started() -> subprocess.Popen[str]:
    """The child, deaf to Ctrl-C until it has read its job: a half-imported one would only crash."""
    heard = current_thread() is main_thread() and signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # In a session of its own the child does not get the terminal's Ctrl-C beside ours.
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "crawler", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
    finally:
        if heard:
            signal.signal(signal.SIGINT, heard)


def _read(child: subprocess.Popen[str], job: Job) -> Iterator[Event]:
    if child.stdin is None or child.stdout is None:
        raise CrawlError("the crawler could not be started")
    try:
        child.stdin.write(job_to_json(job))
        child.stdin.close()
    except BrokenPipeError as error:
        raise CrawlError("the crawler ended before it began") from error
    last: Event | None = None
    for line in child.stdout:
        last = event_from_json(line)
        yield last
    status = child.wait()
    if not isinstance(last, RunDone):
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        raise CrawlError(
            f"the crawler ended unexpectedly ({how}); what was fetched is kept: run it again"
        )


@contextmanager
def _interrupts(child: subprocess.Popen[str], started: ThreadEvent) -> Iterator[list[int]]:
    """Pass Ctrl-C on to the child instead of breaking off wherever we are; answers those seen."""
    seen: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        seen.append(number)
        if len(seen) > 1:
            child.kill()
        elif started.is_set():
            child.send_signal(number)

    if current_thread() is not main_thread():
        yield seen
        return
    before = signal.signal(signal.SIGINT, pass_on)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _stopped_by(
    stop: ThreadEvent | None, child: subprocess.Popen[str], started: ThreadEvent
) -> Iterator[None]:
    """Stop the child as soon as ``stop`` is set, gently first."""
    if stop is None:
        yield
        return
    over = ThreadEvent()

    def watch() -> None:
        while not stop.is_set():
            if over.wait(LOOK_SECONDS):
                return
        started.wait(HASTE_SECONDS)
        child.send_signal(signal.SIGINT)
        if not over.wait(HASTE_SECONDS):
            child.kill()

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _end(child: subprocess.Popen[str], started: ThreadEvent) -> None:
    """Let a child that is still at work come to an orderly end."""
    if child.poll() is not None or child.stdout is None:
        return
    child.send_signal(signal.SIGINT if started.is_set() else signal.SIGTERM)
    watch = Timer(GRACE_SECONDS, child.kill)
    watch.start()
    try:
        # A full pipe would keep it from ending.
        while child.stdout.read(65536):
            pass
        child.wait()
    finally:
        watch.cancel()
