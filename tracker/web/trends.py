"""Trends over all sites: pictures of what was worked out, never a wait for what was not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, cast

from starlette.responses import Response

from storage.trends import Which
from tracker.errors import RequestError
from tracker.kept import find_site, known_tag
from tracker.practice_filter import known_categories
from tracker.trends.asked import Asked
from tracker.trends.asking import last_trends, trends_of
from tracker.trends.plots import panels, standalone
from tracker.trends.rows import COLUMNS, rows
from tracker.web import addresses, asking
from tracker.web.rendering import page
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from starlette.requests import Request

    from storage.database import Connection, Database
    from tracker.trends.documents import TrendsJson
    from tracker.trends.spans import By

PERIODS = ("year", "quarter", "month")
PATIENCE = 0.25
"""Seconds that the first page waits for figures: most corpora take less."""

MOST_WAITING = 8


class Workshop:
    """Works figures out in a thread of its own, one question after another.

    ``work_out`` does the work; ``patience``: seconds that a page waits for it.
    """

    def __init__(
        self,
        work_out: Callable[[Database, Asked], TrendsJson] = trends_of,
        patience: float = PATIENCE,
    ) -> None:
        self._work_out = work_out
        self._patience = patience
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trends")
        self._under_way: dict[Asked, Future[TrendsJson]] = {}
        self._lock = Lock()

    def ask(self, db: Database, asked: Asked) -> TrendsJson | None:
        """The figures, None if they take longer than a page can wait: ask again.

        Only the first who asks waits: the next ones know that it takes longer.

        Raises:
            StorageError: the database fails.
            RequestError: too many other questions wait.
        """
        with self._lock:
            future = self._under_way.get(asked)
            patience = 0.0
            if future is None:
                patience = self._patience
                self._forget_unclaimed()
                if len(self._under_way) >= MOST_WAITING:
                    raise RequestError("too many trends are being worked out: ask again later")
                future = self._under_way[asked] = self._pool.submit(self._work_out, db, asked)
        done, _ = wait([future], patience)
        if not done:
            return None
        with self._lock:
            self._under_way.pop(asked, None)
        return future.result()

    def _forget_unclaimed(self) -> None:
        """Make room of answers that nobody came back for; the database keeps them."""
        if len(self._under_way) >= MOST_WAITING:
            self._under_way = {a: f for a, f in self._under_way.items() if not f.done()}

    def close(self) -> None:
        """Begin nothing more; what is under way ends in its thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def trends(request: Request) -> Response:
    """``/trends``: ``?by=year|quarter|month``, ``from``, ``to``, ``site``, ``tag`` choose."""
    form = form_wanted(request, "svg")
    asked = _asked(request)
    db = asking.database(request)
    if form == "svg":
        headers = {"content-disposition": 'attachment; filename="trends.svg"'}
        drawn = standalone(trends_of(db, asked))
        return Response(drawn, media_type="image/svg+xml", headers=headers)
    if form != "html":
        found = trends_of(db, asked)
        dicts = (cast("dict[str, object]", row) for row in rows(found))
        return table_response(form, lambda: found, lambda: dicts, COLUMNS, "trends")
    kept = last_trends(db, asked)
    fresh = kept[0] if kept and kept[1] else _workshop(request).ask(db, asked)
    shown = fresh or (kept[0] if kept else None)
    filters = {name: asking.text(request, name) for name in ("by", "from", "to", "site", "tag")}
    return page(
        request,
        "trends.html.j2",
        headers={} if fresh else {"refresh": "3"},
        asked=asked,
        filters=filters,
        path=addresses.address("trends", **filters),
        periods=PERIODS,
        trends=shown,
        stale=fresh is None,
        panels=panels(shown) if shown else [],
    )


def _asked(request: Request) -> Asked:
    by = asking.text(request, "by") or "year"
    if by not in PERIODS:
        raise RequestError(f"{by!r} is no period: known are {', '.join(PERIODS)}")
    site, tag = asking.text(request, "site"), asking.text(request, "tag")

    def look(conn: Connection) -> Which:
        return Which(
            site_ids=(find_site(conn, site).id,) if site else None,
            tag=known_tag(conn, tag) if tag else None,
        )

    return Asked(
        categories=known_categories(asking.config(request).classifier.path),
        by=cast("By", by),
        since=_day(asking.text(request, "from"), "-01-01"),
        until=_day(asking.text(request, "to"), "-12-31"),
        which=asking.retrieve(request, look),
    )


def _day(text: str, of_year: str) -> date | None:
    """A day, or a year's first or last one."""
    if not text:
        return None
    try:
        return date.fromisoformat(text + of_year if len(text) == len("2015") else text)
    except ValueError as error:
        raise RequestError(f"{text[:50]!r} is no year and no day: write 2015-05-12") from error


def _workshop(request: Request) -> Workshop:
    workshop: Workshop = request.app.state.workshop
    return workshop
