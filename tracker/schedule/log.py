"""The scheduler's log: lines for people, or a JSON object each for programs; on stderr."""

from __future__ import annotations

import json
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

from storage.records import format_time

if TYPE_CHECKING:
    from tracker.clocks import Clock


class Log:
    """Writes a line an event, from any thread; a reader that went away stops nothing."""

    def __init__(self, stream: TextIO, clock: Clock, *, as_json: bool) -> None:
        self._stream = stream
        self._clock = clock
        self._as_json = as_json
        self._lock = Lock()

    def __call__(self, event: str, text: str, **fields: Any) -> None:
        """Write an event: its name and fields as JSON, or what a person should read."""
        moment = self._clock()
        if self._as_json:
            document = {"time": format_time(moment), "event": event, "text": text, **fields}
            line = json.dumps(document, ensure_ascii=True)
        else:
            line = f"{moment:%Y-%m-%d %H:%M:%S} {text}"
        with self._lock:
            try:
                self._stream.write(line + "\n")
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                return
