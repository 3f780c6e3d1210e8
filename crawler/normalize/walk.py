"""The walk over a page: one loop over the tags that part blocks.

It reads lexbor's serialization of the repaired tree, which is well-formed by construction (every
element closed, text and attribute values escaped): that is what makes reading it by expression
safe. What stands between two such tags is a run, and read as one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from crawler.normalize.blocks import Block, Container, attribute
from crawler.normalize.elements import BREAKS, CONTAINERS
from crawler.normalize.inline import clean
from crawler.normalize.phrases import TOGGLE
from crawler.normalize.runs import ATTRIBUTES, Place, read_label, read_run
from crawler.normalize.tables import fold_table

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLED = CONTAINERS | BREAKS | {"button"}
"""The elements at whose tags the walk does something."""

#: Characters of a page that are cut into tags at a time: they take ten times as much memory.
STRETCH = 100_000

_PARTING = "|".join(sorted(HANDLED))
_TAG = re.compile(rf"<(/?)({_PARTING})(?=[ >])({ATTRIBUTES})>")


class _Table:
    """A table that is open: its rows' cells as ranges of blocks."""

    def __init__(self, controls: int) -> None:
        self.rows: list[list[tuple[int, int]]] = []
        self.controls_before = controls
        self.holds_tables = False


class State(NamedTuple):
    """What a walk is in the middle of, between two runs outside of tables."""

    heading: int
    lists: tuple[int | None, ...]
    item: tuple[int, int | None] | None
    button: int
    pre: int


