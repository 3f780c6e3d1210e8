"""Trends as rows for a spreadsheet: a line a period and measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.trends.documents import PointJson, TrendsJson

Row = TypedDict(
    "Row",
    {
        "period": str,
        "from": str,
        "to": str,
        "measure": str,
        "category": str,
        "sites": int,
        "count": int | None,
        "value": float,
        "low": float | None,
        "high": float | None,
        "q1": float | None,
        "q3": float | None,
    },
)

COLUMNS = tuple(Row.__annotations__)


def rows(trends: TrendsJson) -> Iterator[Row]:
    """Policies, length, grade, changes and categories of every period, as docs/trends.md lists."""
    for point in trends["periods"]:
        yield _row(point, "policies", point["policies"], point["policies"])
        for measure, spread in (("words", point["words"]), ("grade", point["grade"])):
            if spread:
                yield _row(point, measure, spread["n"], spread["median"]) | {
                    "low": spread["low"],
                    "high": spread["high"],
                    "q1": spread["q1"],
                    "q3": spread["q3"],
                }
        for measure, rate in (
            ("changes", point["changes"]),
            ("silent changes", point["silent_changes"]),
        ):
            yield _row(point, measure, point["policies"], rate["per_policy"]) | {
                "count": rate["count"],
                "low": rate["low"],
                "high": rate["high"],
            }
        for share in point["practices"]:
            yield _row(point, "practice", share["n"], share["share"]) | {
                "category": share["category"],
                "count": share["policies"],
                "low": share["low"],
                "high": share["high"],
            }


def _row(point: PointJson, measure: str, sites: int, value: float) -> Row:
    return {
        "period": point["period"],
        "from": point["from"],
        "to": point["to"],
        "measure": measure,
        "category": "",
        "sites": sites,
        "count": None,
        "value": value,
        "low": None,
        "high": None,
        "q1": None,
        "q3": None,
    }
