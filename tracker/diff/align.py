"""Which segments of two versions are the same ones.

Anchors first (equal texts, in the longest increasing order), then similarity between anchors, then
what one paragraph became two or two became one. What is left over is for `tracker.diff.moves`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from tracker.diff.lcs import common_ends, matching_blocks, unique_pairs
from tracker.diff.words import Ignore, Vocabulary, Words, read
from tracker.segment import Kind, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

Bigram = tuple[int, int]

SIMILAR = 0.3
_SIMILAR_SHORT = 0.4
_IN_PLACE = 0.15
_CONTAINED = 0.6
_IN_ORDER = 0.3
_TELLING_WORDS = 4
_SHORT = 6
_OPENING = 3
_PHRASES = 8
_INSERTED = 1
_CANDIDATES = 4
_COMMON = 24
_SMALL_GAP = 16


class Side:
    """One version's segments, taken apart into words only where that is asked for."""

    def __init__(
        self, segments: Sequence[Segment], vocabulary: Vocabulary, ignore: frozenset[Ignore]
    ) -> None:
        self.segments = segments
        self.ignore = ignore
        self.sources = [segment.source for segment in segments]
        self._vocabulary = vocabulary
        self._words: dict[int, Words] = {}
        self._bags: dict[int, Counter[int]] = {}
        self._bigrams: dict[int, frozenset[Bigram]] = {}

    def __len__(self) -> int:
        return len(self.segments)

    def words(self, at: int) -> Words:
        if at not in self._words:
            self._words[at] = read(self.segments[at], self._vocabulary, self.ignore)
        return self._words[at]

    def bag(self, at: int) -> Counter[int]:
        if at not in self._bags:
            self._bags[at] = Counter(self.words(at).numbers)
        return self._bags[at]

    def bigrams(self, at: int) -> frozenset[Bigram]:
        if at not in self._bigrams:
            self._bigrams[at] = frozenset(pairwise(self.words(at).numbers))
        return self._bigrams[at]

    def size(self, at: int) -> int:
        return len(self.words(at).numbers)


@dataclass(slots=True)
class Match:
    """Adjacent old segments [old, old_end) that stand for adjacent new ones [new, new_end)."""

    old: int
    old_end: int
    new: int
    new_end: int
    exact: bool = False


def overlap(old: Counter[int], new: Counter[int]) -> int:
    """How many words two bags have in common."""
    if len(old) > len(new):
        old, new = new, old
    common = 0
    get = new.get
    for word, count in old.items():
        if other := get(word):
            common += min(count, other)
    return common


def anchors(old: Side, new: Side) -> list[Match]:
    """Pairs of segments with equal words, in one increasing order."""
    pairs: list[tuple[int, int]] = []
    head, tail = common_ends(old.sources, new.sources)
    pairs.extend((at, at) for at in range(head))
    old_end, new_end = len(old) - tail, len(new) - tail
    unique = unique_pairs(
        [_telling(old, at) for at in range(head, old_end)],
        [_telling(new, at) for at in range(head, new_end)],
    )
    i, j = head, head
    for a, b in [*((head + a, head + b) for a, b in unique), (old_end, new_end)]:
        pairs.extend(_equal_between(old, new, i, a, j, b))
        if a < old_end:
            pairs.append((a, b))
        i, j = a + 1, b + 1
    pairs.extend((old_end + at, new_end + at) for at in range(tail))
    return [Match(i, i + 1, j, j + 1, exact=True) for i, j in pairs]


def _telling(side: Side, at: int) -> Hashable:
    """The source of a segment that can be an anchor on its own; rules and stubs are all alike."""
    source = side.sources[at].rstrip()
    return source if len(source) > 20 and side.segments[at].kind is not Kind.OTHER else None


def _equal_between(
    old: Side, new: Side, a0: int, a1: int, b0: int, b1: int
) -> list[tuple[int, int]]:
    if a0 >= a1 or b0 >= b1:
        return []
    numbers: dict[Hashable, int] = {}
    left = [numbers.setdefault(old.words(at).numbers, len(numbers)) for at in range(a0, a1)]
    right = [numbers.setdefault(new.words(at).numbers, len(numbers)) for at in range(b0, b1)]
    return [
        (a0 + a + at, b0 + b + at)
        for a, b, length in matching_blocks(left, right)
        for at in range(length)
    ]


