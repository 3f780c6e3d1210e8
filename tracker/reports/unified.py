"""A unified diff as git prints it, of the Markdown texts; `git apply` and `patch` take it."""

from __future__ import annotations

import re
from hashlib import sha1
from typing import TYPE_CHECKING

from tracker.diff.lcs import Block, matching_blocks, merged, unique_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.reports.sides import Compared

_HEADING = re.compile(r"#{1,6}\s+\S")
_UNSAFE = re.compile(r"[^\w.@-]+")
_HEADING_LENGTH = 80
_ABBREVIATED = 7
_NO_EOL = "\n\\ No newline at end of file\n"


def unified(compared: Compared, context: int) -> str:
    """The change as a patch of ``<name>.md``; empty where the texts are equal to the letter.

    Lines end where git ends them, at a line feed. ``context`` counts lines.
    """
    old, new = _lines(compared.old.markdown), _lines(compared.new.markdown)
    if old == new:
        return ""
    name = f"{_UNSAFE.sub('-', compared.name).strip('-') or 'policy'}.md"
    parts = [
        f"diff --git a/{name} b/{name}\n",
        f"index {_blob(compared.old.markdown)}..{_blob(compared.new.markdown)} 100644\n",
        f"--- a/{name}\n+++ b/{name}\n",
    ]
    for hunk in _hunks(old, new, max(context, 0)):
        parts.extend(_printed(old, new, hunk))
    return "".join(parts)


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _blob(text: str) -> str:
    body = text.encode("utf-8", "surrogatepass")
    # git names what it keeps by SHA-1; nothing is secured by it here.
    return sha1(b"blob %d\0" % len(body) + body, usedforsecurity=False).hexdigest()[:_ABBREVIATED]


def _hunks(old: Sequence[str], new: Sequence[str], context: int) -> Iterator[list[Block]]:
    """The common runs around and between changes that are printed together."""
    blocks = _common(old, new)
    if not blocks or blocks[0][:2] != (0, 0):
        blocks.insert(0, (0, 0, 0))
    i, j, length = blocks[-1]
    if (i + length, j + length) != (len(old), len(new)):
        blocks.append((len(old), len(new), 0))
    hunk: list[Block] = []
    for at, (i, j, length) in enumerate(blocks):
        first, last = at == 0, at == len(blocks) - 1
        if not hunk or (not last and length <= 2 * context):
            kept = min(length, context) if first else length
            hunk.append((i + length - kept, j + length - kept, kept))
            continue
        hunk.append((i, j, min(length, context)))
        yield hunk
        kept = min(length, context)
        hunk = [(i + length - kept, j + length - kept, kept)]


def _common(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Common runs of lines, unique lines first."""
    found: list[Block] = []
    i = j = 0
    for a, b in [*unique_pairs(old, new), (len(old), len(new))]:
        between = matching_blocks(old[i:a], new[j:b])
        found.extend((i + x, j + y, length) for x, y, length in between)
        if a < len(old):
            found.append((a, b, 1))
        i, j = a + 1, b + 1
    return merged(found)


def _printed(old: Sequence[str], new: Sequence[str], hunk: list[Block]) -> Iterator[str]:
    (i, j, _), (x, y, length) = hunk[0], hunk[-1]
    head = f"@@ -{_range(i, x + length)} +{_range(j, y + length)} @@"
    yield f"{head}{_section(old, i)}\n"
    for x, y, length in hunk:
        yield from (_marked("-", line) for line in old[i:x])
        yield from (_marked("+", line) for line in new[j:y])
        yield from (_marked(" ", line) for line in old[x : x + length])
        i, j = x + length, y + length


def _range(start: int, end: int) -> str:
    count = end - start
    if count == 1:
        return f"{start + 1}"
    return f"{start + 1 if count else start},{count}"


def _section(old: Sequence[str], start: int) -> str:
    """The nearest heading above a hunk, as git's Markdown driver gives it."""
    above = (old[at] for at in range(start - 1, -1, -1) if _HEADING.match(old[at]))
    heading = next(above, "").strip()
    return f" {heading[:_HEADING_LENGTH]}" if heading else ""


def _marked(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}{_NO_EOL}"
