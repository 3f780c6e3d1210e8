"""What joins two successive versions: the words, the practices, the window, and silence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from storage.records import SOURCE, Change, CommitmentChange, PracticeCount
from tracker.classified_languages import is_classified, no_labels
from tracker.comparison import change_practices, compare
from tracker.dates import silent
from tracker.diff.segments import Op
from tracker.materiality import materiality
from tracker.versions.kinds import kind_of_change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storage.records import Version
    from tracker.comparison import Classify, RowJson


def change_between(
    old: Version, new: Version, old_text: str, new_text: str, classify: Classify
) -> Change:
    """The change from one version to the next.

    Practice categories count the segments that were added, removed and modified; a passage that
    only moved changed no practice and is counted apart. Where commitments went is said of texts
    that get categories alone: both the classifier and the rules read English.
    """
    comparison = compare(
        old_text, new_text, classify=classify, directions=is_classified(new.language)
    )
    rows = comparison["segments"]
    is_silent = silent(old.stated_date, new.stated_date)
    kind = kind_of_change(old_text, new_text)
    weighed = materiality(rows, silent=is_silent, kind=kind, words=old.words + new.words)
    return Change(
        old_number=old.number,
        new_number=new.number,
        after=old.last_seen,
        before=new.first_seen,
        silent=is_silent,
        words_added=comparison["words_added"],
        words_removed=comparison["words_removed"],
        practices=tuple(PracticeCount(**practice) for practice in change_practices(rows)),
        kind=kind,
        directions=tuple(commitment_changes(rows)),
        moved=moved_practices(rows),
        score=weighed.score,
        reasons=weighed.reasons,
    )


def change_of_source(old: Version, new: Version, old_text: str, new_text: str) -> Change:
    """Where another collector's reading takes over: words differ, and no practice is claimed.

    Its kind is ``source``: what differs may be how the text was taken from the page.
    """
    comparison = compare(old_text, new_text, classify=no_labels)
    return Change(
        old_number=old.number,
        new_number=new.number,
        after=old.last_seen,
        before=new.first_seen,
        silent=False,
        words_added=comparison["words_added"],
        words_removed=comparison["words_removed"],
        kind=SOURCE,
        score=0,
        reasons=("the telling passes to another collector; the policy may not have changed",),
    )


def commitment_changes(rows: Iterable[RowJson]) -> Iterator[CommitmentChange]:
    """Where the rows' commitments went, in the new text's order."""
    for row in rows:
        if "direction" in row:
            yield CommitmentChange(
                direction=row["direction"],
                old_words=row["direction_words"]["old"],
                new_words=row["direction_words"]["new"],
                categories=tuple(row["practices"]),
            )


def moved_practices(rows: Iterable[RowJson]) -> dict[str, int]:
    """How many rows of each category stand elsewhere, not a word of them changed."""
    counts = Counter(
        name
        for row in rows
        if row["op"] == Op.MOVED and not (row["words_added"] or row["words_removed"])
        for name in row["practices"]
    )
    return dict(sorted(counts.items()))
