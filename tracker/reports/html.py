"""A change report as one self-contained HTML file: no script, no request to anywhere.

Archived text is hostile: every string goes through Jinja's autoescape, links only where the address
is http(s), and a Content-Security-Policy forbids whatever might slip through.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from storage.records import format_time
from tracker.categories import CATEGORIES, ordered
from tracker.classified_languages import why_unclassified
from tracker.reports.folding import fold
from tracker.reports.model import MOST_RANKED
from tracker.reports.rows import rows_html
from tracker.reports.tags import went
from tracker.reports.timeline import timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import Version
    from tracker.reports.model import Report
    from tracker.reports.sides import Compared

HEAT_LEVELS = 5


def render_html(report: Report) -> str:
    """Render the report; the result is UTF-8 text that needs nothing beside it."""
    return _environment().get_template("report.html.j2").render(report=report)


def render_comparison(compared: Compared, context: int) -> str:
    """Render one comparison, with ``context`` unchanged segments around each changed one."""
    template = _environment().get_template("comparison.html.j2")
    return template.render(compared=compared, context=context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tracker.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = lambda moment: f"{moment:%Y-%m-%d}"
    environment.filters["iso"] = format_time
    environment.filters["web"] = web_address
    environment.filters["why_unclassified"] = why_unclassified
    environment.globals.update(
        categories=shown_categories,
        went=went,
        fold=fold,
        rows_html=rows_html,
        timeline=timeline,
        heat_row=heat_row,
        most=MOST_RANKED,
        legend=range(HEAT_LEVELS),
    )
    return environment


def shown_categories(versions: Sequence[Version]) -> list[str]:
    """The rows of the heat map: the ten, or those of the user's own model."""
    used = {name for version in versions for name in version.practices}
    return ordered(used) if used - set(CATEGORIES) else list(CATEGORIES)


def web_address(address: str) -> str:
    """The address where a browser may be sent there, else an empty string."""
    return address if address.startswith(("https://", "http://")) else ""


def heat(version: Version, category: str, versions: Sequence[Version]) -> int:
    """The level of one version in the row of `heat_row`."""
    return heat_row(category, versions)[versions.index(version)][1]


def heat_row(category: str, versions: Sequence[Version]) -> list[tuple[int, int]]:
    """How many statements each version has of a category, and how much that is, 0 (none) to 4.

    Relative to the category's own peak; one that never changes stays in the middle: what draws the
    eye should be what moved.
    """
    counts = [one.practices.get(category, 0) for one in versions]
    peak, least = max(counts, default=0), min(counts, default=0)
    if peak == least:
        return [(count, HEAT_LEVELS // 2 if count else 0) for count in counts]
    return [(count, 1 + (HEAT_LEVELS - 2) * count // peak if count else 0) for count in counts]
