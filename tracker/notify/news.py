"""Which of a site's changes its readers have not been told yet.

A change is known by its two texts, or by its window: derived anew, it may have other texts, and
captures in between may show one change to have been two. What happened within a window that was
told has been told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.notices import KnownChange, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A change to tell: where it stands in the list that was given, and what it is known by.

    ``nth`` counts earlier changes between the same two texts. ``late``: a newer capture was known
    when this one came in.
    """

    at: int
    known_as: KnownChange
    nth: int
    late: bool


def news(watch: Watch, current: Sequence[KnownChange], *, made_by: str | None) -> list[News]:
    """What is new to whoever knows what ``watch`` says.

    What other programs made of the same captures differs for no reason of the policy's: then
    nothing is new that lies before the newest capture known.
    """
    remade = watch.made_by not in {None, made_by}
    same = frozenset(watch.changes)
    found: list[News] = []
    for at, change in enumerate(current):
        late = watch.until is not None and change.before <= watch.until
        if change in same or (remade and late) or _is_known(change, watch.changes):
            continue
        earlier = (*watch.changes, *(one.known_as for one in found))
        nth = sum((one.old, one.new) == (change.old, change.new) for one in earlier)
        found.append(News(at=at, known_as=change, nth=nth, late=late))
    return found


def with_known(
    watch: Watch | None,
    current: Sequence[KnownChange],
    *,
    made_by: str | None,
    until: datetime | None,
) -> Watch:
    """What is known once everything current has been told.

    What was told and is no longer derived stays known: it may be derived again.
    """
    still = frozenset(current)
    kept = [one for one in (watch.changes if watch else ()) if one not in still]
    moments = [moment for moment in (until, watch and watch.until) if moment]
    return Watch(
        made_by=made_by,
        until=max(moments, default=None),
        changes=(*kept, *current),
    )


def _is_known(change: KnownChange, known: Sequence[KnownChange]) -> bool:
    return any(
        (one.after <= change.after and change.before <= one.before)
        or (
            (one.old, one.new) == (change.old, change.new)
            and one.after < change.before
            and change.after < one.before
        )
        for one in known
    )
