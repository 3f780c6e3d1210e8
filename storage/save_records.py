"""The vocabulary of asking an archive to capture a page.

Standard library only, as `storage.records`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SaveState(StrEnum):
    """What became of asking.

    ``asked``: the archive has taken the request, or its answer was lost; ``pending``: it has made a
    job of it; ``saved``: it says that it has a capture; ``done``: its index shows that; ``failed``:
    it could not capture the page; ``refused``: it was asked too often, or was not well.
    """

    ASKED = "asked"
    PENDING = "pending"
    SAVED = "saved"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def is_open(self) -> bool:
        """Whether more is to be learned of it."""
        return self in {SaveState.ASKED, SaveState.PENDING, SaveState.SAVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Save:
    """A request to an archive to capture a page; ``timestamp`` is the capture's, 14 digits."""

    id: int
    site_id: int
    archive: str
    url: str
    asked: datetime
    state: SaveState
    job: str | None = None
    timestamp: str | None = None
    checked: datetime | None = None
    reason: str | None = None
