"""What two lists have in common, in order: as many long runs as can be found in linear time."""

from __future__ import annotations

from itertools import compress, count
from operator import ne
from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

Piece = TypeVar("Piece", bound="Hashable")


class Run(NamedTuple):
    """``length`` pieces that are the same from ``old`` and ``new`` on."""

    old: int
    new: int
    length: int


def runs_in_common(old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[Run]:
    """Runs of equal pieces of two lists, none overlapping or crossing another, in order.

    Found are the common beginning and end and, between them, runs from a piece on that the old
    list holds only once there (as in patience diff).
    """
    start = _common(old, new)
    if start:
        yield Run(0, 0, start)
    rest_old, rest_new = old[start:], new[start:]
    end = _common(rest_old[::-1], rest_new[::-1])
    yield from _between(rest_old[: len(rest_old) - end], rest_new[: len(rest_new) - end], start)
    if end:
        yield Run(len(old) - end, len(new) - end, end)


def _common(old: Sequence[Piece], new: Sequence[Piece]) -> int:
    return next(compress(count(), map(ne, old, new)), min(len(old), len(new)))


def _between(old: Sequence[Piece], new: Sequence[Piece], offset: int) -> Iterator[Run]:
    if not old or not new:
        return
    places: dict[Piece, int] = {}
    for at, piece in enumerate(old):
        places[piece] = -1 if piece in places else at
    at_old = at_new = 0
    while at_new < len(new):
        place = places.get(new[at_new], -1)
        if place < at_old:
            at_new += 1
            continue
        length = 1
        while (
            place + length < len(old)
            and at_new + length < len(new)
            and old[place + length] == new[at_new + length]
        ):
            length += 1
        yield Run(place + offset, at_new + offset, length)
        at_old, at_new = place + length, at_new + length
