"""One site's requests to Save Page Now: noted before they are made, and within its limits."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from crawler.archives.registry import open_archive
from crawler.errors import ArchiveError
from crawler.plain_http import LateAnswerError
from crawler.save_page import SaveKeys, SaveOutcome, SavePageNow
from crawler.settings import user_agent
from crawler.urls import url_key
from storage import budgets, saves, versions
from storage.records import format_timestamp
from storage.save_records import SaveState
from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crawler.archives.base import Archive
    from crawler.save_page import SaveAnswer
    from storage.database import Connection, Database
    from storage.records import Site
    from storage.save_records import Save
    from tracker.config import Config

ACCESS_KEY, SECRET_KEY = "IA_ACCESS_KEY_ID", "IA_SECRET_ACCESS_KEY"
"""The environment variables that the Internet Archive's own command line reads."""

A_DAY = 10
"""Captures of one page a day, at most: the archive's own limit."""

PAUSE_SECONDS = 60.0
"""After a refusal that names no time."""

POLL_SECONDS = 5.0
POLLS_PER_MINUTE = 12.0
LONGEST_REST = 120.0
"""Seconds that a person who asked for a capture is made to wait for our turn."""

LONGEST_CAPTURE = 180.0
"""Seconds that an answer may take: without keys it comes when the page has been captured."""

SHORT_CAPTURE = 20.0
"""The same in a run, where others wait: what is not answered by then is followed up."""

LOST_AFTER = timedelta(days=30)
"""How long a request may stay open: an archive shows new captures within hours, some in weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """The time, and waiting: both a test's own where it wants."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


def must_take_requests(archive: Archive) -> str:
    """The server that takes an archive's requests to capture a page.

    Raises:
        RequestError: there is none.
    """
    if archive.saves_at is None:
        raise RequestError(f"{archive.name} captures no pages for others: --archive wayback does")
    return archive.saves_at


def keys_of(environ: Mapping[str, str]) -> SaveKeys | None:
    """The account's keys, None without both of them."""
    access, secret = environ.get(ACCESS_KEY, ""), environ.get(SECRET_KEY, "")
    return SaveKeys(access=access, secret=secret) if access and secret else None


def must_have_both_keys(environ: Mapping[str, str]) -> None:
    """Raises RequestError where only one of the account's two keys is set."""
    if bool(environ.get(ACCESS_KEY)) is not bool(environ.get(SECRET_KEY)):
        raise RequestError(f"{ACCESS_KEY} and {SECRET_KEY} go together: set both or none")