class Walk:
    """The state of the loop: what is open, and the runs since the last block."""

    def __init__(self, base: str, url: str) -> None:
        self._base, self._url = base, url.partition("#")[0]
        self.blocks: list[Block] = []
        self.controls: list[tuple[int, str]] = []
        self.anchors: dict[str, int] = {}
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.firsts: list[int] = []
        self.ends: list[int] = []
        self.parents: list[int] = []
        self.open = [-1]
        self._runs: list[str] = []
        self._heading = 0
        self._lists: list[list[int | None]] = []
        self._item: tuple[int, int | None] | None = None
        self._tables: list[_Table] = []
        self._button = -1
        self._pre = 0

    def over(self, markup: str) -> None:
        """Walk over a serialized page, or over the next of the pieces that it was cut into."""
        at = 0
        while at < len(markup):
            end = markup.find("<", at + STRETCH)
            end = len(markup) if end < 0 else end
            self._stretch(markup[at:end])
            at = end

    def finish(self) -> None:
        """End what is open when the page ends."""
        self._flush()
        while len(self.open) > 1:
            self.close("", "")

    def state(self) -> State | None:
        """All that decides, besides its characters, what the rest of a page adds.

        None while a run or a table is begun: they change what was added before.
        """
        if self._runs or self._tables:
            return None
        lists = tuple([number for (number,) in self._lists])
        return State(self._heading, lists, self._item, self._button, self._pre)

    def restore(self, state: State) -> None:
        """Take a walk up where it was in a state; ``open`` is set already."""
        self._heading, self._item = state.heading, state.item
        self._lists = [[number] for number in state.lists]
        self._button, self._pre = state.button, state.pre

    def _stretch(self, markup: str) -> None:
        starts, ends, runs = _STARTS, _ENDS, self._runs
        pieces = iter(_TAG.split(markup))
        if first := next(pieces):
            runs.append(first)
        for slash, tag, attributes, run in zip(pieces, pieces, pieces, pieces, strict=True):
            (ends if slash else starts)[tag](self, tag, attributes)
            if run and (runs or not run.isspace()):
                runs.append(run)

    def containers(self) -> list[Container]:
        """The elements that hold blocks, in the order in which they begin."""
        return list(
            map(Container, self.tags, self.attributes, self.firsts, self.ends, self.parents)
        )

    # blocks

    def _flush(self) -> None:
        runs = self._runs
        if not runs:
            return
        run = "".join(runs)
        runs.clear()
        if self._button > 0:
            self._button = 0
        if run.isspace():
            return
        place = Place(
            self._base, self._url, self._heading, self._item, len(self._lists), self._pre > 0
        )
        blocks, labels = read_run(run, place)
        for label in labels:
            self._control(label)
        if blocks:
            self.blocks.extend(blocks)
            if not self._heading:
                self._item = None

    def separate(self, _tag: str, _attributes: str) -> None:
        self._flush()

    def open_heading(self, tag: str, attributes: str) -> None:
        self._flush()
        self._heading = int(tag[1])
        if anchor := attribute(attributes, "id"):
            self.anchors[anchor] = len(self.blocks)

    def close_heading(self, _tag: str, _attributes: str) -> None:
        self._flush()
        self._heading = 0

    def open_pre(self, _tag: str, _attributes: str) -> None:
        self._flush()
        self._pre += 1

    def close_pre(self, _tag: str, _attributes: str) -> None:
        self._flush()
        self._pre -= 1

    # containers, lists, tables

    def container(self, tag: str, attributes: str) -> None:
        if self._runs:
            self._flush()
        opened = self.open
        self.parents.append(opened[-1])
        opened.append(len(self.tags))
        self.tags.append(tag)
        self.attributes.append(attributes)
        self.firsts.append(len(self.blocks))
        self.ends.append(-1)

    def close(self, _tag: str, _attributes: str) -> None:
        if self._runs:
            self._flush()
        if len(self.open) > 1:
            self.ends[self.open.pop()] = len(self.blocks)

    def open_list(self, tag: str, attributes: str) -> None:
        self.container(tag, attributes)
        start = _number(attribute(attributes, "start")) if tag == "ol" else None
        self._lists.append([(1 if start is None else start) if tag == "ol" else None])

    def close_list(self, tag: str, attributes: str) -> None:
        self.close(tag, attributes)
        if self._lists:
            self._lists.pop()

    def open_item(self, tag: str, attributes: str) -> None:
        self.container(tag, attributes)
        number = None
        if self._lists:
            counter = self._lists[-1]
            number = counter[0]
            if number is not None:
                value = _number(attribute(attributes, "value"))
                number = number if value is None else value
                counter[0] = number + 1
        self._item = (max(0, len(self._lists) - 1), number)

    def close_item(self, tag: str, attributes: str) -> None:
        self.close(tag, attributes)
        self._item = None

    def open_table(self, tag: str, attributes: str) -> None:
        self.container(tag, attributes)
        self._tables.append(_Table(len(self.controls)))

    def close_table(self, tag: str, attributes: str) -> None:
        self._flush()
        if self._tables:
            self._fold(self._tables.pop(), self.open[-1])
        self.close(tag, attributes)

    def _fold(self, table: _Table, index: int) -> None:
        if self._tables:
            self._tables[-1].holds_tables = True
        folded = None if table.holds_tables else fold_table(self.blocks, table.rows)
        if folded is None:
            return
        for kept in (self.tags, self.attributes, self.firsts, self.ends, self.parents):
            del kept[index + 1 :]
        self.blocks[self.firsts[index] :] = folded
        for at in range(table.controls_before, len(self.controls)):
            self.controls[at] = (index, self.controls[at][1])

    def open_row(self, _tag: str, _attributes: str) -> None:
        self._flush()
        if self._tables:
            self._tables[-1].rows.append([])

    def open_cell(self, tag: str, attributes: str) -> None:
        self.container(tag, attributes)
        if self._tables and self._tables[-1].rows:
            self._tables[-1].rows[-1].append((len(self.blocks), -1))

    def close_cell(self, tag: str, attributes: str) -> None:
        self.close(tag, attributes)
        if self._tables and self._tables[-1].rows and self._tables[-1].rows[-1]:
            row = self._tables[-1].rows[-1]
            row[-1] = (row[-1][0], len(self.blocks))

    # controls

    def open_button(self, _tag: str, attributes: str) -> None:
        kept = self._heading or self._button >= 0 or TOGGLE.search(attributes)
        self._button = -1 if kept else len(self._runs)
        if kept and not self._heading:
            self._flush()

    def close_button(self, _tag: str, _attributes: str) -> None:
        if self._button < 0:
            if not self._heading:
                self._flush()
            return
        label = clean(read_label("".join(self._runs[self._button :])))
        del self._runs[self._button :]
        self._button = -1
        self._control(label)

    def _control(self, label: str) -> None:
        self.controls.append((self.open[-1], label))


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 10 else None


_Handler: TypeAlias = "Callable[[Walk, str, str], None]"


def _handlers(rest: _Handler, special: dict[str, _Handler]) -> dict[str, _Handler]:
    """What to do at each tag: ``rest`` for those that only part blocks."""
    handlers = dict.fromkeys(BREAKS, rest)
    return handlers | {tag: handler for tags, handler in special.items() for tag in tags.split()}


_STARTS = _handlers(
    Walk.separate,
    {
        " ".join(CONTAINERS): Walk.container,
        "h1 h2 h3 h4 h5 h6": Walk.open_heading,
        "pre xmp listing plaintext": Walk.open_pre,
        "ul ol menu dir": Walk.open_list,
        "li": Walk.open_item,
        "table": Walk.open_table,
        "tr": Walk.open_row,
        "td th": Walk.open_cell,
        "button": Walk.open_button,
    },
)
_ENDS = _handlers(
    Walk.separate,
    {
        " ".join(CONTAINERS): Walk.close,
        "h1 h2 h3 h4 h5 h6": Walk.close_heading,
        "pre xmp listing plaintext": Walk.close_pre,
        "ul ol menu dir": Walk.close_list,
        "li": Walk.close_item,
        "table": Walk.close_table,
        "button": Walk.close_button,
        "td th": Walk.close_cell,
    },
)
