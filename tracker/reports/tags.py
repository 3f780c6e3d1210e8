"""What a line says of a changed segment besides its words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.records import Change
    from tracker.comparison import RowJson


def tags_of(row: RowJson) -> str:
    """Practice categories, the other ones that the old text had, and the commitment's direction.

    "" for an unchanged segment and for one that has none of them.
    """
    if row["op"] == "equal":
        return ""
    practices = ", ".join(row["practices"])
    if "practices_before" in row:
        practices = f"{practices or 'none'}, was {', '.join(row['practices_before']) or 'none'}"
    hint = f"perhaps {row['direction']}" if "direction" in row else ""
    return "; ".join(part for part in (practices, hint) if part)


def went(change: Change) -> str:
    """How many commitments may have gone which way, in words: "perhaps 2 weakened, 1 new"."""
    counts = Counter(one.direction for one in change.directions)
    return f"perhaps {', '.join(f'{count} {direction}' for direction, count in counts.items())}"
