"""How much of a text was written anew: where much was, what came or went mostly stands elsewhere.

Said in other words, which no comparison of words finds. On fresh labels, whole statements that came
or went were told rightly where nine in ten segments stayed, and hardly ever where half were new
(docs/commitment-direction.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.commitments.sentences import bag

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAME = 0.25
"""Words that two forms of a segment must share at least, or they are not compared by phrases."""

_STAYED_FOR_WHOLE = 0.9
"""Share of a text's segments that stayed, before a statement counts as come or gone."""

_STAYED_FOR_EDITS = 0.75
"""The same, before the phrases of an edited segment count."""

_FEW = 3
"""So many changed segments are no rewriting, however short the text."""


def rewritten(old: str, new: str) -> bool:
    """Whether two forms share so few words that phrases of theirs cannot be set against others."""
    left, right = bag(old), bag(new)
    return bool(left and right) and len(left & right) < _SAME * len(left | right)


def text_rewritten(
    old_text: Iterable[frozenset[str]], new_text: Iterable[frozenset[str]], *, edited: bool
) -> bool:
    """Whether so few segments stayed that no claim about one of them can be trusted.

    `edited`: the claim rests on the phrases of a segment that both texts have.
    """
    old, new = set(old_text), set(new_text)
    stayed = len(old & new)
    wanted = _STAYED_FOR_EDITS if edited else _STAYED_FOR_WHOLE
    changed = max(len(old), len(new)) - stayed
    return changed > _FEW and stayed < wanted * min(len(old), len(new))
