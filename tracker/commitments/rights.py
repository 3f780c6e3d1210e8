"""What a right or a choice is to, by whatever name: who may "erase" could "delete" before."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.commitments.sentences import bag

if TYPE_CHECKING:
    from collections.abc import Iterable

_OBJECTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"delet(?:e|ed|es|ing|ion)|eras(?:e|ed|ing|ure)|forgotten|remov(?:e|ed|al)",
        r"access(?:ed|ing)?|know|cop(?:y|ies)|obtain|confirm(?:ation)?|inform(?:ed)?",
        r"correct(?:ed|ing|ion)?|rectif\w+|amend\w*|inaccura\w+",
        r"object(?:s|ed|ing|ion)?|opt(?:ed|ing)?|opt-?out|unsubscrib\w+|refus(?:e|ed|al)|declin\w+",
        r"withdraw\w*|revok\w+|revocation",
        r"restrict\w*|limit(?:s|ed|ing|ation)?",
        r"portab\w+|export\w*|transmit|machine-readable",
        r"non-?discriminat\w+|discriminat\w+|retaliat\w+",
        r"appeal\w*",
        r"complain\w*|lodge",
    )
)
_GRANTS = frozenset({"right", "rights", "may", "can", "choose", "request"})


def granted(text: str, elsewhere: Iterable[frozenset[str]]) -> bool:
    """Whether every right in `text` is one that a segment of the other text grants too.

    False where `text` names none that is known.
    """
    own = [rights for rights in _OBJECTS if _any(rights, bag(text))]
    return bool(own) and all(
        any(not _GRANTS.isdisjoint(other) and _any(rights, other) for other in elsewhere)
        for rights in own
    )


def _any(rights: re.Pattern[str], words: frozenset[str]) -> bool:
    return any(rights.fullmatch(word) for word in words)
