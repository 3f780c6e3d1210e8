"""Reads a user's labels: categories with examples, and labelled texts, as JSON lines."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tracker.categories import CATEGORIES
from tracker.classify.corpus import OPP115, PARTS, Labelled, Scheme
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FEWEST_TEXTS = 20
FEWEST_OF_A_CATEGORY = 3
_MOST_NAMED = 20


class LabelsError(TrackerError):
    """A label file that cannot be used; ``problems`` name a line each."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.problems = tuple(problems[:_MOST_NAMED])
        more = len(problems) - len(self.problems)
        if more:
            self.problems += (f"and {more} more",)
        lines = "a line" if len(problems) == 1 else f"{len(problems)} lines"
        super().__init__(f"{path}: {lines} cannot be used; nothing was trained")


@dataclass(slots=True)
class _Reading:
    """What the lines have given so far."""

    categories: dict[str, str] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    policies: dict[str, set[str]] = field(default_factory=dict)
    named: list[tuple[int, str]] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read_own(path: Path) -> Labelled:
    """The labelled texts of a JSONL file.

    A line is a category, ``{"category", "description"?, "examples"?}``, or a text, ``{"text",
    "categories" or "labels", "heading"?, "policy"?}``. A file that defines no category uses those
    of OPP-115 (twelve labels, or ten). Texts of one ``policy`` are never split between training and
    testing; a text that stands twice has the labels of both lines.

    Raises:
        LabelsError: lines that are broken or name an unknown category, each with its number.
        TrackerError: the file cannot be read, or holds too little to learn from.
    """
    reading = _Reading()
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    _take(reading, number, line)
    except OSError as error:
        raise TrackerError(f"cannot read {path}: {error.strerror}") from error
    known = reading.categories or {**OPP115.categories, **dict.fromkeys(PARTS, "")}
    reading.problems.extend(
        (number, _unknown(name, known, defined=bool(reading.categories)))
        for number, name in reading.named
        if name not in known
    )
    if reading.problems:
        found = [f"line {number}: {what}" for number, what in sorted(reading.problems)]
        raise LabelsError(path, found)
    return _labelled(path, reading)


def _unknown(name: str, known: Iterable[str], *, defined: bool) -> str:
    """What to say of a category that no line defines, and what to do about it."""
    near = difflib.get_close_matches(name, known, n=1)
    meant = f"did you mean {near[0]!r}? Else " if near else ""
    line = json.dumps({"category": name}, ensure_ascii=False)
    remedy = "define it" if defined else "define it, and each other of yours,"
    return f"unknown category {name!r}; {meant}{remedy} in a line of its own: {line}"


def _take(reading: _Reading, number: int, line: bytes) -> None:
    try:
        row = _object(line)
        if "category" in row:
            _define(reading, number, row)
        else:
            _label(reading, number, row)
    except ValueError as error:
        reading.problems.append((number, f"not JSON: {error}"))
    except TypeError as error:
        reading.problems.append((number, str(error)))


def _object(line: bytes) -> dict[str, Any]:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise TypeError("not a JSON object")
    return row


def _define(reading: _Reading, number: int, row: dict[str, Any]) -> None:
    name = _text(row, "category")
    if name in reading.categories:
        raise TypeError(f"category {name!r} is defined twice")
    reading.categories[name] = _text(row, "description") if row.get("description") else ""
    for text in _texts(row, "examples"):
        _keep(reading, number, text, [name], f"line {number}")


def _label(reading: _Reading, number: int, row: dict[str, Any]) -> None:
    text = _text(row, "text")
    if row.get("heading"):
        heading = _text(row, "heading")
        text = text if text.startswith(heading) else f"{heading} {text}"
    if "categories" not in row and "labels" not in row:
        raise TypeError("a text needs 'categories', a list of names")
    names = _texts(row, "categories" if "categories" in row else "labels")
    for policy in _policies(row) or [f"line {number}"]:
        _keep(reading, number, text, names, policy)


def _keep(reading: _Reading, number: int, text: str, names: list[str], policy: str) -> None:
    reading.texts.setdefault(text, set()).update(names)
    reading.policies.setdefault(text, set()).add(policy)
    reading.named.extend((number, name) for name in names)


def _policies(row: dict[str, Any]) -> list[str]:
    sources = row.get("sources")
    if row.get("policy") is None and isinstance(sources, list):
        return [str(one["policy_id"]) for one in sources if isinstance(one, dict)]
    return [] if row.get("policy") is None else [str(row["policy"])]


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise TypeError(f"{key!r} must be a text that is not empty")
    return " ".join(value.split())


def _texts(row: dict[str, Any], key: str) -> list[str]:
    values = row.get(key, [])
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise TypeError(f"{key!r} must be a list of texts")
    return [" ".join(one.split()) for one in values if one.strip()]


def _labelled(path: Path, reading: _Reading) -> Labelled:
    scheme = _scheme(reading)
    labels = np.array([[name in own for name in scheme.parts] for own in reading.texts.values()])
    if len(reading.texts) < FEWEST_TEXTS:
        count = len(reading.texts)
        raise TrackerError(
            f"{path}: {count} texts are too few to learn from: {FEWEST_TEXTS} at least"
        )
    for name, count in zip(scheme.parts, labels.sum(axis=0), strict=True):
        if count < FEWEST_OF_A_CATEGORY:
            raise TrackerError(
                f"{path}: {count} texts of category {name!r} are too few to learn from:"
                f" {FEWEST_OF_A_CATEGORY} at least"
            )
    numbers = {name: i for i, name in enumerate(sorted(set().union(*reading.policies.values())))}
    return Labelled(
        texts=list(reading.texts),
        labels=labels,
        policies=[frozenset(numbers[name] for name in own) for own in reading.policies.values()],
        scheme=scheme,
    )


def _scheme(reading: _Reading) -> Scheme:
    """The user's own categories; without any, those of OPP-115 that occur."""
    if reading.categories:
        return Scheme(parts={n: n for n in reading.categories}, categories=reading.categories)
    used = set().union(*reading.texts.values())
    parts = {name: whole for name, whole in PARTS.items() if name in used}
    if CATEGORIES[-1] in used:
        parts[CATEGORIES[-1]] = CATEGORIES[-1]
    shown = {name: "" for name in CATEGORIES if name in parts.values()}
    return Scheme(parts=parts, categories=shown)