def similar_between(
    old: Side, new: Side, matches: list[Match], elsewhere: Sequence[Match]
) -> list[Match]:
    """Add, between the given matches, those of segments that are alike and did not move away."""
    return _filled(old, new, matches, elsewhere, _gap)


def replaced_between(
    old: Side, new: Side, matches: list[Match], elsewhere: Sequence[Match]
) -> list[Match]:
    """Add those of a single segment and the only one that took its place."""
    return _filled(old, new, matches, elsewhere, _replaced)


def _filled(
    old: Side,
    new: Side,
    matches: list[Match],
    elsewhere: Sequence[Match],
    fill: Callable[[Side, Side, list[int], list[int]], list[Match]],
) -> list[Match]:
    gone = {match.old for match in elsewhere}
    arrived = {match.new for match in elsewhere}
    result: list[Match] = []
    i = j = 0
    for match in [*matches, Match(len(old), len(old), len(new), len(new))]:
        if i < match.old and j < match.new:
            left = [at for at in range(i, match.old) if at not in gone]
            right = [at for at in range(j, match.new) if at not in arrived]
            if left and right:
                result.extend(fill(old, new, left, right))
        result.append(match)
        i, j = match.old_end, match.new_end
    return result[:-1]


def candidates(
    old: Side, new: Side, left: Sequence[int], right: Sequence[int]
) -> list[tuple[int, int]]:
    """Pairs worth comparing: all of them where few, else those that share their rarer words."""
    if len(left) * len(right) <= _SMALL_GAP:
        return [(i, j) for i in left for j in right]
    postings: dict[int, list[int]] = {}
    for j in right:
        for word in new.bag(j):
            postings.setdefault(word, []).append(j)
    rare = {word: places for word, places in postings.items() if len(places) <= _COMMON}
    pairs: list[tuple[int, int]] = []
    for i in left:
        shared: Counter[int] = Counter()
        for word in old.bag(i):
            if word in rare:
                shared.update(rare[word])
        pairs.extend((i, j) for j, _ in shared.most_common(_CANDIDATES))
    return pairs


def _gap(old: Side, new: Side, left: list[int], right: list[int]) -> list[Match]:
    """Match what is alike in a gap; the choice in order that shares most word pairs wins."""
    weighted = []
    for i, j in candidates(old, new, left, right):
        common = overlap(old.bag(i), new.bag(j))
        if not common:
            continue
        sizes = old.size(i), new.size(j)
        alike = 2 * common / sum(sizes)
        together = len(old.bigrams(i) & new.bigrams(j))
        telling = common >= _TELLING_WORDS
        held = telling and common >= _CONTAINED * min(sizes)
        similar = alike >= (SIMILAR if telling else _SIMILAR_SHORT)
        if held or similar or together >= _PHRASES:
            weighted.append((i, j, 1.0 + together))
    matches = [Match(i, i + 1, j, j + 1) for i, j in heaviest(weighted)]
    _grow(old, new, matches, left, right)
    return [match for match in matches if _alike(old, new, match)]


def _replaced(old: Side, new: Side, left: list[int], right: list[int]) -> list[Match]:
    """Match segments that open with the same words, and those alone between such ones."""
    openings = unique_pairs(
        [_opening(old, at) for at in left],
        [_opening(new, at) for at in right],
    )
    matches: list[Match] = []
    i = j = 0
    for a, b in [*openings, (len(left), len(right))]:
        if a - i == b - j == 1 and _took_place(old, new, left[i], right[j]):
            matches.append(Match(left[i], left[i] + 1, right[j], right[j] + 1))
        if a < len(left):
            matches.append(Match(left[a], left[a] + 1, right[b], right[b] + 1))
        i, j = a + 1, b + 1
    return matches


def _opening(side: Side, at: int) -> Hashable:
    """The first words of a segment that has more: "For Switzerland: write to" … another address."""
    words = side.words(at).numbers
    return words[:_OPENING] if len(words) > _OPENING else None


