"""Is telling well? What `tracker doctor` says of it in a line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from storage import outbox
from storage.notices import NoticeState
from tracker.errors import TrackerError
from tracker.notify.channels import unset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.database import Database
    from tracker.config import Config


def notices_line(db: Database, config: Config, environ: Mapping[str, str] = os.environ) -> str:
    """How many rules there are, and what waits.

    Raises:
        TrackerError: an address lacks its secret, or notices were given up; it says what to do.
        StorageError: the database fails.
    """
    counts = db.retrieve(outbox.counts)
    if dead := counts.get(NoticeState.DEAD, 0):
        raise TrackerError(
            f"{dead} notices were given up: `tracker notify list --state dead` says why, "
            "`tracker notify retry` tries again"
        )
    addresses = {address for rule in config.notify for address in rule.to}
    missing = sorted({name for address in addresses for name in unset(address, environ)})
    if missing:
        raise TrackerError(f"set the environment variables that [[notify]] needs: {missing}")
    folder = config.notifications.templates
    if folder and not Path(folder).expanduser().is_dir():
        raise TrackerError(f"[notifications] templates: no folder {folder}")
    waiting = counts.get(NoticeState.WAITING, 0) + counts.get(NoticeState.SENDING, 0)
    return f"{len(config.notify)} rules, {waiting} notices wait"
