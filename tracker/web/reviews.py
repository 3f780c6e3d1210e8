"""The review queue, and one change to review: nothing is lost that a person wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from storage.review_queue import counts, queue
from storage.review_records import QueuePlace, ReviewVerdict
from storage.reviews import StaleReview
from tracker.errors import RequestError
from tracker.practice_filter import known_categories
from tracker.review_labels import changed_statements, put_right
from tracker.reviewing import (
    LONGEST_NAME,
    LONGEST_NOTE,
    find_change,
    mark,
    note_to_edit,
    queued_document,
    review_document,
    score_missing,
    show_change,
    taken_back,
    undo,
)
from tracker.web import addresses, asking
from tracker.web.forms import csrf_token, read_form, remember_session
from tracker.web.pairs import folded
from tracker.web.queue_filters import STATES, asked_for, key_of, place_of, wanted
from tracker.web.rendering import page
from tracker.web.tables import form_wanted, table_response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from storage.database import Connection
    from storage.review_records import QueuedChange, Relabel
    from tracker.reviewing import ShownChange

PER_PAGE = 50
CONTEXT = 1
REVIEWER = "tracker_reviewer"
A_YEAR = 365 * 86_400
COLUMNS = (
    "id",
    "site",
    "from",
    "to",
    "after",
    "before",
    "categories",
    "silent",
    "score",
    "state",
    "reasons",
    "kind",
    "words_added",
    "words_removed",
    "review",
)
SAID = ("revision", "verdict", "note", "tags", "labels", "reviewer", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a reviewer sent; ``revision`` is that of the review which they saw.

    A ``verdict`` of None keeps the note, and the verdict that there is.
    """

    verdict: str | None
    note: str
    tags: tuple[str, ...]
    reviewer: str
    revision: int


def review_queue(request: Request) -> Response:
    """``/review``: the queue, most material first, narrowed by its filters; ``?after=`` pages."""
    form = form_wanted(request)
    score_missing(asking.database(request))
    after = place_of(asking.page_after(request))

    def look(conn: Connection) -> tuple[dict[str, int], list[QueuedChange], QueuedChange | None]:
        found = queue(conn, wanted(request, conn), limit=PER_PAGE + 1, after=after)
        return counts(conn), found, _done(request, conn)

    counted, found, done = asking.retrieve(request, look)
    shown = found[:PER_PAGE]
    if form != "html":
        documents = [queued_document(one) for one in shown]
        return table_response(form, lambda: documents, lambda: documents, COLUMNS, "review")
    filters = asked_for(request)
    response = page(
        request,
        "queue.html.j2",
        counted=counted,
        queue=shown,
        filters=filters,
        states=STATES,
        known=_known(request),
        asked=urlencode(filters),
        done=done,
        reviewer=_reviewer(request),
        csrf=csrf_token(request),
        later=key_of(QueuePlace.of(shown[-1])) if len(found) > PER_PAGE else None,
    )
    remember_session(request, response)
    return response


def review(request: Request) -> Response:
    """``/review/CHANGE``: one change, with what was said of it and a form to say more."""
    form = form_wanted(request)

    def look(conn: Connection) -> ShownChange:
        return show_change(conn, _asked_change(request, conn))

    shown = asking.retrieve(request, look)
    if form != "html":
        document = {
            **queued_document(shown.queued),
            "history": [review_document(one) for one in shown.said],
            "diff": shown.detail.comparison,
        }
        rows = document["history"]
        return table_response(form, lambda: document, lambda: rows, SAID, shown.queued.id)
    return _page(request, shown)


async def say(request: Request) -> Response:
    """``POST /review/CHANGE``: a verdict; on to the next change of the same queue."""
    fields = await read_form(request)
    return await run_in_threadpool(_say, request, fields)


async def take_back(request: Request) -> Response:
    """``POST /review/CHANGE/undo``: what was said before counts again."""
    fields = await read_form(request)
    return await run_in_threadpool(_take_back, request, fields)


async def relabel(request: Request) -> Response:
    """``POST /review/CHANGE/labels``: the practice categories that one of its statements has."""
    fields = await read_form(request)
    return await run_in_threadpool(_relabel, request, fields)


def _say(request: Request, fields: Mapping[str, str]) -> Response:
    said = _said(request, fields)
    queued = asking.retrieve(request, lambda conn: _asked_change(request, conn))
    standing = queued.review.verdict if queued.review else None
    try:
        if said.revision != queued.revision:
            return _stale(request, said)
        mark(
            asking.database(request),
            queued,
            standing if said.verdict is None else said.verdict,
            reviewer=said.reviewer,
            note=said.note,
            tags=said.tags,
            labels=queued.review.labels if queued.review else (),
        )
    except StaleReview:
        return _stale(request, said)
    if said.verdict is None:
        return _remember(_to(request, queued), said.reviewer)
    following = asking.retrieve(
        request,
        lambda conn: queue(conn, wanted(request, conn), limit=1, after=QueuePlace.of(queued)),
    )
    if following:
        return _remember(_to(request, following[0], done=queued.id), said.reviewer)
    ended = addresses.address("review", done=queued.id, **asked_for(request))
    return _remember(RedirectResponse(ended, status_code=303), said.reviewer)


