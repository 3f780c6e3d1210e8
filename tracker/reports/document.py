"""A change report as JSON: the histories, and every change with its comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.records import format_time
from tracker.history import history_document, reviewed_document

if TYPE_CHECKING:
    from typing import Any

    from tracker.reports.model import Report


def report_document(report: Report) -> dict[str, Any]:
    """The report as plain dicts and lists, ready for ``json.dumps``."""
    return {
        "made_at": format_time(report.made_at),
        "since": format_time(report.since) if report.since else None,
        "sites": [
            {
                **history_document(site.history),
                "comparisons": [
                    {**reviewed_document(site.history, detail.change), "diff": detail.comparison}
                    for detail in site.details
                ],
            }
            for site in report.sites
        ],
    }
