"""How well a learned scorer tells the direction of changed commitments, cross-validated.

``python -m tests.benchmarks.bench_direction_scorer SHARED`` prints the precision that it has at
some recalls, over services that are not held back, beside the rules'. Needs the extra ``train``.
The rules were not replaced by it (docs/decisions/0010-commitments.md); it is here to be beaten.
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from tests.quality.sample_directions import changes, digest_of, held_back
from tracker.classify.model import load
from tracker.commitments.cues import cues
from tracker.commitments.direction import direction
from tracker.commitments.reasons import reasons
from tracker.commitments.sentences import bag, matched, sentences
from tracker.segment import Segment, segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from tracker.classify.model import Classifier

QUALITY = Path(__file__).parent.parent / "quality"
FAIR = ("", "_held_back", "_fifth")
FILES = (*FAIR, "_claimed")
WEIGHTS = {"_claimed": 0.3}
"""What rules of their day had claimed is no fair draw, and counts less."""

LABELS = ("dropped", "new", "none", "strengthened", "weakened")
TURNED = {
    "dropped": "new",
    "new": "dropped",
    "strengthened": "weakened",
    "weakened": "strengthened",
}
"""What a label becomes where the old text is taken for the new one."""

POSSIBLE = {
    "edited": LABELS,
    "added": ("new", "none", "weakened"),
    "removed": ("dropped", "none", "strengthened"),
}
FOLDS, DIVISIONS, RIDGE, RARE = 4, 3, 5.0, 3
RECALLS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)

Features = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A labelled segment, as it stands and turned round."""

    service: str
    file: str
    label: str
    rules: str
    features: Features
    turned: Features


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One form of a segment, and the words of all segments of its text, its own apart."""

    text: str
    bags: tuple[frozenset[str], ...]
    others: tuple[frozenset[str], ...]


def examples(shared: Path) -> Iterator[Example]:
    """Every label of a service that is not held back, whose segment is still the same."""
    classifier = load()
    by_change = defaultdict(list)
    for file in FILES:
        for line in (QUALITY / f"commitment_directions{file}.jsonl").read_text().splitlines():
            label = json.loads(line)
            by_change[label["pair"]].append((file, label))
    for change in changes(shared):
        if change.name not in by_change or held_back(change.service):
            continue
        old, new = segment(change.old), segment(change.new)
        for file, label in by_change[change.name]:
            was, now = (_side(text, label[name]) for text, name in ((old, "old"), (new, "new")))
            if digest_of(was.text, now.text) != label["digest"]:
                continue
            first = new[label["new"][0]] if label["new"] else old[label["old"][0]]
            lead = first.lead.text if first.lead else ""
            yield Example(
                service=change.service,
                file=file,
                label=label["direction"],
                rules=_claim(was, now, lead),
                features=_features(was, now, lead, classifier),
                turned=_features(now, was, lead, classifier),
            )


def _side(text: Sequence[Segment], span: list[int] | None) -> Side:
    own = range(*span) if span else range(0)
    bags = tuple(bag(one.source) for one in text)
    return Side(
        text="".join(text[at].source for at in own),
        bags=bags,
        others=tuple(words for at, words in enumerate(bags) if at not in own),
    )


def _claim(was: Side, now: Side, lead: str) -> str:
    found = direction(was.text, now.text, lead=lead, old_text=was.bags, new_text=now.bags)
    return found.direction if found else "none"


def _features(was: Side, now: Side, lead: str, classifier: Classifier) -> Features:
    edited, gone, came = matched(sentences(was.text), sentences(now.text))
    kind = "edited" if was.text and now.text else "added" if now.text else "removed"
    stayed = len(set(was.bags) & set(now.bags)) / max(1, min(len(was.bags), len(now.bags)))
    found: Features = {
        kind: 1,
        "stayed": stayed,
        "most stayed": float(stayed >= 0.75),
        "nearly all stayed": float(stayed >= 0.9),
        "sentences edited": min(3, len(edited)),
        f"rules: {_claim(was, now, lead)}": 1,
    }
    if bold := direction(was.text, now.text, lead=lead):
        found[f"unsilenced: {bold.direction}"] = 1
        found[f"unsilenced: {bold.direction}, {bold.why}"] = 1
    for pair in edited:
        for reason in reasons(pair[0].text, pair[1].text):
            found[f"reason: {reason.why}, {reason.weight > 0}"] = 1
    phrases = [
        Counter(cue.kind for one in sentences(side.text) for cue in cues(one.text, lead))
        for side in (was, now)
    ]
    own = (bag(was.text), bag(now.text))
    for name, one, other, these in (("lost", 0, 1, gone), ("gained", 1, 0, came)):
        for phrase in phrases[one] - phrases[other]:
            found[f"{name} {phrase}"] = 1
        for sentence in these:
            for cue in cues(sentence.text, lead):
                found[f"{name} a sentence with {cue.kind}"] = 1
        words = own[one] - own[other]
        there = (was, now)[other].others
        found[f"{name} words"] = math.log1p(len(words)) / 3
        found[f"{name} sentences"] = min(3, len(these))
        if words:
            best = max((len(words & others) for others in there), default=0)
            found[f"{name}, said elsewhere"] = best / len(words)
            vocabulary = frozenset().union(*there)
            found[f"{name}, new to the text"] = len(words - vocabulary) / len(words)
        said = " ".join([*(each.text for each in these), *(pair[one].text for pair in edited)])
        if said:
            for at, score in enumerate(classifier.scores([said])[0]):
                found[f"{name}, category {at}"] = float(score)
    return found


def _matrix(rows: Sequence[Features], names: dict[str, int]) -> NDArray[np.float64]:
    matrix = np.zeros((len(rows), len(names) + 1))
    matrix[:, -1] = 1
    for at, row in enumerate(rows):
        for name, value in row.items():
            if name in names:
                matrix[at, names[name]] = value
    return matrix


def _possible(rows: Sequence[Features]) -> NDArray[np.bool_]:
    kinds = [next(kind for kind in POSSIBLE if kind in row) for row in rows]
    return np.array([[label in POSSIBLE[kind] for label in LABELS] for kind in kinds])


def _probabilities(
    x: NDArray[np.float64], weights: NDArray[np.float64], possible: NDArray[np.bool_]
) -> NDArray[np.float64]:
    margins = np.where(possible, x @ weights, -30)
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit(known: Sequence[Example]) -> tuple[dict[str, int], NDArray[np.float64]]:
    """Softmax regression on what is known and the same turned round, which counts half."""
    rows = [one.features for one in known] + [one.turned for one in known]
    labels = [one.label for one in known] + [TURNED.get(one.label, "none") for one in known]
    counts = [WEIGHTS.get(one.file, 1.0) for one in known]
    weight = np.array(counts + [count / 2 for count in counts])
    seen = Counter(name for row in rows for name, value in row.items() if value)
    frequent = sorted(name for name, count in seen.items() if count >= RARE)
    names = {name: at for at, name in enumerate(frequent)}
    x, possible = _matrix(rows, names), _possible(rows)
    target = np.array([[label == one for one in LABELS] for label in labels], dtype=float)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(-1, len(LABELS))
        share = _probabilities(x, weights, possible)
        value = -(weight * np.log((share * target).sum(axis=1) + 1e-12)).sum()
        slope = x.T @ ((share - target) * possible * weight[:, None])
        slope[:-1] += RIDGE * weights[:-1]
        return float(value + RIDGE / 2 * (weights[:-1] ** 2).sum()), slope.ravel()

    start = np.zeros(x.shape[1] * len(LABELS))
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120})
    return names, best.x.reshape(-1, len(LABELS))


def cross_validated(known: Sequence[Example], seed: int) -> list[tuple[float, str, Example]]:
    """The likeliest direction of each, by weights that never saw its service."""
    services = sorted({one.service for one in known})
    random.Random(seed).shuffle(services)
    fold = {service: at % FOLDS for at, service in enumerate(services)}
    told = []
    for held in range(FOLDS):
        names, weights = fit([one for one in known if fold[one.service] != held])
        rest = [one for one in known if fold[one.service] == held and one.file in FAIR]
        rows = [one.features for one in rest]
        shares = _probabilities(_matrix(rows, names), weights, _possible(rows))
        shares[:, LABELS.index("none")] = 0
        best = shares.argmax(axis=1)
        told += [
            (float(shares[at, best[at]]), LABELS[best[at]], one) for at, one in enumerate(rest)
        ]
    return sorted(told, key=lambda row: -row[0])


def main() -> None:
    """Print the rules' precision and recall, and the scorer's precisions."""
    known = list(examples(Path(sys.argv[1])))
    fair = [one for one in known if one.file in FAIR]
    labels = sum(one.label != "none" for one in fair)
    claims = sum(one.rules != "none" for one in fair)
    right = sum(one.rules == one.label != "none" for one in fair)
    sys.stdout.write(
        f"{len(known)} labels, {len(fair)} of fair draws with {labels} directions\n"
        f"rules: {right} of {claims} claims right, recall {right / labels:.2f}\n"
    )
    for division in range(DIVISIONS):
        reached: dict[float, str] = {}
        right = 0
        for count, (_, label, one) in enumerate(cross_validated(known, division), start=1):
            right += label == one.label
            for recall in RECALLS:
                if right >= recall * labels:
                    reached.setdefault(recall, f"{right / count:.2f} at {recall}")
        sys.stdout.write(f"scorer, division {division}: {', '.join(reached.values())}\n")


if __name__ == "__main__":
    main()
