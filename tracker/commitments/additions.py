"""What a service does on top of what it said: a practice or an entry of a list more.

No phrase of these binds anybody, so that they count only where nothing else of the segment does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.commitments.claims import Claim, Direction, in_its_words
from tracker.commitments.cues import cues
from tracker.commitments.phrases import Kind
from tracker.commitments.sentences import Sentence, holds, sentences, stands_in

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTS = re.compile(
    r"\b(?:we|be|is|are)\b.*\b(?:collect\w*|us(?:e|ed|es|ing)|shar(?:e|ed|ing)|"
    r"disclos\w+|receiv\w+|obtain\w*|process\w*)\b.*:\W*$",
    re.IGNORECASE | re.DOTALL,
)
_LINK = re.compile(r"\W*\[[^\]]*\]\([^)]*\)\W*")
_WHERE = re.compile(r"\W*(?:if|when|where|with|for example)\b", re.IGNORECASE)
_CHOICES = re.compile(r"\b(?:rights?|choices?|opt|how (?:you|to)|links?|request)\b", re.IGNORECASE)


def practice_added(came: Iterable[Sentence], old_text: Iterable[frozenset[str]]) -> Claim | None:
    """What a segment from which nothing went says on top that the service does."""
    for one in came:
        found = cues(one.text)
        if any(cue.kind.protects for cue in found) or stands_in(one, old_text):
            continue
        for cue in found:
            if cue.kind is Kind.PRACTICE:
                words = in_its_words(one.text, cue.text)
                return Claim(
                    direction=Direction.WEAKENED, why="practice", old_words="", new_words=words
                )
    return None


def entry_of_a_list(text: str, lead: str, elsewhere: Iterable[frozenset[str]]) -> Claim | None:
    """An entry more in a list of kinds of data, purposes or recipients that stands.

    An entry less is no claim: it mostly went to another.
    """
    if _CHOICES.search(lead) or not _LISTS.search(lead) or not holds(elsewhere, lead):
        return None
    own = sentences(text)
    if not own or _WHERE.match(text) or _LINK.fullmatch(text):
        return None
    if any(cue.kind.protects for one in own for cue in cues(one.text, lead)):
        return None
    return Claim(
        direction=Direction.WEAKENED, why="more is listed", old_words="", new_words=own[0].text
    )
