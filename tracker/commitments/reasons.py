"""Why an edited sentence promises less or more than before."""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.commitments.cues import Cue, cues
from tracker.commitments.periods import periods
from tracker.commitments.phrases import Kind
from tracker.commitments.sentences import bag, likeness

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROMISE, _OTHER, _SLIGHT = 3, 2, 1
"""What a promise or a period weighs, any other phrase, and one that is too little by itself."""

_LOCAL = 0.7
"""How alike two forms of a sentence must be before single phrases are set against each other."""

_SAME_PERIOD = 0.03
"""30 days are a month, and 52 weeks a year."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to call an edited sentence weakened (weight > 0) or strengthened (< 0)."""

    weight: int
    why: str
    old_words: str
    new_words: str
    kind: Kind | None = None


def reasons(old: str, new: str, *, paired: bool = True) -> list[Reason]:
    """Every reason that the edit of a sentence gives.

    `paired` is False for sentences that only stand in each other's place: of their phrases promises
    alone are compared.
    """
    before, after = cues(old), cues(new)
    lost, gained = _beyond(before, after, new), _beyond(after, before, old)
    bound = any(cue.kind.protects for cue in (*before, *after))
    counted = _counted(old, new, bound=bound, paired=paired)
    found = [_lost(cue, old, new) for cue in lost if cue.kind in counted - {Kind.SHARING}]
    found += [_gained(cue, old, new) for cue in gained if cue.kind in counted]
    found = _without_limits_of(found)
    if paired:
        found += _of_periods(old, new)
        found += [] if bound else _of_lists(old, new)
    return found


def _counted(old: str, new: str, *, bound: bool, paired: bool) -> frozenset[Kind]:
    """The kinds of phrases whose coming or going is a reason.

    In a sentence that was rewritten, promises and periods alone; hedges and exceptions only to what
    binds somebody; a period that stands on both sides is compared as such.
    """
    left, right = bag(old), bag(new)
    if likeness(left, right) >= _LOCAL or left <= right or right <= left:
        kinds = set(Kind) - {Kind.PRACTICE, Kind.CHOICE}
        kinds -= set() if bound else {Kind.HEDGE, Kind.EXCEPTION}
    else:
        kinds = {Kind.PROMISE, Kind.PERIOD} if paired else {Kind.PROMISE}
    if periods(old) and periods(new):
        kinds.discard(Kind.PERIOD)
    return frozenset(kinds)


def _lost(cue: Cue, old: str, new: str) -> Reason:
    weight = _weight(cue.kind)
    there = _opposite(old, new, cue, lost=True)
    return Reason(weight, f"{cue.kind} lost", cue.text, there, cue.kind)


def _gained(cue: Cue, old: str, new: str) -> Reason:
    # Lawyers add "without limitation" to lists of examples, and nothing is meant by it.
    weight = _SLIGHT if cue.kind is Kind.OPEN_LIST else -_weight(cue.kind)
    there = _opposite(old, new, cue, lost=False)
    return Reason(weight, f"{cue.kind} gained", there, cue.text, cue.kind)


def _weight(kind: Kind) -> int:
    """What losing it weighs: more than 0 where the user loses."""
    weight = _PROMISE if kind is Kind.PROMISE else _OTHER
    return weight if kind.protects else -weight


_LIMITS = (Kind.LIMIT, Kind.CONSENT)


def _without_limits_of(found: list[Reason]) -> list[Reason]:
    """Limits on what was forbidden altogether make up for nothing, nor does their loss count."""
    for sign in (1, -1):
        if any(one.weight * sign >= _PROMISE for one in found):
            return [one for one in found if one.weight * sign > 0 or one.kind not in _LIMITS]
    return found


def _beyond(ours: Sequence[Cue], theirs: Sequence[Cue], sentence: str) -> list[Cue]:
    """The cues of each kind that are more than the other sentence has, and not in its words."""
    there = bag(sentence) | _COLOURLESS
    spare = Counter(cue.kind for cue in theirs)
    texts = Counter(cue.text.casefold() for cue in theirs)
    rest = []
    for cue in sorted(ours, key=lambda cue: -texts[cue.text.casefold()]):
        if spare[cue.kind] > 0:
            spare[cue.kind] -= 1
        elif not bag(cue.text) <= there:
            rest.append(cue)
    return rest


_COLOURLESS = bag("a an the to of and or you your we our us they it this that is are be also")


def _opposite(old: str, new: str, cue: Cue, *, lost: bool) -> str:
    """The words that stand in the other sentence where the cue stood."""
    ours, theirs = (old, new) if lost else (new, old)
    a, b = ours.split(), theirs.split()
    first = len(ours[: cue.start].split())
    last = len(ours[: cue.end].split())
    parts = [
        b[j1:j2]
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, False).get_opcodes()
        if tag != "equal" and i1 <= last and i2 >= first
    ]
    return " … ".join(" ".join(part[:12]) for part in parts if part)


def _of_periods(old: str, new: str) -> list[Reason]:
    before, after = periods(old), periods(new)
    if not before or not after or sorted(d for d, _ in before) == sorted(d for d, _ in after):
        return []
    was, now = max(before), max(after)
    if math.isclose(was[0], now[0], rel_tol=_SAME_PERIOD):
        return []
    if now[0] > was[0]:
        return [Reason(_PROMISE, "a longer period", was[1], now[1])]
    return [Reason(-_PROMISE, "a shorter period", was[1], now[1])]


_LISTING = re.compile(
    r"\b(?:collect\w*|us(?:e|es|ed|ing)|shar\w+|disclos\w+|receiv\w+|provid\w+|obtain\w*|includ\w+|"
    r"visible|process\w*|such as|e\.g\.|based on|generat\w+|train)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"e-?mail|phone|location|gps|address(?:es)?|ip|identifiers?|biometrics?|faces?|facial|voice|"
    r"health|medical|genetic|race|ethnic\w*|religio\w+|political|sexual|financial|payment|card|"
    r"income|bank|contacts|photos|browsing|viewing|gender|birth\w*|passport|license|licence|"
    r"employment|camera|microphone|keystrokes?|inferences?|conversations?|"
    r"parties|partners?|advertisers?|affiliates?|subsidiar\w+|vendors?|brokers?|agenc(?:y|ies)|"
    r"marketing|advertising|profiling|training|train|ai"
)
"""Words that name a kind of data, a recipient or a purpose."""


_CHOOSING = frozenset({"opt", "opted", "opting", "object", "unsubscribe"})


def _of_lists(old: str, new: str) -> list[Reason]:
    """Kinds of data, recipients or purposes that were added to those a sentence names.

    Only where nothing was taken out: a reworded sentence names other things without more being
    allowed. What was taken out of a list is claimed nowhere: it mostly went to another sentence.
    """
    if not _LISTING.search(old) or not _LISTING.search(new):
        return []
    was, now = bag(old), bag(new)
    named = sorted(word for word in now - was if _NAMED.fullmatch(word))
    if not was < now or not named or not now.isdisjoint(_CHOOSING):
        return []
    return [Reason(_OTHER, "more is named", "", ", ".join(named))]
