"""What of a page's markup the normalizer reads: the elements, and the attributes of each.

Everything else is struck out before the page is parsed. So nothing here may drift from what reads
it: ``attribute`` (in ``blocks``) takes no name that is not listed, and the walk's tags are checked.
"""

# ruff: noqa: SIM905 - lists of short words read better unbroken
from __future__ import annotations

from typing import Literal, TypeAlias

#: The attributes that any reader asks for.
AttributeName: TypeAlias = Literal[
    "aria-labelledby", "class", "href", "id", "name", "role", "start", "value"
]

CONTAINERS = frozenset(
    "html body div section main article nav header footer aside form fieldset dialog details "
    "figure center blockquote dl dd dt address hgroup menu search caption ul ol table li td th "
    "dir".split()
)
"""Elements that hold blocks."""

BREAKS = frozenset(
    "p summary legend figcaption hr optgroup option frameset h1 h2 h3 h4 h5 h6 pre xmp listing "
    "plaintext tr".split()
)
"""Other elements that begin and end blocks."""

INLINE = frozenset(("a", "br", "button", "input"))
"""Elements inside blocks that mean something."""

WITHOUT_TEXT = (
    "script style template noscript svg iframe frame object embed video audio canvas map select "
    "textarea datalist math head".split()
)
"""Elements that show no text of the page, whatever stands in them."""

SHAPING = frozenset(
    "title base tbody thead tfoot colgroup col applet marquee noembed noframes foreignobject desc "
    "annotation-xml mi mo mn ms mtext".split()
)
"""Elements that are not read but decide where the parser puts others."""

KEPT = CONTAINERS | BREAKS | INLINE | SHAPING | frozenset(WITHOUT_TEXT)
