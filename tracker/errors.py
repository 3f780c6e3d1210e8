"""What can go wrong in the tracker."""


class TrackerError(Exception):
    """A request that cannot be met; the message is one line and says what to do next."""
