"""What can go wrong in storage."""


class StorageError(Exception):
    """The database cannot do what was asked; the message says what to do next."""


class MissingError(StorageError):
    """There is no database at that place, or nothing is in it yet; it was not to be made."""


class PassingError(StorageError):
    """Nothing was kept, and the same transaction may succeed if it is tried again."""


class DamagedError(StorageError):
    """A body or text that is kept no longer has its digest; everything else can be read."""
