"""A crawl's progress on stderr: a bar on a terminal, plain lines for what matters elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crawler.job import (
    Failure,
    Listed,
    Paused,
    Planned,
    SiteDone,
    SiteStarted,
    SnapshotKept,
)
from tracker.cli.output import say

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from crawler.job import Event
    from tracker.config import Config


WORTH_TELLING = 5.0
"""Seconds of a pause below which nobody needs to know."""


class CrawlProgress:
    """Shows captures done, versions found and the time left under the archive's budget."""

    def __init__(self, config: Config) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._per_minute = config.archive.replay_per_minute
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} captures"),
            TextColumn("{task.fields[texts]} versions found"),
            TextColumn("{task.fields[left]}"),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._bar.add_task("", total=0, texts=0, left="")
        self._planned = 0
        self._done = 0
        self._series: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Take in one event of the crawl."""
        match event:
            case SiteStarted():
                self._bar.update(self._task, description=event.site)
            case Planned():
                self._planned += event.captures
            case SnapshotKept():
                self._done += 1
                if event.verdict == "policy" and event.word_key:
                    self._series.setdefault(event.site, {})[event.timestamp] = event.word_key
            case Failure():
                when = f" at {event.timestamp}" if event.timestamp else ""
                self._tell(f"{event.site}: {event.url}{when}: {event.reason}")
            case Paused() if event.seconds >= WORTH_TELLING:
                self._tell(f"the archive asks for a pause of {event.seconds:.0f} s: {event.why}")
            case SiteDone() | Listed():
                pass
            case _:
                return
        self._bar.update(
            self._task,
            total=max(self._planned, self._done),
            completed=self._done,
            texts=sum(_runs(series) for series in self._series.values()),
            left=self._time_left(),
        )

    def _tell(self, message: str) -> None:
        if self._bar.disable:
            say(message)
        else:
            self._bar.console.print(message, markup=False, highlight=False)

    def _time_left(self) -> str:
        left = self._planned - self._done
        if left <= 0 or not self._per_minute:
            return ""
        seconds = left / self._per_minute * 60
        return f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"


def _runs(series: dict[str, str]) -> int:
    """How many times the words differ from those before, in time order."""
    keys = [series[timestamp] for timestamp in sorted(series)]
    return sum(1 for old, new in zip([None, *keys], keys, strict=False) if old != new)
