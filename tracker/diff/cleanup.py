"""Makes a word diff readable: drops coincidences, sets changes where sentences begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.diff.lcs import Block
    from tracker.diff.words import Words


def readable(blocks: list[Block], old: Words, new: Words) -> list[Block]:
    """Drop runs of common words too short for what changes on both sides of them."""
    return blocks
