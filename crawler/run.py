"""Runs a crawl in a child process: Twisted's reactor starts only once in a process."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from crawler.errors import CrawlError
from crawler.job import RunDone, event_from_json, job_to_json
from crawler.session import check_job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.job import Event, Job

GRACE_SECONDS = 90
"""How long a child that was asked to stop may take: an answer under way takes up to a minute."""


def run_crawl(job: Job) -> Iterator[Event]:
    """Crawl, yielding what happens; the last event is always a `RunDone`.

    On Ctrl-C the child is asked to stop: it keeps what is under way, its events are still yielded,
    then KeyboardInterrupt is raised. A second Ctrl-C ends it at once. Closing the generator stops
    the child likewise.

    Raises:
        CrawlError: the job makes no sense, or the child ended without a word.
        KeyboardInterrupt: as said.
    """
    check_job(job)
    return _events(job)


def _events(job: Job) -> Iterator[Event]:
    # In a session of its own the child does not get the terminal's Ctrl-C beside ours.
    with subprocess.Popen(
        [sys.executable, "-m", "crawler"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as child:
        try:
            yield from _read(child, job)
        finally:
            _end(child)


def _read(child: subprocess.Popen[str], job: Job) -> Iterator[Event]:
    if child.stdin is None or child.stdout is None:
        raise CrawlError("the crawler could not be started")
    child.stdin.write(job_to_json(job))
    child.stdin.close()
    interrupted: KeyboardInterrupt | None = None
    last: Event | None = None
    lines = iter(child.stdout)
    while True:
        try:
            line = next(lines, None)
        except KeyboardInterrupt as error:
            if interrupted is not None:
                child.kill()
                raise
            interrupted = error
            child.send_signal(signal.SIGINT)
            continue
        if line is None:
            break
        last = event_from_json(line)
        yield last
    status = child.wait()
    if interrupted is not None:
        raise interrupted
    if not isinstance(last, RunDone):
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        raise CrawlError(
            f"the crawler ended unexpectedly ({how}); what was fetched is kept: run it again"
        )


def _end(child: subprocess.Popen[str]) -> None:
    """Let a child that is still at work come to an orderly end."""
    if child.poll() is not None:
        return
    child.send_signal(signal.SIGINT)
    try:
        child.communicate(timeout=GRACE_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        child.kill()
