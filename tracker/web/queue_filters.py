"""What of the review queue an address asks for, and where in it a page begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from storage.review_records import QueueFilter, QueuePlace, ReviewVerdict
from tracker.errors import RequestError
from tracker.kept import find_site
from tracker.practice_filter import category_named, known_categories
from tracker.web import asking

if TYPE_CHECKING:
    from starlette.requests import Request

    from storage.database import Connection

STATES = ("open", "reviewed", "all", *(verdict.value for verdict in ReviewVerdict))
FILTERS = ("site", "category", "since", "min_score", "state", "tag")
HIGHEST_SCORE = 100


def asked_for(request: Request) -> dict[str, str]:
    """The filters in the address, to be handed on from page to page."""
    found = {name: asking.text(request, name) for name in FILTERS}
    return {name: value for name, value in found.items() if value}


def wanted(request: Request, conn: Connection) -> QueueFilter:
    """What these filters mean.

    Raises:
        RequestError: one of them means nothing.
        TrackerError: the site is not tracked.
    """
    asked = asked_for(request)
    state = asked.get("state", "open")
    if state not in STATES:
        raise RequestError(f"{state!r} is no state: known are {', '.join(STATES)}")
    known = known_categories(asking.config(request).classifier.path)
    category, site = asked.get("category"), asked.get("site")
    return QueueFilter(
        site_ids=(find_site(conn, site).id,) if site else (),
        category=category_named(category, known) if category else None,
        since=asking.moment(asked["since"]) if "since" in asked else None,
        min_score=_score(asked.get("min_score", "0")),
        state=state,
        tag=asked.get("tag"),
    )


def key_of(place: QueuePlace) -> str:
    """A place in the queue, as it stands in an address."""
    return f"{place.score}.{asking.stamp(place.before)}.{place.site_id}.{place.number}"


def place_of(key: str) -> QueuePlace | None:
    """The place that such a key means, None for the queue's beginning.

    Raises:
        HTTPException: it is no such key (400).
    """
    if not key:
        return None
    try:
        score, before, site_id, number = key.split(".")
        return QueuePlace(
            score=int(score),
            before=asking.moment(before),
            site_id=int(site_id),
            number=int(number),
        )
    except ValueError as error:
        raise HTTPException(400, "That is no place in the queue") from error


def _score(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= HIGHEST_SCORE):
        raise RequestError(f"{text!r} is no score: they go from 0 to {HIGHEST_SCORE}")
    return int(text)
