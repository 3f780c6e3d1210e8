"""How much of a text was written anew: where much was, what came or went mostly stands elsewhere.

Said in other words, which no comparison of words finds. On labels that no rule was made on, what
came or went was told rightly where most segments stayed, and hardly ever where half were new; a
practice is reworded sooner than a promise (docs/commitment-direction.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.commitments.sentences import bag

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAME = 0.25
"""Words that two forms of a segment must share at least, or they are not compared by phrases."""

_STAYED_FOR_OPENINGS = 0.9
"""Share of a text's segments that stayed, before a sharing or an entry counts as come."""

_STAYED = 0.75
"""The same, before a commitment counts as come or gone, or the phrases of an edited segment do."""

_FEW = 3
"""So many changed segments are no rewriting, however short the text."""


def rewritten(old: str, new: str) -> bool:
    """Whether two forms share so few words that phrases of theirs cannot be set against others."""
    left, right = bag(old), bag(new)
    return bool(left and right) and len(left & right) < _SAME * len(left | right)


def text_rewritten(
    old_text: Iterable[frozenset[str]], new_text: Iterable[frozenset[str]], *, opens: bool
) -> bool:
    """Whether so few segments stayed that no claim about one of them can be trusted.

    `opens`: the claim is that a whole segment opened something, which asks for more.
    """
    old, new = set(old_text), set(new_text)
    stayed = len(old & new)
    wanted = _STAYED_FOR_OPENINGS if opens else _STAYED
    changed = max(len(old), len(new)) - stayed
    return changed > _FEW and stayed < wanted * min(len(old), len(new))
