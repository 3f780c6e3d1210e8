"""What can go wrong while telling."""

from __future__ import annotations

from tracker.errors import TrackerError


class ChannelError(TrackerError):
    """A message could not be sent; it waits for another try.

    ``retry_after`` is in seconds, None where the receiver named no time.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
