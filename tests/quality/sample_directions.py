"""Draws segments whose commitment direction is to be labelled by docs/commitment-direction.md.

``python -m tests.quality.sample_directions SHARED third|fourth|fifth`` prints a draw, texts
included, as JSON lines: none of its segments has the words of one that was labelled before. The
fourth is of services that are held back, the fifth of all others.
"""

from __future__ import annotations

import gzip
import itertools
import json
import random
import re
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tracker.diff.segments import Op, Row, diff
from tracker.segment import Kind, Segment, segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
FIRST = ("commitment_directions.jsonl",)
"""Labels of two earlier draws, from ``shared/pairs``."""

FAIR = (*FIRST, "commitment_directions_held_back.jsonl")
"""And of the third: what was drawn whatever any rule said of it."""

OLDER = (*FAIR, "commitment_directions_claimed.jsonl")
"""And what rules of their day had claimed something of."""

QUOTAS = {
    (Op.MODIFIED, True): 14,
    (Op.ADDED, True): 6,
    (Op.REMOVED, True): 6,
    (Op.MODIFIED, False): 2,
    (Op.ADDED, False): 1,
    (Op.REMOVED, False): 1,
}
"""The parts of a draw by what became of a segment, and whether a telling word is what changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A draw: its seed, how many labels for each of a quota's parts, which labels it leaves out.

    ``held_back``: of services that are held back, or of others; None for all. At most ``most``
    of a service, 0 for no limit, and ``each`` of a change with a telling word, and without.
    """

    seed: int
    size: int
    known: tuple[str, ...]
    pairs: bool
    held_back: bool | None = None
    most: int = 0
    each: int = 1


DRAWS = {
    "third": Draw(seed=20261122, size=4, known=FIRST, pairs=False),
    "fourth": Draw(seed=20261123, size=10, known=FAIR, pairs=True, held_back=True, most=24, each=3),
    "fifth": Draw(
        seed=20261124, size=26, known=OLDER, pairs=True, held_back=False, most=32, each=4
    ),
}


def held_back(service: str) -> bool:
    """Whether nothing of a service is used to make or train what gives directions: one in three."""
    return int(sha256(service.encode()).hexdigest(), 16) % 3 == 0


TELLING = re.compile(
    r"\b(?:not|never|no|only|without|unless|except|may|might|will|must|shall|cannot|consent|"
    r"permission|opt|opt-?(?:out|in)|choose|choices?|rights?|object|withdraw|delet\w+|eras\w+|"
    r"retain\w*|retention|keep|days?|months?|years?|shar\w+|sell\w*|sale|disclos\w+|partners?|"
    r"advertis\w+|affiliates?|vendors?|encrypt\w*|notify)\b",
    re.IGNORECASE,
)
"""A wide net, cast before any rule was written."""

MOST_RESIZED = (0.6, 1.7)
"""Words that the new text has for one of the old, at least and at most: no other page."""

MOST_WORDS = 200

ADDRESS = re.compile(r"\S*(?:@|://|/cdn-cgi/)\S*")


@dataclass(frozen=True, slots=True)
class Change:
    """A text before and after, by the name that its labels go by."""

    name: str
    old: str
    new: str
    commit: str
    service: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A changed segment: the change's name, the spans of segments in both texts, their sources."""

    pair: str
    old: tuple[int, int] | None
    new: tuple[int, int] | None
    old_text: str
    new_text: str
    under: str

    @property
    def digest(self) -> str:
        """Names the words of both sides: what the labels keep instead of them."""
        return digest_of(self.old_text, self.new_text)


def digest_of(old_text: str, new_text: str) -> str:
    """What the labels keep of a segment's words."""
    words = "\0".join(" ".join(text.split()) for text in (old_text, new_text))
    return sha256(words.encode()).hexdigest()[:16]


def pairs_of_versions(shared: Path) -> Iterator[Change]:
    """The changes of ``shared/pairs``: words differ, and do not return to an earlier text."""
    for pair in _rows(shared / "pairs" / "pairs.jsonl.gz"):
        if pair["material"] and not pair["reverts"]:
            yield Change(pair["id"], pair["old"], pair["new"], pair["new_commit"], pair["service"])


def successive_versions(shared: Path) -> Iterator[Change]:
    """The changes of ``shared/longitudinal``, but for those that are among the pairs."""
    pairs = _rows(shared / "pairs" / "pairs.jsonl.gz")
    known = {pair["new_commit"] for pair in pairs}
    least, most = MOST_RESIZED
    versions = _rows(shared / "longitudinal" / "versions.jsonl.gz")
    for old, new in itertools.pairwise(versions):
        if (old["service"], old["doc"]) != (new["service"], new["doc"]):
            continue
        if new["type"] != "change" or new["same_words_as_previous"] or new["commit"] in known:
            continue
        if least < old["words"] / max(1, new["words"]) < most:
            name = f"{new['service']}|{old['n']}|{new['n']}"
            yield Change(name, old["text"], new["text"], new["commit"], new["service"])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        pytest.skip(f"no {path.parent.name} beside the checkout")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def changes(shared: Path) -> Iterator[Change]:
    """Every change that labels are of."""
    return itertools.chain(pairs_of_versions(shared), successive_versions(shared))


def sample(shared: Path, draw: Draw) -> list[Sampled]:
    """A draw, in an order that its seed drew."""
    generator = random.Random(draw.seed)
    seen = {
        json.loads(line)["digest"]
        for name in draw.known
        for line in (HERE / name).read_text().splitlines()
    }
    changed: list[tuple[tuple[Op, bool], str, Sampled]] = []
    for change in changes(shared) if draw.pairs else successive_versions(shared):
        if draw.held_back is not None and held_back(change.service) != draw.held_back:
            continue
        old, new = segment(change.old), segment(change.new)
        own: dict[bool, list[tuple[tuple[Op, bool], str, Sampled]]] = {True: [], False: []}
        for row in diff(old, new).rows:
            if not _eligible(row, old, new):
                continue
            sampled = _sampled(change.name, row, old, new)
            if sampled.digest not in seen:
                seen.add(sampled.digest)
                telling = _telling(row)
                own[telling].append(((row.op, telling), change.service, sampled))
        for drawn in own.values():
            changed.extend(generator.sample(drawn, min(draw.each, len(drawn))))
    generator.shuffle(changed)
    taken: list[Sampled] = []
    of_service: Counter[str] = Counter()
    for stratum, quota in QUOTAS.items():
        left = quota * draw.size
        for of, service, one in changed:
            if of == stratum and left and not 0 < draw.most <= of_service[service]:
                taken.append(one)
                of_service[service] += 1
                left -= 1
    generator.shuffle(taken)
    return taken


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
    for one in sample(Path(sys.argv[1]), DRAWS[sys.argv[2]]):
        sys.stdout.write(json.dumps({**asdict(one), "digest": one.digest}) + "\n")


if __name__ == "__main__":
    main()
