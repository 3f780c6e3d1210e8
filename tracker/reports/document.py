"""A change report as JSON: the histories, and every change with its comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.records import format_time
from tracker.history import history_document, reviewed_document
from tracker.reports.model import MOST_RANKED

if TYPE_CHECKING:
    from typing import Any

    from tracker.reports.model import Report


def report_document(report: Report) -> dict[str, Any]:
    """The report as plain dicts and lists, ready for ``json.dumps``."""
    return {
        "made_at": format_time(report.made_at),
        "since": format_time(report.since) if report.since else None,
        "summary": {
            "sites": len(report.sites),
            "sites_changed": len(report.sites) - len(report.unchanged),
            "changes": len(report.ranked),
            "silent": sum(one.detail.change.silent for one in report.ranked),
            "most_material": [
                {
                    "site": one.site.history.site,
                    "from": one.detail.change.old_number,
                    "to": one.detail.change.new_number,
                    "score": one.detail.change.score,
                    "reasons": list(one.detail.change.reasons),
                }
                for one in report.ranked[:MOST_RANKED]
            ],
        },
        "sites": [
            {
                **history_document(site.history),
                "gaps": [
                    {"after": format_time(gap.after), "before": format_time(gap.before)}
                    for gap in site.gaps
                ],
                "comparisons": [
                    {
                        **reviewed_document(site.history, detail.change),
                        "after_url": detail.after_url,
                        "before_url": detail.before_url,
                        "diff": detail.comparison,
                    }
                    for detail in site.details
                ],
            }
            for site in report.sites
        ],
    }