def _took_place(old: Side, new: Side, i: int, j: int) -> bool:
    """Whether two segments alone in a gap are short or share anything to speak of."""
    if old.segments[i].kind is not new.segments[j].kind:
        return False
    common = overlap(old.bag(i), new.bag(j))
    sizes = old.size(i), new.size(j)
    shared = common >= _IN_PLACE * sum(sizes) / 2 or common >= _CONTAINED * min(sizes)
    phrase = not old.bigrams(i).isdisjoint(new.bigrams(j))
    return bool(min(sizes)) and (max(sizes) <= _SHORT or (shared and phrase))


def heaviest(pairs: list[tuple[int, int, float]]) -> list[tuple[int, int]]:
    """The heaviest choice of pairs that increases strictly on both sides."""
    best: list[float] = []
    before: list[int] = []
    pairs.sort()
    tree = _Maxima([j for _, j, _ in pairs])
    at = 0
    while at < len(pairs):
        same = at
        while same < len(pairs) and pairs[same][0] == pairs[at][0]:
            value, last = tree.below(pairs[same][1])
            best.append(value + pairs[same][2])
            before.append(last)
            same += 1
        for k in range(at, same):
            tree.raise_to(pairs[k][1], best[k], k)
        at = same
    chain: list[tuple[int, int]] = []
    at = max(range(len(best)), key=best.__getitem__) if best else -1
    while at >= 0:
        chain.append(pairs[at][:2])
        at = before[at]
    return chain[::-1]


class _Maxima:
    """A Fenwick tree of prefix maxima over the given keys."""

    def __init__(self, keys: list[int]) -> None:
        self._rank = {key: at + 1 for at, key in enumerate(sorted(set(keys)))}
        self._tree: list[tuple[float, int]] = [(0.0, -1)] * (len(self._rank) + 1)

    def below(self, key: int) -> tuple[float, int]:
        at, best = self._rank[key] - 1, (0.0, -1)
        while at:
            best = max(best, self._tree[at])
            at &= at - 1
        return best

    def raise_to(self, key: int, value: float, holder: int) -> None:
        at = self._rank[key]
        while at < len(self._tree):
            self._tree[at] = max(self._tree[at], (value, holder))
            at += at & -at


def _grow(old: Side, new: Side, matches: list[Match], left: list[int], right: list[int]) -> None:
    """Let matches take in neighbours whose words the other side holds beyond its own match."""
    free_old = set(left) - {match.old for match in matches}
    free_new = set(right) - {match.new for match in matches}
    for match in matches:
        i, j = match.old, match.new
        spare, order = old.bag(i) - new.bag(j), old.bigrams(i) - new.bigrams(j)
        match.new_end += _taken(new, order, spare, free_new, range(j + 1, len(new)))
        match.new -= _taken(new, order, spare, free_new, range(j - 1, -1, -1))
        spare, order = new.bag(j) - old.bag(i), new.bigrams(j) - old.bigrams(i)
        match.old_end += _taken(old, order, spare, free_old, range(i + 1, len(old)))
        match.old -= _taken(old, order, spare, free_old, range(i - 1, -1, -1))


def _taken(
    side: Side, order: frozenset[Bigram], spare: Counter[int], free: set[int], places: range
) -> int:
    """How many of the segments at ``places`` belong to a match that has words to spare."""
    taken = 0
    for step, at in enumerate(places, 1):
        if step - taken > 1 + _INSERTED or at not in free or not spare:
            break
        size = side.size(at)
        together = len(side.bigrams(at) & order)
        held = overlap(spare, side.bag(at)) >= _CONTAINED * size
        if not size or not (held or together >= _IN_ORDER * size):
            continue
        if step == taken + 1 or together >= _TELLING_WORDS:
            spare -= side.bag(at)
            taken = step
    free.difference_update(places[:taken])
    return taken


def _alike(old: Side, new: Side, match: Match) -> bool:
    left: Counter[int] = Counter()
    right: Counter[int] = Counter()
    for at in range(match.old, match.old_end):
        left.update(old.bag(at))
    for at in range(match.new, match.new_end):
        right.update(new.bag(at))
    if 2 * overlap(left, right) >= SIMILAR * (left.total() + right.total()):
        return True
    return len(old.bigrams(match.old) & new.bigrams(match.new)) >= _PHRASES
