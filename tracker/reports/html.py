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
from tracker.labels import why_unclassified
from tracker.reports.folding import Fold, fold
from tracker.reports.runs import is_heading, runs
from tracker.reports.tags import tags_of, went
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
    environment.tests["heading"] = is_heading
    environment.tests["fold"] = lambda row: isinstance(row, Fold)
    environment.globals.update(
        categories=shown_categories,
        went=went,
        fold=fold,
        runs=runs,
        tags_of=tags_of,
        timeline=timeline,
        heat=heat,
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
    """How much of a version one category takes, 0 (none) to 4, relative to its own peak.

    A category that never changes stays in the middle: what draws the eye should be what moved.
    """
    counts = [one.practices.get(category, 0) for one in versions]
    count, peak = version.practices.get(category, 0), max(counts, default=0)
    if not count:
        return 0
    if min(counts) == peak:
        return HEAT_LEVELS // 2
    return 1 + (HEAT_LEVELS - 2) * count // peak
