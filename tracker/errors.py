"""What can go wrong in the tracker."""


class TrackerError(Exception):
    """A request that cannot be met; the message is one line and says what to do next."""


class RequestError(TrackerError):
    """A request that makes no sense, whatever is kept: a matter of usage."""
