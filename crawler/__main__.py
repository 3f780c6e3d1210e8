"""``python -m crawler``: one run, its job on stdin as JSON, its events on stdout, a line each."""

from __future__ import annotations

import signal
import sys
from threading import Lock
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
    process.crawl(SnapshotsSpider, session=session)
    try:
        process.start(install_signal_handlers=False)
    finally:
        session.close()
    return int(not isinstance(emit.last, RunDone) or emit.last.outcome == "failed")


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