def _take_back(request: Request, fields: Mapping[str, str]) -> Response:
    said = _said(request, fields)
    queued = asking.retrieve(request, lambda conn: _asked_change(request, conn))
    try:
        if said.revision != queued.revision:
            return _stale(request, said)
        undo(asking.database(request), queued, reviewer=said.reviewer)
    except StaleReview:
        return _stale(request, said)
    return _remember(_to(request, queued, undone="1"), said.reviewer)


def _relabel(request: Request, fields: Mapping[str, str]) -> Response:
    """Put a statement's categories right; verdict, tags and one's own note stay."""
    said = _said(request, fields)
    known = _known(request)
    chosen = [name for number, name in enumerate(known) if f"category-{number}" in fields]

    def look(conn: Connection) -> tuple[ShownChange, Sequence[Relabel]]:
        shown = show_change(conn, _asked_change(request, conn))
        return shown, put_right(conn, shown, fields.get("statement", ""), chosen)

    shown, labels = asking.retrieve(request, look)
    queued = shown.queued
    try:
        if said.revision != queued.revision:
            return _stale(request, said)
        mark(
            asking.database(request),
            queued,
            queued.review.verdict if queued.review else None,
            reviewer=said.reviewer,
            note=note_to_edit(shown.said, said.reviewer),
            tags=queued.review.tags if queued.review else (),
            labels=labels,
        )
    except StaleReview:
        return _stale(request, said)
    return _remember(_to(request, queued), said.reviewer)


def _known(request: Request) -> tuple[str, ...]:
    return known_categories(asking.config(request).classifier.path)


def _page(
    request: Request, shown: ShownChange, *, stale: Said | None = None, status: int = 200
) -> Response:
    rows = folded(shown.detail.comparison["segments"], CONTEXT)
    filters = asked_for(request)

    def look(conn: Connection) -> tuple[QueuedChange | None, list[QueuedChange]]:
        after = QueuePlace.of(shown.queued)
        return _done(request, conn), queue(conn, wanted(request, conn), limit=1, after=after)

    before, following = asking.retrieve(request, look)
    reviewer = _reviewer(request)
    response = page(
        request,
        "review.html.j2",
        status=status,
        queued=shown.queued,
        detail=shown.detail,
        said=shown.said,
        stale=stale,
        undone=taken_back(shown.said) if asking.chosen(request, "undone") else None,
        note=stale.note if stale else note_to_edit(shown.said, reviewer),
        pairs=rows,
        done=before,
        following=following[0] if following else None,
        asked=urlencode(filters),
        verdicts=tuple(ReviewVerdict),
        statements=changed_statements(shown),
        known=_known(request),
        reviewer=reviewer,
        csrf=csrf_token(request),
        longest_note=LONGEST_NOTE,
        longest_name=LONGEST_NAME,
    )
    remember_session(request, response)
    return response


def _asked_change(request: Request, conn: Connection) -> QueuedChange:
    """The change in the address; a name that is none leads nowhere, as any other address does."""
    try:
        return find_change(conn, request.path_params["change"])
    except RequestError as error:
        raise HTTPException(404, str(error)) from error


def _done(request: Request, conn: Connection) -> QueuedChange | None:
    """The change that was marked before this page, which it offers to take back."""
    key = asking.text(request, "done")
    return find_change(conn, key) if key else None


def _stale(request: Request, said: Said) -> Response:
    """Both verdicts, and the form again with what one wrote: nothing was written over."""
    shown = asking.retrieve(
        request,
        lambda conn: show_change(conn, _asked_change(request, conn)),
    )
    return _page(request, shown, stale=said, status=409)


def _said(request: Request, fields: Mapping[str, str]) -> Said:
    revision = fields.get("revision", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        raise HTTPException(400, "A form must say which review it follows")
    user = request.state.user
    return Said(
        verdict=None if "keep" in fields else fields.get("verdict", ""),
        note=fields.get("note", "").replace("\r\n", "\n"),
        tags=tuple(tag for part in fields.get("tags", "").split(",") if (tag := part.strip())),
        reviewer=(user.name if user else None) or fields.get("reviewer", ""),
        revision=int(revision),
    )


def _to(request: Request, queued: QueuedChange, **more: str) -> Response:
    target = addresses.address("review", queued.id, **more, **asked_for(request))
    return RedirectResponse(target, status_code=303)


def _remember(response: Response, reviewer: str) -> Response:
    """Have the browser fill in the name the next time."""
    response.set_cookie(
        REVIEWER, addresses.quoted(reviewer), max_age=A_YEAR, httponly=True, samesite="lax"
    )
    return response


def _reviewer(request: Request) -> str:
    user = request.state.user
    kept = addresses.unquoted(request.cookies.get(REVIEWER, ""))
    return (user.name if user else None) or kept or str(request.app.state.reviewer)