class Saver:
    """Asks one archive for one site's pages."""

    def __init__(
        self,
        db: Database,
        config: Config,
        site: Site,
        clocks: Clocks,
        *,
        longest: float | None = None,
    ) -> None:
        self._archive = open_archive(config.archive.where)
        server = must_take_requests(self._archive)
        self._db = db
        self._site = site
        self._clocks = clocks
        self._per_minute = config.save.per_minute
        self._spn = SavePageNow(
            server,
            user_agent=user_agent(config.archive.contact),
            timeout=longest or LONGEST_CAPTURE,
            keys=keys_of(os.environ),
        )
        # A rest that saving needs is none of crawling.
        self._budget = f"{self._archive.name}/save"

    def save(self, url: str, patience: float) -> Save:
        """Ask for a page when it is our turn, and wait for the job so long."""
        while isinstance(begun := self._db.transact(partial(self._begin, url)), float):
            if begun > LONGEST_REST:
                return self._refused_here(url, f"the archive has asked for a rest of {begun:.0f} s")
            self._clocks.sleep(begun)
        known = self._ask(url, begun)
        deadline = self._clocks.now() + timedelta(seconds=patience)
        while known.state is SaveState.PENDING and self._clocks.now() < deadline:
            self._clocks.sleep(POLL_SECONDS)
            known = self.follow_up(known)
        return known

    def save_now(self, url: str) -> Save | None:
        """Ask for a page if it is our turn now; None where it is not."""
        begun = self._db.transact(partial(self._begin, url))
        return None if isinstance(begun, float) else self._ask(url, begun)

    def _ask(self, url: str, number: int | None) -> Save:
        if number is None:
            reason = f"asked for {A_DAY} times within a day: the archive takes no more"
            return self._refused_here(url, reason)
        return self._settle(number, lambda: self._spn.ask(url))

    def follow_up(self, known: Save) -> Save:
        """What is known of a request now."""
        if known.state is SaveState.PENDING and known.job:
            job = known.job
            turn = budgets.acquire(
                self._db, self._budget, "status", POLLS_PER_MINUTE, clock=self._epoch
            )
            if turn - self._epoch() > PAUSE_SECONDS:
                return known
            self._clocks.sleep(max(0.0, turn - self._epoch()))
            known = self._settle(known.id, lambda: self._spn.status(job), pending=True)
        return self._db.transact(partial(self._look_in_index, known))

    def _begin(self, url: str, conn: Connection) -> int | float | None:
        """Note a request before it goes out: one that is lost on the way counts, too.

        Answers its number, or in how many seconds it may be made, or None where the page has had
        its captures of the day.
        """
        versions.hold(conn, self._site.id)
        now, name = self._clocks.now(), self._archive.name
        if saves.asked_since(conn, name, url, now - timedelta(days=1)) >= A_DAY:
            return None
        rests = [budgets.pause_left(conn, key, clock=self._epoch) for key in (name, self._budget)]
        at_once = max(1, int(self._per_minute))
        window = timedelta(minutes=at_once / self._per_minute)
        earlier = saves.asked_at(conn, name, at_once)
        if earlier is not None:
            rests.append((min(earlier, now) + window - now).total_seconds())
        rest = max(rests)
        return rest if rest > 0 else saves.begin(conn, self._site.id, name, url, now)

    def _refused_here(self, url: str, reason: str) -> Save:
        def note(conn: Connection) -> Save:
            now = self._clocks.now()
            number = saves.begin(conn, self._site.id, self._archive.name, url, now)
            saves.settle(conn, number, SaveState.REFUSED, at=now, reason=reason)
            return saves.by_id(conn, number)

        return self._db.transact(note)

    def _settle(
        self, number: int, question: Callable[[], SaveAnswer], *, pending: bool = False
    ) -> Save:
        """Put a question to the archive, and note the answer."""
        job = timestamp = reason = None
        try:
            answer = question()
            state = _STATES[answer.outcome]
            if state is SaveState.PENDING and not answer.job:
                state = SaveState.ASKED
            job, timestamp, reason = answer.job, answer.timestamp, answer.reason
        except ArchiveError as error:
            reason = str(error)
            state = self._state_after(error, pending=pending)

        def note(conn: Connection) -> Save:
            now = self._clocks.now()
            saves.settle(conn, number, state, at=now, job=job, timestamp=timestamp, reason=reason)
            return saves.by_id(conn, number)

        return self._db.transact(note)

    def _state_after(self, error: ArchiveError, *, pending: bool) -> SaveState:
        """Where a request stands after an error, and a rest for all where the archive needs one."""
        if isinstance(error, LateAnswerError):
            return SaveState.PENDING if pending else SaveState.ASKED
        if not error.transient:
            return SaveState.FAILED
        rest = error.retry_after or PAUSE_SECONDS
        budgets.pause(self._db, self._budget, rest, clock=self._epoch)
        return SaveState.PENDING if pending else SaveState.REFUSED

    def _epoch(self) -> float:
        return self._clocks.now().timestamp()

    def _look_in_index(self, known: Save, conn: Connection) -> Save:
        """What is listed is done with; what never is, is given up."""
        if not known.state.is_open:
            return known
        now = self._clocks.now()
        since = known.timestamp or format_timestamp(known.asked)
        if saves.is_listed(conn, known.site_id, known.archive, url_key(known.url), since):
            saves.settle(conn, known.id, SaveState.DONE, at=now)
        elif now - known.asked > LOST_AFTER:
            days = LOST_AFTER.days
            reason = f"no such capture in the archive's index after {days} days"
            saves.settle(conn, known.id, SaveState.FAILED, at=now, reason=reason)
        return saves.by_id(conn, known.id)


_STATES = {
    SaveOutcome.PENDING: SaveState.PENDING,
    SaveOutcome.SAVED: SaveState.SAVED,
    SaveOutcome.FAILED: SaveState.FAILED,
}
