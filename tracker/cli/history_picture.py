"""Categories by versions as a picture in the terminal: a line a category, a bar a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.categories import ordered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from storage.records import Version

BARS = "▁▂▃▄▅▆▇█"
NONE = "·"
_EVERY = 5
_COUNTS = 10


def picture(
    versions: Sequence[Version], width: int, short: Callable[[str], str] = str
) -> Iterator[str]:
    """Draw how many statements of each category each version has, within `width` columns.

    A bar is as high as its share of the category's most; the numbers of the first and the last
    version stand beside it. Versions that do not fit beside each other follow below.
    """
    categories = ordered({name for version in versions for name in version.practices})
    if not categories or len(versions) < 2:
        return
    names = {name: short(name) for name in categories}
    margin = max(map(len, names.values()))
    room = max(_EVERY, width - margin - _COUNTS - 2)
    for start in range(0, len(versions), room):
        shown = versions[start : start + room]
        yield f"{'':{margin}} {_axis(shown)}"
        for name in categories:
            counts = [version.practices.get(name, 0) for version in shown]
            most = max(version.practices.get(name, 0) for version in versions)
            bars = "".join(_bar(count, most) for count in counts)
            yield f"{names[name]:{margin}} {bars}  {counts[0]} → {counts[-1]}"


def _bar(count: int, most: int) -> str:
    return BARS[-(-count * len(BARS) // most) - 1] if count else NONE


def _axis(versions: Sequence[Version]) -> str:
    """The number of the first version and of every fifth, over its bar."""
    line = ""
    for at, version in enumerate(versions):
        number = str(version.number)
        if at == 0 or (version.number % _EVERY == 0 and len(line) < at):
            line = f"{line:{at}}{number}"
    return line
