"""Practice categories for segments: unchanged text keeps its labels from version to version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.dates import stated_dates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tracker.classify.model import Classifier
    from tracker.segment import Segment


LONGEST_DATE_LINE = 80
"""Characters; what is longer says more than its date."""


class LabelBook:
    """Labels segments of successive versions; a text that was labelled once keeps its labels.

    Without it a sentence added at the end of a section could flip the category of the paragraph
    before, which nobody changed.
    """

    def __init__(self, load: Callable[[], Classifier]) -> None:
        self._load = load
        self._classifier: Classifier | None = None
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    @property
    def classifier(self) -> Classifier:
        """The classifier, loaded when it is first needed."""
        if self._classifier is None:
            self._classifier = self._load()
        return self._classifier

    def __call__(self, segments: Sequence[Segment]) -> list[tuple[str, ...]]:
        """The categories of each segment."""
        new = {}
        for one in segments:
            key = (one.heading, one.text)
            if key not in self._known and one.context and not _only_dates(one.text):
                new[key] = one
        if new:
            found = self.classifier.categories([one.context for one in new.values()])
            self._known.update(zip(new, found, strict=True))
        return [self._known.get((one.heading, one.text), ()) for one in segments]


def _only_dates(text: str) -> bool:
    """Whether a segment does no more than state a date: "Last updated: May 12, 2015"."""
    return (
        len(text) <= LONGEST_DATE_LINE
        and any(letter.isdigit() for letter in text)
        and bool(stated_dates(text))
    )
