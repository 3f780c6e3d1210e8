"""What a new derivation of the same captures says otherwise: a technical upgrade.

Nothing of it is a change of a policy. Two derivations are laid beside each other by the captures
that show their versions, which stay what they are whatever is read from them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage.records import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from storage.records import Decision, Version, VersionSegment

READ = ("text_sha256", "url", "stated_date", "practices")
SEEN = ("first_seen", "last_seen", "captures")
"""Fields of a version in which two derivations may differ; in the latter also by newer captures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A derivation of a site: its versions, a decision a capture, and its labelled segments."""

    versions: tuple[Version, ...] = ()
    decisions: tuple[Decision, ...] = ()
    segments: frozenset[VersionSegment] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A version that only one of two derivations has, and why the other has it not."""

    version: Version
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A version that both derivations have, with the names of the fields in which they differ."""

    old: Version
    new: Version
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """How two derivations of a site differ.

    ``new`` are the versions that a capture tells of which the earlier derivation did not know: they
    are news of the policy, all else is not. ``relabelled`` counts the statements that kept their
    words and got other practice categories, ``gained`` and ``lost`` by category.
    """

    fewer: tuple[Odd, ...] = ()
    more: tuple[Odd, ...] = ()
    altered: tuple[Altered, ...] = ()
    new: tuple[Version, ...] = ()
    relabelled: int = 0
    gained: Mapping[str, int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether both say the same of the captures that both know."""
        return not (self.fewer or self.more or self.altered or self.relabelled)


def upgrade_between(old: Derived, new: Derived) -> Upgrade:
    """Lay two derivations of a site beside each other."""
    pairs = _pairs(_shown(old.decisions), _shown(new.decisions))
    olds = {version.number: version for version in old.versions}
    news = {version.number: version for version in new.versions}
    matched = [(olds[one], news[other]) for one, other in sorted(pairs.items())]
    labels = [_labels(side.segments) for side in (old, new)]
    unmatched = [version for number, version in news.items() if number not in pairs.values()]
    known = {one.snapshot_id for one in old.decisions}
    fresh = {one.number for one in new.decisions if one.snapshot_id not in known}
    kept = labels[0].keys() & labels[1].keys()
    return Upgrade(
        fewer=tuple(
            Odd(version=version, why=_why_gone(version, old.decisions, new.decisions))
            for number, version in olds.items()
            if number not in pairs
        ),
        more=tuple(
            Odd(version=version, why=_why_come(version, old.decisions, new.decisions))
            for version in unmatched
            if version.number not in fresh
        ),
        new=tuple(version for version in unmatched if version.number in fresh),
        altered=tuple(
            Altered(old=one, new=other, differs=differs)
            for one, other in matched
            if (differs := _differing(one, other, READ if other.number in fresh else READ + SEEN))
        ),
        relabelled=sum(labels[0][key] != labels[1][key] for key in kept),
        gained=_counted(labels[1][key] - labels[0][key] for key in kept),
        lost=_counted(labels[0][key] - labels[1][key] for key in kept),
    )


def upgrade_document(upgrade: Upgrade) -> dict[str, Any]:
    """The JSON of a technical upgrade."""
    return {
        "fewer": [_version(one.version) | {"why": one.why} for one in upgrade.fewer],
        "more": [_version(one.version) | {"why": one.why} for one in upgrade.more],
        "new": [_version(version) for version in upgrade.new],
        "altered": [
            {
                "old": _version(one.old),
                "new": _version(one.new),
                "differs": ["text" if name == "text_sha256" else name for name in one.differs],
            }
            for one in upgrade.altered
        ],
        "relabelled": {
            "segments": upgrade.relabelled,
            "categories": [
                {
                    "category": name,
                    "gained": upgrade.gained.get(name, 0),
                    "lost": upgrade.lost.get(name, 0),
                }
                for name in sorted(upgrade.gained.keys() | upgrade.lost.keys())
            ],
        },
    }


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "id": version.id,
        "first_seen": format_time(version.first_seen),
        "last_seen": format_time(version.last_seen),
        "captures": version.captures,
        "words": version.words,
        "stated_date": version.stated_date and version.stated_date.isoformat(),
    }


def _shown(decisions: Iterable[Decision]) -> dict[int, int]:
    return {one.snapshot_id: one.number for one in decisions if one.number is not None}


def _pairs(old: Mapping[int, int], new: Mapping[int, int]) -> dict[int, int]:
    """New numbers by old ones: pairs of versions that share the most captures, each once."""
    shared = Counter((old[one], new[one]) for one in old.keys() & new.keys())
    pairs: dict[int, int] = {}
    taken = set()
    for (one, other), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if one not in pairs and other not in taken:
            pairs[one] = other
            taken.add(other)
    return pairs


def _differing(old: Version, new: Version, fields: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in fields if getattr(old, name) != getattr(new, name))


def _why_gone(version: Version, old: Sequence[Decision], new: Sequence[Decision]) -> str:
    """What the captures that showed a version are taken for now, as most of them are."""
    own = {one.snapshot_id for one in old if one.number == version.number}
    now = Counter((one.number, one.reason) for one in new if one.snapshot_id in own)
    if not now:
        return "its captures are not read any more"
    (number, reason), _ = now.most_common(1)[0]
    return f"its captures show version {number} now: {reason}" if number else f"now: {reason}"


def _why_come(version: Version, old: Sequence[Decision], new: Sequence[Decision]) -> str:
    """Why a version is one, and which its captures were taken to show before."""
    own = {one.snapshot_id for one in new if one.number == version.number}
    was = Counter(one.number for one in old if one.snapshot_id in own and one.number is not None)
    showed = f"; its captures showed version {was.most_common(1)[0][0]} before" if was else ""
    return f"{version.reason}{showed}"


def _labels(segments: Iterable[VersionSegment]) -> dict[tuple[str, str], frozenset[str]]:
    """The categories of each statement, by its heading and words."""
    found: dict[tuple[str, str], frozenset[str]] = defaultdict(frozenset)
    for one in segments:
        found[one.heading, one.text] |= frozenset(one.categories)
    return found


def _counted(sets: Iterable[frozenset[str]]) -> dict[str, int]:
    return dict(Counter(name for names in sets for name in names))
