"""Two texts compared: the document that `diff` and `compare` print, with practice categories.

Pure: the classifier is handed in. Only what changed is classified, so that unchanged text keeps the
labels it has whatever a classifier's scores do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, NotRequired, TypedDict

from tracker.categories import ordered
from tracker.commitments.direction import direction
from tracker.commitments.sentences import Bags
from tracker.diff.segments import Diff, Op, Row, diff
from tracker.diff.telling import highlights
from tracker.markup import plain
from tracker.segment import Kind, Segment, segment

if TYPE_CHECKING:
    from tracker.diff.words import Ignore

Labels = tuple[str, ...]
Classify = Callable[[Sequence[Segment]], Sequence[Labels]]
"""Practice categories of segments, in their order; it should read ``Segment.context``."""


class TextJson(TypedDict):
    """One of the texts: how many segments it has, and the SHA-256 of its UTF-8 bytes."""

    segments: int
    text_sha256: str


class HighlightJson(TypedDict):
    """A date, period, amount, number, negation or modal verb that a change touches.

    ``text`` stands whole at ``start`` to ``end`` (code points) of the row's ``old_text`` or, where
    ``side`` is ``new``, of its ``new_text``.
    """

    side: str
    start: int
    end: int
    text: str
    kind: str


class DirectionWordsJson(TypedDict):
    """The words of both texts that show where a commitment went, "" where one has none."""

    old: str
    new: str


class RowJson(TypedDict):
    """One row of a comparison; see `tracker.diff.segments.Row`.

    ``old_end`` and ``new_end`` stand only where a paragraph was split or paragraphs joined: the row
    then covers the segments from ``old`` up to, not including, ``old_end``. ``practices_before``
    stands only where the old text had other categories than the new. ``direction`` (weakened,
    strengthened, new or dropped), ``direction_words`` and ``direction_why`` stand only where a
    commitment changed beyond doubt.
    """

    op: str
    old: int | None
    new: int | None
    old_text: str
    new_text: str
    words: list[tuple[int, str]]
    words_added: int
    words_removed: int
    practices: list[str]
    highlights: NotRequired[list[HighlightJson]]
    old_end: NotRequired[int]
    new_end: NotRequired[int]
    practices_before: NotRequired[list[str]]
    direction: NotRequired[str]
    direction_words: NotRequired[DirectionWordsJson]
    direction_why: NotRequired[str]


class ComparisonJson(TypedDict):
    """What `diff` and `compare` print."""

    old: TextJson
    new: TextJson
    identical: bool
    segments: list[RowJson]
    words_added: int
    words_removed: int


class PracticeJson(TypedDict):
    """How many rows of one category a change added, removed and modified.

    ``gained`` and ``lost`` stand only where modified rows came into the category or left it.
    """

    category: str
    added: int
    removed: int
    modified: int
    gained: NotRequired[int]
    lost: NotRequired[int]


def compare(
    old: str | Sequence[Segment],
    new: str | Sequence[Segment],
    *,
    classify: Classify | None = None,
    old_practices: Sequence[Labels] | None = None,
    ignore: Collection[Ignore] = (),
    directions: bool = True,
    unchanged: bool = False,
) -> ComparisonJson:
    """Compare two texts, Markdown or plain.

    Args:
        old, new: the texts, any string will do; or what they were segmented into.
        classify: names the practice categories of segments; called once, with the changed ones.
        old_practices: the categories that the old text's segments are known to have, one entry a
            segment; these are not classified again.
        ignore: what to leave unmarked; ``words`` then give it as it is in the new text.
        unchanged: have the categories of unchanged rows named too, where no ``old_practices`` are.
        directions: say which way changed commitments went; the rules read English alone.

    Raises:
        ValueError: ``old_practices`` has another length than the old text has segments.
    """
    before, after = (segment(text) if isinstance(text, str) else text for text in (old, new))
    if old_practices is not None and len(old_practices) != len(before):
        raise ValueError(f"{len(old_practices)} labels for {len(before)} old segments")
    found = diff(before, after, ignore=frozenset(ignore))
    rows = labelled(
        found,
        before,
        after,
        classify=classify,
        old_practices=old_practices,
        unchanged=unchanged,
    )
    if directions:
        _say_directions(rows, before, after)
    return {
        "old": _text(before),
        "new": _text(after),
        "identical": found.identical,
        "segments": rows,
        "words_added": found.words_added,
        "words_removed": found.words_removed,
    }


def change_practices(rows: Iterable[RowJson]) -> list[PracticeJson]:
    """Count the changed rows in each practice category, in the categories' order.

    A passage that moved unedited changed no practice, nor did one too short to be told a move that
    went here and came there. One that was edited counts as modified in every category that its old
    or its new text has. Categories without any count are left out.
    """
    counts: dict[str, PracticeJson] = {}
    for row in unmoved(rows):
        before, now = row.get("practices_before", row["practices"]), row["practices"]
        for name in dict.fromkeys([*now, *before]):
            count = counts.setdefault(
                name, {"category": name, "added": 0, "removed": 0, "modified": 0}
            )
            if row["op"] == Op.ADDED:
                count["added"] += 1
            elif row["op"] == Op.REMOVED:
                count["removed"] += 1
            elif row["op"] == Op.MODIFIED or _edited(row):
                count["modified"] += 1
                if name not in before:
                    count["gained"] = count.get("gained", 0) + 1
                elif name not in now:
                    count["lost"] = count.get("lost", 0) + 1
    counted = {name for name, c in counts.items() if c["added"] or c["removed"] or c["modified"]}
    return [counts[name] for name in ordered(counted)]


def unmoved(rows: Iterable[RowJson]) -> Iterator[RowJson]:
    """All rows but those of a text that was removed in one place and added in another."""
    known = list(rows)
    gone = Counter(_plain(row["old_text"]) for row in known if row["op"] == Op.REMOVED)
    came = Counter(_plain(row["new_text"]) for row in known if row["op"] == Op.ADDED)
    moved = {Op.REMOVED: gone & came, Op.ADDED: gone & came}
    for row in known:
        here = moved.get(Op(row["op"]))
        if here and here[text := _plain(row["old_text"] or row["new_text"])]:
            here[text] -= 1
        else:
            yield row


def _plain(text: str) -> str:
    return " ".join(plain(text).casefold().split())


def labelled(
    found: Diff,
    old: Sequence[Segment],
    new: Sequence[Segment],
    *,
    classify: Classify | None = None,
    old_practices: Sequence[Labels] | None = None,
    unchanged: bool = False,
) -> list[RowJson]:
    """The rows of a diff of two segmentations with the practice categories of each."""
    touched = [row for row in found.rows if unchanged or row.op is not Op.EQUAL]
    wanted_old = [i for row in touched for i in _span(row.old, row.old_end)]
    wanted_new = [j for row in found.rows if _changed(row) for j in _span(row.new, row.new_end)]
    if old_practices is not None:
        known = dict(enumerate(old_practices))
        wanted_old = []
    else:
        known = {}
    fresh: dict[int, Labels] = {}
    if classify is not None:
        read_old = [i for i in wanted_old if old[i].context]
        read_new = [j for j in wanted_new if new[j].context]
        labels = classify([*(old[i] for i in read_old), *(new[j] for j in read_new)])
        known.update(zip(read_old, labels, strict=False))
        fresh.update(zip(read_new, labels[len(read_old) :], strict=True))
    return [_row(row, known, fresh) for row in found.rows]


def _row(row: Row, known: dict[int, Labels], fresh: dict[int, Labels]) -> RowJson:
    before = _union(known, row.old, row.old_end) if known else []
    if _changed(row) and row.new is not None:
        practices = _union(fresh, row.new, row.new_end)
    else:
        practices = before
    result: RowJson = {
        "op": row.op.value,
        "old": row.old,
        "new": row.new,
        "old_text": row.old_text,
        "new_text": row.new_text,
        "words": list(row.words),
        "words_added": row.words_added,
        "words_removed": row.words_removed,
        "practices": practices,
    }
    if row.op is not Op.EQUAL and (found := _highlights(row)):
        result["highlights"] = found
    if _is_wide(row.old, row.old_end):
        result["old_end"] = row.old_end or 0
    if _is_wide(row.new, row.new_end):
        result["new_end"] = row.new_end or 0
    if row.old is not None and before != practices:
        result["practices_before"] = before
    return result


def _say_directions(
    rows: Iterable[RowJson], old: Sequence[Segment], new: Sequence[Segment]
) -> None:
    changed = [row for row in rows if row["words_added"] or row["words_removed"]]
    if not changed:
        return
    old_text, new_text = Bags(one.source for one in old), Bags(one.source for one in new)
    for row in changed:
        first = old[row["old"] or 0] if row["new"] is None else new[row["new"]]
        if first.kind is Kind.HEADING:
            continue
        lead = first.lead.text if first.lead else ""
        claim = direction(
            row["old_text"], row["new_text"], lead=lead, old_text=old_text, new_text=new_text
        )
        if claim:
            row["direction"] = claim.direction.value
            row["direction_words"] = {"old": claim.old_words, "new": claim.new_words}
            row["direction_why"] = claim.why


def _highlights(row: Row) -> list[HighlightJson]:
    texts = {-1: ("old", row.old_text), 1: ("new", row.new_text)}
    return [
        {
            "side": texts[one.side][0],
            "start": one.start,
            "end": one.end,
            "text": texts[one.side][1][one.start : one.end],
            "kind": one.kind.value,
        }
        for one in highlights(row.words)
    ]


def _changed(row: Row) -> bool:
    return bool(row.words_added or row.words_removed)


def _edited(row: RowJson) -> bool:
    return row["op"] == Op.MOVED and bool(row["words_added"] or row["words_removed"])


def _span(start: int | None, end: int | None) -> range:
    return range(start, end) if start is not None and end is not None else range(0)


def _is_wide(start: int | None, end: int | None) -> bool:
    return start is not None and end is not None and end - start > 1


def _union(known: dict[int, Labels], start: int | None, end: int | None) -> list[str]:
    found = [name for at in _span(start, end) for name in known.get(at, ())]
    return ordered(found) if found else found


def _text(segments: Sequence[Segment]) -> TextJson:
    # The sources of a text's segments, joined, are the text to the letter.
    text = "".join(one.source for one in segments)
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return {"segments": len(segments), "text_sha256": digest}
