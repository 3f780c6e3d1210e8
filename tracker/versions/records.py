"""What is derived from a series of captures: versions, and a reason for every capture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.records import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A version: a maximal run of captures whose policy text is the same.

    ``observation`` stands for the text: the first capture that shows it without toggling blocks.
    ``observations`` are all captures that show it, in time order, and ``captures`` their count;
    variants between them are not among them. ``reason`` says why it is a version of its own.
    """

    number: int
    observation: Observation
    observations: tuple[Observation, ...]
    first_seen: datetime
    last_seen: datetime
    reason: str

    @property
    def captures(self) -> int:
        return len(self.observations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of one capture.

    ``number`` is the version that it shows or is a variant of, None where it says nothing about the
    policy; ``shows`` is true where it counts as a capture of that version.
    """

    observation: Observation
    number: int | None
    shows: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """All versions of a series in time order, and one decision a capture, in time order.

    ``seams`` are the numbers of the runs from which on another collector's reading tells the
    series (`tracker.versions.sources`): what differs there may be how the text was taken.
    """

    runs: tuple[Run, ...]
    decisions: tuple[Decision, ...]
    seams: frozenset[int] = frozenset()
