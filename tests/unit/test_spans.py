"""Spans: every version comes back as it was, and what stays is kept once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.spans import unweave, weave

ids = st.lists(st.integers(1, 6), max_size=12)


@given(st.lists(ids, max_size=8))
def test_every_version_comes_back_in_its_order(texts: list[list[int]]) -> None:
    versions = dict(enumerate(texts, 1))
    spans = [(span.segment_id, span.first, span.last) for span in weave(versions.items())]
    assert unweave(spans, versions) == versions
    assert unweave(spans, [2, 99]) == {2: versions.get(2, []), 99: []}


def test_what_stays_is_one_span_and_what_moves_or_returns_a_new_one() -> None:
    spans = weave([(1, [10, 11, 12, 13]), (2, [10, 12, 14, 13]), (3, [10, 11, 13, 12])])
    assert [(span.segment_id, span.first, span.last) for span in spans] == [
        (10, 1, 3),
        (11, 3, 3),
        (13, 3, 3),
        (11, 1, 1),
        (12, 1, 3),
        (14, 2, 2),
        (13, 1, 2),
    ]
