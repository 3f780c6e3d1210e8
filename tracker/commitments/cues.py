"""What in an English sentence binds a service or serves its users, and what opens a door.

Patterns, no grammar: phrases (``tracker.commitments.phrases``), and what stands before them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.commitments.phrases import PHRASES, TRIGGERS, Kind


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase, where it stands in its sentence, and what it says."""

    kind: Kind
    text: str
    start: int
    end: int


_PATTERNS = {
    kind: re.compile("|".join(own for of, own in PHRASES if of is kind), re.IGNORECASE)
    for kind in Kind
}
"""One expression a kind: where two of its phrases begin at one place, the first counts."""

_WORD = re.compile(r"[a-z]+(?:['’]t)?")
_CONDITION = re.compile(
    r"\b(?:if|when|until|once|unless|after|whether)\b(?! you (?:wish|want|would|prefer))[^,;:]*$",
    re.IGNORECASE,
)
_EXERCISE = re.compile(r"\bexercis(?:e|ed|ing) (?:of )?$", re.IGNORECASE)
_TOLD = re.compile(r"(?:^|\bplease)[\s\"'“”‘*\[(|]*$", re.IGNORECASE)
_ORDER = re.compile(r"(?:do|never)\b|don", re.IGNORECASE)
_POINTER = re.compile(
    r"\b(?:how|where|whether)(?: and \w+)? $|"
    r"\b(?:details|information|learn more|read more) (?:on|about|regarding) $",
    re.IGNORECASE,
)
_THEIRS = re.compile(r"\b(?:not|who|they|we|us|parties)(?: \w+){0,3} $", re.IGNORECASE)
_OPEN_END = re.compile(r"\b(?:to|of|related)$", re.IGNORECASE)
_NOTHING = re.compile(r"\b(?:no|not|without|nothing)\b(?:\W+\w+){0,4}\W*$", re.IGNORECASE)
_NO_CHOICE = (_CONDITION, _EXERCISE, _POINTER)
_EVENT = re.compile(r"\b(?:until|once|whether|that)\b", re.IGNORECASE)
_ASIDE = re.compile(
    r"\b(?:whom|how|what|which|when|where|why|whether|if|knowledge that|circumstances|ways|you|"
    r"only|parties that|onward|request)\b(?:\W+\w+){0,4}\W*$|"
    r"\b(?:that|of|for|not|our) (?:\w+ ){0,2}$|^you\b",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"\b(?:you|users|customers|who|minors|it) (?:\w+ )?$|\b(?:that|which) $", re.IGNORECASE
)
_UNABLE = re.compile(r"(?:may|can) ?not\b|can['’]t", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:we|they) $", re.IGNORECASE)
_NOTE = re.compile(
    r"\b(?:last )?(?:revised|updated|modified|effective)\b.{0,40}\d{4}", re.IGNORECASE
)

_NEAR = 200
"""Characters before a cue that can take its meaning from it."""


def cues(sentence: str, lead: str = "") -> list[Cue]:
    """The cues of a sentence, by where they stand; a sharing that is denied or refused is none.

    `lead` is what the sentence hangs on, where it is an item: cues that end in the item count.
    """
    if _NOTE.search(sentence):
        return []
    found = _matches(sentence)
    if lead:
        text = f"{lead} {sentence}"
        found += [cue for cue in _matches(text) if cue.start < len(lead) < cue.end]
    if any(cue.kind in (Kind.PROMISE, Kind.CHOICE) for cue in found):
        found = [cue for cue in found if cue.kind is not Kind.SHARING]
    return sorted(found, key=lambda cue: cue.start)


def _matches(text: str) -> list[Cue]:
    words = {word.replace("’", "'") for word in _WORD.findall(text.casefold())}
    return [
        Cue(kind, match[0], match.start(), match.end())
        for kind, pattern in _PATTERNS.items()
        if not words.isdisjoint(TRIGGERS[kind])
        for match in pattern.finditer(text)
        if not _hollow(kind, text[max(0, match.start() - _NEAR) : match.start()], match[0])
        if kind is not Kind.CHOICE or not _unsaid(match)
    ]


def _unsaid(match: re.Match[str]) -> bool:
    """Whether a phrase ends before it says what the right or the choice is to."""
    return bool(_OPEN_END.search(match[0])) and not _WORD.search(match.string, match.end())


def _hollow(kind: Kind, before: str, cue: str) -> bool:
    """Whether what stands before a cue takes its meaning from it: "until it is deleted"."""
    if kind is Kind.PROMISE:
        told = bool(_TOLD.search(before)) and bool(_ORDER.match(cue))
        unable = bool(_SUBJECT.search(before)) and bool(_UNABLE.match(cue))
        return told or unable or bool(_YOURS.search(before))
    if kind is Kind.SHARING:
        return bool(_ASIDE.search(before))
    if kind is Kind.DUTY:
        return bool(_EVENT.search(before))
    if kind is Kind.EXCEPTION:
        return bool(_NOTHING.search(before))
    if kind is Kind.CHOICE:
        theirs = " right" in cue and _THEIRS.search(before)
        return bool(theirs) or any(hollow.search(before) for hollow in _NO_CHOICE)
    return False
