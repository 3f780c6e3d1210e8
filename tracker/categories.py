"""The ten practice categories of OPP-115 (Wilson et al., ACL 2016), in the corpus's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

CATEGORIES: tuple[str, ...] = (
    "First Party Collection/Use",
    "Third Party Sharing/Collection",
    "User Choice/Control",
    "User Access, Edit and Deletion",
    "Data Retention",
    "Data Security",
    "Policy Change",
    "Do Not Track",
    "International and Specific Audiences",
    "Other",
)


_PLACE = {name: at for at, name in enumerate(CATEGORIES)}


def ordered(names: Iterable[str]) -> list[str]:
    """Categories in the corpus's order; those of a model of one's own after them, by name."""
    return sorted(set(names), key=lambda name: (_PLACE.get(name, len(_PLACE)), name))
