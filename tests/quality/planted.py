"""Pairs of texts with planted moves, splits, joins and edits, from a fixed seed."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

_SENTENCE = re.compile(r"(?<=[a-z)]\.) (?=[A-Z])")
_PLAIN = re.compile(r"[A-Z“][^\n|#*<>\[\]]{160,1500}[.]")
_OTHER_WORDS = ("never", "ninety", "days", "affiliates", "retained", "insurers", "monthly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Two texts and the paragraphs that were changed between them."""

    old: str
    new: str
    moved: tuple[str, ...]
    moved_edited: tuple[tuple[str, str], ...]
    split: tuple[str, ...]
    joined: tuple[tuple[str, str], ...]


def plant(text: str, seed: int) -> Planted | None:
    """Change a real text in known ways; None where it has too few paragraphs of its own."""
    rnd = random.Random(seed)
    blocks = list(dict.fromkeys(re.split(r"\n\s*\n", text)))
    old = "\n\n".join(blocks)
    plain = [at for at, block in enumerate(blocks) if _PLAIN.fullmatch(block)]
    if len(plain) < 12:
        return None
    free = rnd.sample(plain, len(plain))
    new = list(blocks)
    edited: dict[int, str] = {}
    for at in (free.pop() for _ in range(3)):
        edited[at] = new[at] = _edit(blocks[at], rnd)
    split = [at for at in free if len(_SENTENCE.split(blocks[at])) > 1][:2]
    for at in split:
        free.remove(at)
        halves = _SENTENCE.split(blocks[at])
        middle = rnd.randrange(1, len(halves))
        new[at] = f"{' '.join(halves[:middle])}\n\n{' '.join(halves[middle:])}"
    pairs = [at for at in free if at + 1 in free and not {at, at + 1} & edited.keys()]
    joined = pairs[:1]
    for at in joined:
        free = [other for other in free if other not in (at, at + 1)]
        new[at], new[at + 1] = f"{blocks[at]} {blocks[at + 1]}", ""
    moving = free[:3]
    moved_edited = []
    for turn, at in enumerate(moving):
        if turn == 2:
            new[at] = _edit(blocks[at], rnd)
            moved_edited.append((blocks[at], new[at]))
    order = [at for at in range(len(new)) if at not in moving]
    for at in moving:
        places = [place for place, other in enumerate(order) if abs(other - at) > 5]
        order.insert(rnd.choice(places), at)
    return Planted(
        old=old,
        new="\n\n".join(new[at] for at in order if new[at]),
        moved=tuple(blocks[at] for at in moving[:2]),
        moved_edited=tuple(moved_edited),
        split=tuple(blocks[at] for at in split),
        joined=tuple((blocks[at], blocks[at + 1]) for at in joined),
    )


def _edit(paragraph: str, rnd: random.Random) -> str:
    words = paragraph.split(" ")
    for _ in range(max(2, len(words) // 12)):
        words[rnd.randrange(1, len(words))] = rnd.choice(_OTHER_WORDS)
    return " ".join(words)
