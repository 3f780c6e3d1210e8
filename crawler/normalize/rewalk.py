"""The walk over a page beside a walk over an earlier capture of it.

A page is walked a chunk at a time. What a chunk adds depends on nothing but its characters and the
state of the walk at its beginning (``State``); so where a chunk and the state are those of the
earlier walk, what it added then is added again, its indices moved. Only what differs is walked,
and what follows it until the states agree again.
"""

from __future__ import annotations

from bisect import bisect_left
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from crawler.normalize.alignment import runs_in_common
from crawler.normalize.memory import Latest
from crawler.normalize.walk import State, Walk

if TYPE_CHECKING:
    from crawler.normalize.alignment import Run

#: Characters of pages, and what hangs on them, that are held against their next captures.
MEMORY = 8 * 1024 * 1024
_COST = 4

#: A page of which less was walked already is what its later captures are compared with.
WORTH = 0.8

_END = "</div>"
_LONG, _PARAGRAPH = 4_000, "</p>"


class _Mark(NamedTuple):
    """How far a walk was before a chunk; no ``state`` where it cannot be taken up."""

    state: State | None
    open: tuple[int, ...]
    blocks: int
    containers: int
    controls: int


class _Walked(NamedTuple):
    """A walk that is over; its marks are one more than the chunks."""

    chunks: list[str]
    marks: list[_Mark]
    walk: Walk


_NOTHING = _Walked([], [], Walk("", ""))
_walked: Latest[tuple[str, str], _Walked] = Latest(MEMORY)


def walk_page(markup: str, base: str, url: str) -> Walk:
    """Walk over a serialized page; ``base`` and ``url`` as for ``Walk``."""
    chunks = _cut(markup)
    last = _walked.get((base, url))
    if last is None or last.walk.anchors:
        last = _NOTHING
    runs = list(runs_in_common(last.chunks, chunks))
    held = sum(len(chunk) for run in runs for chunk in chunks[run.new : run.new + run.length])
    marked = held < WORTH * len(markup)
    rewalk = _Rewalk(Walk(base, url), marked=marked)
    at = 0
    for run in runs:
        rewalk.over(chunks[at : run.new])
        rewalk.again(last, run)
        at = run.new + run.length
    rewalk.over(chunks[at:])
    rewalk.walk.finish()
    if marked:
        walked = _Walked(chunks, rewalk.marks, rewalk.walk)
        _walked.put((base, url), walked, _COST * len(markup))
    return rewalk.walk


def _cut(markup: str) -> list[str]:
    """Chunks that begin behind the end of an element, and so with no run begun."""
    chunks = [f"{chunk}{_END}" for chunk in markup.split(_END)]
    chunks[-1] = chunks[-1].removesuffix(_END)
    cut: list[str] = []
    for chunk in chunks:
        if len(chunk) < _LONG:
            cut.append(chunk)
            continue
        *parts, last = chunk.split(_PARAGRAPH)
        cut += [f"{part}{_PARAGRAPH}" for part in parts]
        cut.append(last)
    return cut


class _Rewalk:
    """A walk that takes over what an earlier one did; its marks are kept where ``marked``."""

    def __init__(self, walk: Walk, *, marked: bool) -> None:
        self.walk = walk
        self._marked = marked
        self.marks: list[_Mark] = []
        self._mark()

    def _mark(self) -> None:
        if self._marked:
            walk = self.walk
            sizes = len(walk.blocks), len(walk.tags), len(walk.controls)
            self.marks.append(_Mark(walk.state(), tuple(walk.open), *sizes))

    def over(self, chunks: list[str]) -> None:
        """Walk over chunks that are new."""
        for chunk in chunks:
            self.walk.over(chunk)
            self._mark()

    def again(self, last: _Walked, run: Run) -> None:
        """Walk over chunks that an earlier walk went over."""
        at, end = run.old, run.old + run.length
        while at < end:
            state = self.walk.state()
            stop = at
            if state is not None and state == last.marks[at].state:
                stop = self._reach(last.marks, at, end)
            if stop > at:
                self._take_over(last, at, stop)
                at = stop
            else:
                self.over(last.chunks[at : at + 1])
                at += 1

    def _reach(self, marks: list[_Mark], first: int, end: int) -> int:
        """The last mark that can be gone to at once from ``first`` (itself where none can)."""
        deeper = len(self.walk.open) - len(marks[first].open)
        while end > first:
            kept = _kept(marks[first], marks[end])
            # The elements that end on the way, and one more, are open here as well.
            if marks[end].state is not None and (not deeper or min(kept, kept + deeper) > 1):
                break
            end -= 1
        return end

    def _take_over(self, last: _Walked, first: int, end: int) -> None:
        """Add what the chunks from ``first`` up to ``end`` added to the earlier walk."""
        walk, old, start, stop = self.walk, last.walk, last.marks[first], last.marks[end]
        blocks, controls = len(walk.blocks) - start.blocks, len(walk.controls) - start.controls
        held = start.containers
        containers = len(walk.tags) - held
        before = tuple(walk.open)
        deeper = len(before) - len(start.open)
        # Elements around all these chunks are nothing to them.
        outer = dict(zip(reversed(start.open), reversed(before), strict=False))

        taken = slice(held, stop.containers)
        walk.blocks += old.blocks[start.blocks : stop.blocks]
        walk.tags += old.tags[taken]
        walk.attributes += old.attributes[taken]
        walk.firsts += [at + blocks for at in old.firsts[taken]]
        walk.ends += [at + blocks for at in old.ends[taken]]
        walk.parents += [at + containers if at >= held else outer[at] for at in old.parents[taken]]
        walk.controls += [
            (at + containers if at >= held else outer[at], label)
            for at, label in old.controls[start.controls : stop.controls]
        ]
        for at in start.open[_kept(start, stop) :]:
            walk.ends[outer[at]] = old.ends[at] + blocks

        def here(mark: _Mark) -> tuple[int, ...]:
            kept = _kept(start, mark)
            return (*before[: kept + deeper], *[at + containers for at in mark.open[kept:]])

        walk.open[:] = here(stop)
        for at in walk.open[1:]:
            walk.ends[at] = -1
        if stop.state is not None:
            walk.restore(stop.state)
        if self._marked:
            sizes = blocks, containers, controls
            self.marks += [
                _Mark(mark.state, here(mark), *map(add, mark[2:], sizes))
                for mark in last.marks[first + 1 : end + 1]
            ]


def _kept(start: _Mark, later: _Mark) -> int:
    """How many of the elements that were open at a mark are open at a later one."""
    return bisect_left(later.open, start.containers)
