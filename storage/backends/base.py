"""What differs between the databases beneath the same tables and the same queries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import SQLAlchemyError

BUSY_SECONDS = 30
"""How long a write waits for another's before it gives up."""


def to_json(value: object) -> str:
    """How JSON columns are written: compact, letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Backend(Protocol):
    """A database's own ways; ``name`` is where it is, without a password, for messages."""

    name: str
    migrates_on_open: bool
    """Whether an ordinary opening brings an older schema up to date by itself."""

    patience: float
    """Seconds for which a database that was open, and does not answer, is waited for."""

    @property
    def read_options(self) -> Mapping[str, Any]:
        """Execution options of an engine whose transactions only read."""

    @property
    def write_options(self) -> Mapping[str, Any]:
        """Execution options of an engine whose transactions write."""

    def make_room(self, *, create: bool) -> None:
        """See to it that the database can be opened, before it is.

        Raises:
            StorageError: it is missing and ``create`` is false, or cannot be made.
        """

    def engine(self) -> Engine:
        """A pool of connections."""

    def check(self, conn: Connection) -> None:
        """Raises StorageError where the server cannot be used."""

    def prepare(self) -> None:
        """Make an empty database ready for its first tables."""

    def lock_schema(self, conn: Connection) -> None:
        """Keep every other process from migrating until this transaction ends."""

    def back_up(self, revision: str) -> str | None:
        """Copy what a migration may spoil; answers where to, None where that is not ours to do."""

    def receipt(self, conn: Connection) -> str | None:
        """What to ask `is_committed` with; None where a commit is never in doubt."""

    def is_committed(self, conn: Connection, receipt: str) -> bool:
        """Whether the transaction of this receipt was committed."""

    def is_passing(self, error: SQLAlchemyError) -> bool:
        """Whether the same transaction, tried again, may succeed: nothing of it was kept."""

    def meaning(self, error: SQLAlchemyError) -> str:
        """The error in words that follow the database's name."""

    def shrink(self, engine: Engine) -> None:
        """Give the room of what was deleted or replaced back to the disk."""

    def describe(self, conn: Connection) -> str:
        """Version, size and the like, in a line for `tracker doctor`."""
