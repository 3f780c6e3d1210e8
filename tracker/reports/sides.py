"""What a rendered comparison says of the two texts that it compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.practice_filter import restricted

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracker.comparison import ComparisonJson


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the texts: its Markdown, what it is called, and where the archive has it."""

    markdown: str
    label: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A comparison with its texts; ``only`` names the practice categories to show, none for all."""

    name: str
    old: Side
    new: Side
    comparison: ComparisonJson
    only: Collection[str] = ()

    @property
    def summary(self) -> str:
        """The amount of change in a line, in the chosen categories where there are some."""
        found = restricted(self.comparison, self.only)
        if found["identical"]:
            return "The words are the same."
        where = f" in {', '.join(self.only)}" if self.only else ""
        added = found["words_added"]
        word = "word" if added == 1 else "words"
        return f"{added} {word} added, {found['words_removed']} removed{where}"
