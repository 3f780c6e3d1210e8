"""``python -m crawler``: one run, its job on stdin as JSON, its events on stdout, a line each."""

from __future__ import annotations

import os
import signal
import sys
import time
from threading import Lock, Thread
from typing import TYPE_CHECKING

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings

from crawler import settings as crawl_settings
from crawler.errors import CrawlError
from crawler.job import RunDone, event_to_json, job_from_json
from crawler.session import Session
from crawler.spiders.snapshots import SnapshotsSpider
from storage.errors import StorageError

if TYPE_CHECKING:
    from types import FrameType

    from crawler.job import Event


ORPHAN_SECONDS = 0.5
"""How often the crawler looks whether its parent still lives."""


class EventLines:
    """Writes events to stdout; when nobody reads them any more, the run is stopped."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.session: Session | None = None
        self.last: Event | None = None

    def __call__(self, event: Event) -> None:
        """Write one event."""
        self.last = event
        try:
            with self._lock:
                sys.stdout.write(event_to_json(event) + "\n")
                sys.stdout.flush()
        except (BrokenPipeError, ValueError):
            if self.session is not None:
                self.session.stop("stopped: nobody listens any more")


def main() -> int:
    """Run the job that stands on stdin; returns 0, or 1 if the run failed."""
    emit = EventLines()
    # Named by the parent: it may be gone before we look.
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()
    try:
        job = job_from_json(sys.stdin.read())
        session = Session(job, emit)
    except (CrawlError, StorageError) as error:
        emit(RunDone(outcome="failed", reason=str(error)))
        return 1
    emit.session = session
    settings = Settings()
    settings.setmodule(crawl_settings, priority="project")
    settings.setdict(crawl_settings.settings_for(job.archive), priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    _stop_on_signals(session)
    Thread(target=_stop_when_orphaned, args=(session, parent), daemon=True).start()
    process.crawl(SnapshotsSpider, session=session)
    try:
        process.start(install_signal_handlers=False)
    finally:
        session.close()
    return int(not isinstance(emit.last, RunDone) or emit.last.outcome == "failed")


def _stop_when_orphaned(session: Session, parent: int) -> None:
    """A run whose parent was killed must not go on beside the one that takes its place."""
    while session.over is None:
        time.sleep(ORPHAN_SECONDS)
        if os.getppid() != parent:
            session.stop("stopped: who asked for it is gone; the next run goes on")


def _stop_on_signals(session: Session) -> None:
    """The first signal ends the run once what is under way is kept; a second one ends it now."""

    def stop(number: int, _frame: FrameType | None) -> None:
        if session.over is not None:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        session.stop("stopped by the user; the next run goes on")

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


if __name__ == "__main__":
    sys.exit(main())
