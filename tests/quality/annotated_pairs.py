"""Pairs of policies with known changes of practice, made from annotated ones by a fixed seed."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.classify.corpus import PARTS

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

FEWEST = 14
CHANGED = 2
"""Statements deleted, inserted, moved and edited in each pair."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An annotated segment: its text and the ten-way categories that most annotators gave it."""

    text: str
    categories: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedPair:
    """Two texts, and the (category, "added" or "removed") that lie between them."""

    policy: int
    old: str
    new: str
    changes: frozenset[tuple[str, str]]


def read_policies(folder: Path) -> dict[int, list[Statement]]:
    """The annotated statements of each policy in their order, majority labels."""
    found: dict[int, dict[int, Statement]] = defaultdict(dict)
    for name in ("train", "validation"):
        with (folder / "majority" / f"{name}.jsonl").open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                text = " ".join(row["text"].split())
                statement = Statement(text, frozenset(PARTS[label] for label in row["labels"]))
                for source in row["sources"]:
                    found[source["policy_id"]][source["segment_id"]] = statement
    policies = {key: [own[at] for at in sorted(own)] for key, own in found.items()}
    return {key: own for key, own in policies.items() if len(own) >= FEWEST}


def edited_pair(
    key: int, policy: Sequence[Statement], others: Sequence[Statement], rnd: random.Random
) -> AnnotatedPair:
    """Delete, insert, move and edit some statements of a policy."""
    own = list(dict.fromkeys(policy))
    touched = rnd.sample(own, 3 * CHANGED)
    deleted, moved, edited = (touched[at::3] for at in range(3))
    inserted = rnd.sample([one for one in others if one not in own], CHANGED)
    new = [one for one in own if one not in deleted and one not in moved]
    for one in [*inserted, *moved]:
        new.insert(rnd.randrange(len(new) + 1), one)
    changes = {(name, "removed") for one in deleted for name in one.categories}
    changes |= {(name, "added") for one in inserted for name in one.categories}
    texts = {one: _edit(one.text, rnd) if one in edited else one.text for one in new}
    return AnnotatedPair(
        policy=key,
        old="\n\n".join(one.text for one in own) + "\n",
        new="\n\n".join(texts[one] for one in new) + "\n",
        changes=frozenset(changes),
    )


def moved_pair(policy: Sequence[Statement], rnd: random.Random) -> tuple[str, str]:
    """A policy and the same statements in another order."""
    own = [one.text for one in dict.fromkeys(policy)]
    other = own.copy()
    for _ in range(3):
        other.insert(rnd.randrange(len(other)), other.pop(rnd.randrange(len(other))))
    return "\n\n".join(own) + "\n", "\n\n".join(other) + "\n"


def formatted_pair(policy: Sequence[Statement]) -> tuple[str, str]:
    """A policy, and the same with first words in bold and every third statement an item."""
    own = [one.text for one in dict.fromkeys(policy)]
    other = []
    for at, text in enumerate(own):
        first, _, rest = text.partition(" ")
        marked = f"**{first}** {rest}" if first.isalpha() else text
        item = at % 3 == 2 and text[0].isalpha()
        other.append(f"- {marked}" if item else marked)
    return "\n\n".join(own) + "\n", "\n\n".join(other) + "\n"


def _edit(text: str, rnd: random.Random) -> str:
    """The same with one word in fifteen said twice: an edit that changes no practice."""
    words = text.split(" ")
    for _ in range(1 + len(words) // 15):
        at = rnd.randrange(len(words))
        words.insert(at, words[at])
    return " ".join(words)
