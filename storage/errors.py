"""What can go wrong in storage."""


class StorageError(Exception):
    """The database cannot do what was asked; the message says what to do next."""
