"""What of a page is not its text: menus, banners, share bars, pickers, footers.

Every rule asks what an element is or how its words are spread, never whose page it is. An element
that holds much of the page's prose is text whatever it is called.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from crawler.normalize.blocks import Kind, attribute
from crawler.normalize.phrases import (
    AGREE,
    CONSENT_NAME,
    COOKIES,
    FURNITURE,
    LANGUAGES,
    MAIN_ROLES,
    ROLES,
    WIDGET_NAME,
)

if TYPE_CHECKING:
    from crawler.normalize.blocks import Block, Container, Page

#: From this many words on, a block that is no heading and no list of links counts as prose.
PROSE_WORDS = 12
#: Beyond this many words of prose an element is no menu, newsletter box or share bar.
MAX_WIDGET_PROSE = 80
#: The longest cookie dialog that is taken for one by its buttons alone.
MAX_DIALOG_WORDS = 400

_TARGET = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")


class Totals(NamedTuple):
    """Prefix sums over the blocks of a page."""

    words: list[int]
    linked: list[int]
    links: list[int]
    prose: list[int]

    def within(self, sums: list[int], container: Container) -> int:
        return sums[container.end] - sums[container.first]


def prose_words(block: Block) -> int:
    """A block's words if it is running text, else 0."""
    words = block.words
    if words < PROSE_WORDS or block.linked * 2 > words or block.kind is Kind.HEADING:
        return 0
    return words


def totals(blocks: list[Block]) -> Totals:
    return Totals(
        words=list(accumulate([block.words for block in blocks], initial=0)),
        linked=list(accumulate([block.linked for block in blocks], initial=0)),
        links=list(accumulate([block.links for block in blocks], initial=0)),
        prose=list(accumulate(map(prose_words, blocks), initial=0)),
    )


class _Traits(NamedTuple):
    """What an element's tag and attributes say of it."""

    main: bool
    consent: bool
    role: bool
    widget: bool


# A page's elements, and those of a site's pages, are of few kinds.
@lru_cache(maxsize=20_000)
def _traits(tag: str, attributes: str) -> _Traits:
    role = attribute(attributes, "role")
    names = attribute(attributes, "id") or "", attribute(attributes, "class") or ""
    return _Traits(
        main=tag in ("main", "article") or role in MAIN_ROLES,
        consent=any(map(CONSENT_NAME.search, names)),
        role=role in ROLES,
        widget=WIDGET_NAME.search(names[1]) is not None,
    )


def is_main(container: Container) -> bool:
    return _traits(container.tag, container.attributes).main


def find_chrome(page: Page, sums: Totals) -> list[bool]:
    """For each block, whether it belongs to the page's furniture rather than to its text."""
    out = [_is_furniture(block) for block in page.blocks]
    in_main = _inside_main(page.containers)
    controlled = {at for at, _ in page.controls}
    dialogs = _dialogs(page, sums)
    done = 0
    for at, container in enumerate(page.containers):
        if container.end <= done or container.first == container.end:
            continue
        if at in dialogs or _is_chrome(container, sums, in_main[at], controlled=at in controlled):
            done = container.end
            out[container.first : done] = [True] * (done - container.first)
    _language_pickers(page, out)
    return out


def _is_furniture(block: Block) -> bool:
    if block.words > 10 or block.kind in (Kind.ROW, Kind.HEADING):
        return False
    return _says_furniture(block.text)


@lru_cache(maxsize=20_000)
def _says_furniture(text: str) -> bool:
    return FURNITURE.match(visible(text)) is not None


def visible(text: str) -> str:
    """Inline Markdown without link targets."""
    return _TARGET.sub(r"\1", text) if "](" in text else text


def _inside_main(containers: list[Container]) -> list[bool]:
    inside: list[bool] = []
    for container in containers:
        inside.append(is_main(container) or (container.parent >= 0 and inside[container.parent]))
    return inside


def _is_chrome(container: Container, sums: Totals, in_main: bool, *, controlled: bool) -> bool:
    prose = sums.within(sums.prose, container)
    total = sums.prose[-1]
    traits = _traits(container.tag, container.attributes)
    if traits.consent and total - prose >= 100:
        return True
    if prose * 3 > total and total:
        return False
    if traits.role or _by_element(container, sums, prose, in_main):
        return True
    # Named like a widget, and spread like one: little prose, and links or buttons.
    if not traits.widget or prose > MAX_WIDGET_PROSE:
        return False
    words = sums.within(sums.words, container)
    return controlled or sums.within(sums.linked, container) * 10 > words * 3


@lru_cache(maxsize=20_000)
def telling(attribute_name: str, value: str) -> str:
    """What of a class or an id says what its element is; the rest can change as it likes."""
    consent = CONSENT_NAME.search(value)
    widget = WIDGET_NAME.search(value) if attribute_name == "class" else None
    told = [consent[0]] if consent else []
    return " ".join([*told, widget[0].strip("_- \t\n\r\f")] if widget else told)


def _by_element(container: Container, sums: Totals, prose: int, in_main: bool) -> bool:
    if container.tag in ("nav", "footer", "dialog", "search"):
        return True
    if container.tag == "aside":
        return not in_main or prose < 2 * PROSE_WORDS
    if container.tag == "header":
        return not in_main and sums.within(sums.links, container) >= 2
    return False


def _dialogs(page: Page, sums: Totals) -> set[int]:
    """Containers of consent dialogs that only their buttons and their talk of cookies give away."""
    found: set[int] = set()
    labels: dict[int, int] = {}
    for at, label in page.controls:
        if 0 < len(label) < 60 and AGREE.search(label):
            labels[at] = labels.get(at, 0) + 1
    for at in labels:
        top = _outermost_small(page, sums, at)
        if top < 0:
            continue
        container = page.containers[top]
        inside = " ".join(block.text for block in page.blocks[container.first : container.end])
        if labels[at] > 1 or COOKIES.search(inside):
            found.add(top)
    return found


def _outermost_small(page: Page, sums: Totals, at: int) -> int:
    top = -1
    while at >= 0:
        container = page.containers[at]
        prose = sums.within(sums.prose, container)
        if sums.within(sums.words, container) > MAX_DIALOG_WORDS or prose * 3 > sums.prose[-1]:
            break
        if is_main(container):
            break
        top, at = at, container.parent
    return top


def _language_pickers(page: Page, out: list[bool]) -> None:
    """Runs of three or more blocks that are each just the name of a language."""
    run: list[int] = []
    for at, block in enumerate([*page.blocks, None]):
        if block is not None and block.words <= 3 and _is_language(block.text):
            run.append(at)
            continue
        if len(run) >= 3:
            for member in run:
                out[member] = True
        run.clear()


@lru_cache(maxsize=20_000)
def _is_language(text: str) -> bool:
    return re.split(r"[ (/]", visible(text).strip(), maxsplit=1)[0].casefold() in LANGUAGES
