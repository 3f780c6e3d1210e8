"""Reviewing changes: the queue, one change shown with what was said of it, verdicts, undo.

What the command line and the web app do alike; who reviews, and how it looks, is theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from storage import changes, review_queue, reviews, sites, versions
from storage.records import format_time
from storage.review_records import QueuedChange, QueueFilter, QueuePlace, ReviewVerdict
from tracker.errors import RequestError, TrackerError
from tracker.history import review_document as review_document  # others import it from here
from tracker.kept import find_site
from tracker.materiality import estimate
from tracker.reporting import change_detail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.database import Connection, Database
    from storage.records import Version
    from storage.review_records import Relabel, Review
    from tracker.reports.model import ChangeDetail

BATCH = 1_000
LONGEST_NAME, LONGEST_TAG, LONGEST_NOTE = 100, 50, 20_000
_CHANGE = re.compile(r"([0-9a-f]{12})(?:-|\.\.)([0-9a-f]{12})")
_NUMBERS = re.compile(r"(.+)#(\d+)(?:\.\.|-)(?:.+#)?(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """A change as a reviewer sees it: both versions, what differs, and all that was said of it."""

    queued: QueuedChange
    detail: ChangeDetail
    said: tuple[Review, ...]


def walk(db: Database, wanted: QueueFilter, *, limit: int | None = None) -> Iterator[QueuedChange]:
    """The queue, highest score first; read page by page, so that it may be of any length."""
    score_missing(db)
    after: QueuePlace | None = None
    left = limit
    while left is None or left > 0:
        size = BATCH if left is None else min(left, BATCH)
        with db.read() as conn:
            page = review_queue.queue(conn, wanted, limit=size, after=after)
        yield from page
        if len(page) < size:
            return
        after = QueuePlace.of(page[-1])
        left = None if left is None else left - size


def score_missing(db: Database) -> int:
    """Score what was derived before there were scores, by its counts; answers how many there were.

    `tracker reprocess` weighs the words themselves.
    """
    count = 0
    while True:
        with db.read() as conn:
            found = changes.unscored(conn, BATCH)
        if not found:
            return count
        scored = []
        for site_id, change in found:
            weighed = estimate(change)
            known = replace(change, score=weighed.score, reasons=weighed.reasons)
            scored.append((site_id, known))
        db.transact(partial(changes.score, scored=scored))
        count += len(found)


def find_change(conn: Connection, spec: str) -> QueuedChange:
    """The change that a name means.

    ``SITE#1..2`` or, as all changes join successive versions, ``SITE#2``; or its id, which stays
    whatever is derived anew: the ids of both versions, ``6f1c0a4be2d7-0d9a6e3f5b18``.

    Raises:
        TrackerError: there is none.
        RequestError: the name is of none of these forms.
    """
    if match := _CHANGE.fullmatch(spec):
        old, new = versions.by_id(conn, match[1]), versions.by_id(conn, match[2])
    elif match := _NUMBERS.fullmatch(spec) or re.fullmatch(r"(.+)#()(\d+)", spec):
        site = find_site(conn, match[1])
        number = int(match[3])
        old, new = (
            None if version is None else (site.id, version)
            for version in (
                versions.by_number(conn, site.id, int(match[2] or number - 1)),
                versions.by_number(conn, site.id, number),
            )
        )
    else:
        raise RequestError(f"{spec!r} names no change: write SITE#1..2, or an id of `review list`")
    found = None
    if old and new and old[0] == new[0]:
        found = review_queue.between(conn, old[0], old[1].id, new[1].id)
    if found is None:
        raise TrackerError(f"no change {spec}: it joins two successive versions of a site")
    return found


def show_change(conn: Connection, queued: QueuedChange) -> ShownChange:
    """A change with its versions, the comparison of their texts, and what was said of it.

    Raises:
        TrackerError: it is gone: the site was derived anew meanwhile.
        StorageError: a kept text is damaged.
    """
    site = sites.by_id(conn, queued.site_id)
    old, new = _version(conn, queued.old_id), _version(conn, queued.new_id)
    if site is None or old is None or new is None:
        raise TrackerError(f"the change {queued.id} is gone: {queued.site} was derived anew")
    said = reviews.history(conn, queued.site_id, queued.old_sha256, queued.new_sha256)
    detail = change_detail(conn, site, queued.change, old, new)
    return ShownChange(queued=queued, detail=detail, said=tuple(said))


def _version(conn: Connection, version_id: str) -> Version | None:
    found = versions.by_id(conn, version_id)
    return found and found[1]


def mark(
    db: Database,
    queued: QueuedChange,
    verdict: ReviewVerdict | str | None,
    *,
    reviewer: str,
    note: str = "",
    tags: Sequence[str] = (),
    labels: Sequence[Relabel] = (),
    check: bool = True,
) -> Review:
    """Say what one makes of a change; ``check``: only if nobody spoke since ``queued`` was read.

    A verdict of None keeps a note of a change that stays in the queue. What earlier reviews said of
    the categories of statements holds on, but for those in ``labels``.

    Raises:
        StaleReview: somebody did; nothing was written.
        RequestError: there is no such verdict, or a name, note or tag cannot be used.
    """
    said = None if verdict is None else verdict_named(verdict)
    name, told = reviewer_named(reviewer), _note(note)
    marks = [tag_named(tag) for tag in tags]
    kept = {(one.heading, one.text): one for one in (queued.review.labels if queued.review else ())}
    kept |= {(one.heading, one.text): one for one in labels}

    def write(conn: Connection) -> Review:
        return reviews.add(
            conn,
            queued.site_id,
            old=queued.old_sha256,
            new=queued.new_sha256,
            verdict=said,
            note=told,
            tags=marks,
            labels=tuple(kept.values()),
            reviewer=name,
            expected_revision=queued.revision if check else None,
        )

    return db.transact(write)


def undo(db: Database, queued: QueuedChange, *, reviewer: str, check: bool = True) -> Review:
    """Let what was said before count again; the history keeps both.

    Raises:
        StaleReview: somebody spoke since ``queued`` was read; nothing was written.
        TrackerError: nothing was said that could be taken back.
    """
    name = reviewer_named(reviewer)

    def write(conn: Connection) -> Review | None:
        return reviews.undo(
            conn,
            queued.site_id,
            old=queued.old_sha256,
            new=queued.new_sha256,
            reviewer=name,
            expected_revision=queued.revision if check else None,
        )

    undone = db.transact(write)
    if undone is None:
        change = queued.change
        which = f"{queued.site}#{change.old_number}..{change.new_number}"
        raise TrackerError(f"nothing to undo: {which} has no verdict")
    return undone


def taken_back(said: Sequence[Review]) -> Review | None:
    """What the last word on a change took back; None where that was no undo."""
    if not said or said[-1].restores is None:
        return None
    before = reviews.standing(said[:-1])
    return before[-1] if before else None


def note_to_edit(said: Sequence[Review], reviewer: str) -> str:
    """The note of this reviewer's that counts, or that was just taken back; another's is theirs."""
    counting = reviews.standing(said)
    last = taken_back(said) or (counting[-1] if counting else None)
    return last.note if last and last.reviewer == reviewer else ""


def verdict_named(text: str) -> ReviewVerdict:
    """The verdict of this name.

    Raises:
        RequestError: there is none.
    """
    try:
        return ReviewVerdict(text.strip().lower())
    except ValueError as error:
        names = ", ".join(ReviewVerdict)
        raise RequestError(f"{text!r} is no verdict: say {names}") from error


def reviewer_named(text: str) -> str:
    """A reviewer's name in one line.

    Raises:
        RequestError: it is empty, longer than a name, or would break a line.
    """
    return _line(text, "a reviewer's name", LONGEST_NAME)


def tag_named(text: str) -> str:
    """A tag in one line.

    Raises:
        RequestError: it is empty, too long, or would break a line.
    """
    return _line(text, "a tag", LONGEST_TAG)


def _line(text: str, what: str, longest: int) -> str:
    line = " ".join(text.split())
    if not line or len(line) > longest or not line.isprintable():
        raise RequestError(f"{what} has 1 to {longest} printable characters: not {text[:60]!r}")
    return line


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise RequestError(f"a note has {LONGEST_NOTE} characters at most, this one {len(text)}")
    return text.strip()


def queued_document(queued: QueuedChange) -> dict[str, Any]:
    """One change as ``tracker review list --format json`` tells it."""
    change = queued.change
    return {
        "id": queued.id,
        "site": queued.site,
        "from": change.old_number,
        "to": change.new_number,
        "after": format_time(change.after),
        "before": format_time(change.before),
        "categories": [practice.category for practice in change.practices],
        "silent": change.silent,
        "score": change.score,
        "state": queued.state,
        "reasons": list(change.reasons),
        "kind": change.kind,
        "words_added": change.words_added,
        "words_removed": change.words_removed,
        "review": None if queued.review is None else review_document(queued.review),
    }
