"""What is said of a changed commitment: where it went, and the words that show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Where a commitment went, from the user's side."""

    WEAKENED = "weakened"
    STRENGTHENED = "strengthened"
    NEW = "new"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A direction, why, and the words of the old and the new text that show it ("" for none)."""

    direction: Direction
    why: str
    old_words: str
    new_words: str


_FOLLOWING = 6


def in_its_words(sentence: str, cue: str) -> str:
    """The cue and a few words of what follows: a right is worth little without what it is to."""
    start = sentence.find(cue)
    if start < 0:
        return cue
    following = sentence[start + len(cue) :].split()
    rest = " ".join(following[:_FOLLOWING])
    more = " …" if len(following) > _FOLLOWING else ""
    return f"{cue} {rest}{more}".rstrip() if rest[:1].isalnum() else cue
