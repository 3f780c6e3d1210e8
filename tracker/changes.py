"""What joins two successive versions: the words, the practices, the window, and silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.records import Change, PracticeCount
from tracker.comparison import change_practices, compare
from tracker.dates import silent
from tracker.versions.kinds import kind_of_change

if TYPE_CHECKING:
    from storage.records import Version
    from tracker.comparison import Classify


def change_between(
    old: Version, new: Version, old_text: str, new_text: str, classify: Classify
) -> Change:
    """The change from one version to the next.

    Practice categories count the segments that were added, removed and modified; a passage that
    only moved changed no practice.
    """
    comparison = compare(old_text, new_text, classify=classify)
    practices = change_practices(comparison["segments"])
    return Change(
        old_number=old.number,
        new_number=new.number,
        after=old.last_seen,
        before=new.first_seen,
        silent=silent(old.stated_date, new.stated_date),
        words_added=comparison["words_added"],
        words_removed=comparison["words_removed"],
        practices=tuple(PracticeCount(**practice) for practice in practices),
        kind=kind_of_change(old_text, new_text),
    )
