"""Draws segments whose commitment direction is to be labelled by docs/commitment-direction.md.

``python -m tests.quality.sample_directions PAIRS.jsonl.gz`` prints the held-back sample, texts
included, as JSON lines: none of its segments is among those of the development sample.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections import defaultdict
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.diff.segments import Op, Row, diff
from tracker.segment import Kind, Segment, segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEVELOPMENT = Path(__file__).with_name("commitment_directions.jsonl")
"""Labels of a first draw (seed 20260821, twice the quotas)."""

SEED = 20261121
QUOTAS = {
    (Op.MODIFIED, True): 56,
    (Op.ADDED, True): 40,
    (Op.REMOVED, True): 40,
    (Op.MODIFIED, False): 10,
    (Op.ADDED, False): 3,
    (Op.REMOVED, False): 2,
}
"""How many are drawn by what became of them, and whether a telling word is among what changed."""

TELLING = re.compile(
    r"\b(?:not|never|no|only|without|unless|except|may|might|will|must|shall|cannot|consent|"
    r"permission|opt|opt-?(?:out|in)|choose|choices?|rights?|object|withdraw|delet\w+|eras\w+|"
    r"retain\w*|retention|keep|days?|months?|years?|shar\w+|sell\w*|sale|disclos\w+|partners?|"
    r"advertis\w+|affiliates?|vendors?|encrypt\w*|notify)\b",
    re.IGNORECASE,
)
"""A wide net, cast before any rule was written."""

MOST_A_PAIR = 4
MOST_WORDS = 200

ADDRESS = re.compile(r"\S*(?:@|://|/cdn-cgi/)\S*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A changed segment: the pair's id, the spans of segments in both texts, and their sources."""

    pair: str
    old: tuple[int, int] | None
    new: tuple[int, int] | None
    old_text: str
    new_text: str
    under: str

    @property
    def digest(self) -> str:
        """Names the words of both sides; what the labels keep instead of them."""
        return digest_of(self.old_text, self.new_text)


def digest_of(old_text: str, new_text: str) -> str:
    """What the labels keep of a segment's words."""
    words = "\0".join(" ".join(text.split()) for text in (old_text, new_text))
    return sha256(words.encode()).hexdigest()[:16]


def read_pairs(path: Path) -> Iterator[dict[str, Any]]:
    """The pairs of versions whose words differ and that do not return to an earlier text."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            pair = json.loads(line)
            if pair["material"] and not pair["reverts"]:
                yield pair


def sample(path: Path) -> list[Sampled]:
    """The sample, in an order that a seed drew."""
    generator = random.Random(SEED)
    labelled = _labelled()
    changed: list[tuple[tuple[Op, bool], Sampled]] = []
    for pair in read_pairs(path):
        old, new = segment(pair["old"]), segment(pair["new"])
        own = defaultdict(list)
        for row in diff(old, new).rows:
            if _eligible(row, old, new):
                sampled = _sampled(pair["id"], row, old, new)
                if sampled.digest in labelled or not labelled.isdisjoint(_places(sampled)):
                    continue
                own[_telling(row)].append(((row.op, _telling(row)), sampled))
        for drawn in own.values():
            changed.extend(generator.sample(drawn, min(MOST_A_PAIR, len(drawn))))
    generator.shuffle(changed)
    taken: list[Sampled] = []
    for stratum, quota in QUOTAS.items():
        taken.extend([one for of, one in changed if of == stratum][:quota])
    generator.shuffle(taken)
    return taken


def _labelled() -> set[str | tuple[str, str, int]]:
    """The words and the places that have a label."""
    labels = [json.loads(line) for line in DEVELOPMENT.read_text().splitlines()]
    found: set[str | tuple[str, str, int]] = {label["digest"] for label in labels}
    for label in labels:
        for side in ("old", "new"):
            found |= {(label["pair"], side, at) for at in range(*(label[side] or (0, 0)))}
    return found


def _places(one: Sampled) -> set[tuple[str, str, int]]:
    sides = (("old", one.old), ("new", one.new))
    return {(one.pair, side, at) for side, span in sides for at in range(*(span or (0, 0)))}


def _telling(row: Row) -> bool:
    return any(op and TELLING.search(ADDRESS.sub(" ", text)) for op, text in row.words)


def _eligible(row: Row, old: Sequence[Segment], new: Sequence[Segment]) -> bool:
    if (row.op, True) not in QUOTAS:
        return False
    first = old[row.old] if row.old is not None else new[row.new or 0]
    longest = max(len(row.old_text.split()), len(row.new_text.split()))
    return first.kind not in (Kind.HEADING, Kind.OTHER) and longest <= MOST_WORDS


def _sampled(pair: str, row: Row, old: Sequence[Segment], new: Sequence[Segment]) -> Sampled:
    first = new[row.new] if row.new is not None else old[row.old or 0]
    return Sampled(
        pair=pair,
        old=None if row.old is None else (row.old, row.old_end or row.old + 1),
        new=None if row.new is None else (row.new, row.new_end or row.new + 1),
        old_text=row.old_text,
        new_text=row.new_text,
        under=first.lead.text if first.lead else first.heading,
    )


def main() -> None:
    """Print the sample."""
    for one in sample(Path(sys.argv[1])):
        sys.stdout.write(json.dumps({**asdict(one), "digest": one.digest}) + "\n")


if __name__ == "__main__":
    main()
