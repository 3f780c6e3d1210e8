"""Trends as tables for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker.cli.output import console, table

if TYPE_CHECKING:
    from rich.table import Table

    from tracker.trends.documents import FindingJson, SideJson, SpreadJson, TrendsJson

BUSIEST = 8
"""Weeks that are listed."""


def tables(trends: TrendsJson) -> str:
    """Figures by period, shares of practice categories, the busiest weeks, the findings."""
    if not trends["periods"]:
        return ""
    parts = [_shown(_periods(trends)), _shown(_practices(trends))]
    if trends["weeks"]:
        parts.append(_shown(_weeks(trends)))
    return "".join(parts) + findings_text(trends)


def findings_text(trends: TrendsJson) -> str:
    """The first year against the last, a line each."""
    found = trends["findings"]
    if found is None:
        return "no two years to compare\n"
    head = f"{found['first_year']} to {found['last_year']}, medians (intervals of 95 %)\n"
    told = head + "".join(_finding(row) for row in found["rows"])
    if not found["same_sites"]:
        told += "  no site is in both years: what differs may be the sites, not their policies\n"
    return told


def _finding(row: FindingJson) -> str:
    sure = ""
    if row["measure"] == "words":
        what, change = "length in words", f"× {row['change']:.2f}"
        if row["low"] is not None and row["high"] is not None:
            sure = f" ({row['low']:.2f} to {row['high']:.2f})"
    else:
        what, change = "reading grade", f"{row['change']:+.2f}"
        if row["low"] is not None and row["high"] is not None:
            sure = f" ({row['low']:+.2f} to {row['high']:+.2f})"
    form = ",.0f" if row["measure"] == "words" else ".1f"
    first, last = _side(row["first"], form), _side(row["last"], form)
    return f"  {what}, {row['over']}: {first} → {last}: {change}{sure}\n"


def _side(side: SideJson, form: str) -> str:
    sites = "site" if side["n"] == 1 else "sites"
    return f"{side['median']:{form}} ({side['n']:,} {sites})"


def _periods(trends: TrendsJson) -> Table:
    columns = ("period", "policies", "words", "95 %", "middle half", "grade", "95 %", "of")
    right = ("period", "policies", "words", "grade", "of", "changes", "a policy", "silent")
    shown = table(*columns, "changes", "a policy", "95 %", "silent", right=right)
    for point in trends["periods"]:
        words, grade, changes = point["words"], point["grade"], point["changes"]
        shown.add_row(
            point["period"],
            f"{point['policies']:,}",
            f"{words['median']:,.0f}",
            _sure(words, ",.0f"),
            f"{words['q1']:,.0f}–{words['q3']:,.0f}",
            f"{grade['median']:.1f}" if grade else "",
            _sure(grade, ".1f") if grade else "",
            f"{grade['n']:,}" if grade else "",
            f"{changes['count']:,}",
            f"{changes['per_policy']:.2f}",
            f"{changes['low']:.2f}–{changes['high']:.2f}",
            f"{point['silent_changes']['count']:,}",
        )
    return shown


def _sure(spread: SpreadJson, form: str) -> str:
    """The median's interval; a dash where there are too few sites for one."""
    if spread["low"] is None or spread["high"] is None:
        return "–"
    return f"{spread['low']:{form}}–{spread['high']:{form}}"


def _practices(trends: TrendsJson) -> Table:
    """Categories by a few of the periods, evenly chosen: a terminal is not wide."""
    points = trends["periods"]
    step = -(-len(points) // 6)
    some = points[::-1][::step][::-1]
    names = tuple(f"{point['period']}" for point in some)
    shown = table("share of policies that mention", *names, right=names)
    for place, share in enumerate(points[-1]["practices"]):
        cells = []
        for point in some:
            there = point["practices"][place]
            cells.append(
                f"{there['share']:.0%} ({there['low']:.0%}–{there['high']:.0%})"
                if there["n"]
                else "–"
            )
        shown.add_row(share["category"], *cells)
    shown.add_row("policies", *(f"{point['practices'][0]['n']:,}" for point in some))
    return shown


def _weeks(trends: TrendsJson) -> Table:
    busiest = sorted(trends["weeks"], key=lambda week: (-week["changes"], week["week"]))[:BUSIEST]
    busiest += [week for week in trends["weeks"] if week["marks"] and week not in busiest]
    right = ("changes", "sites", "of")
    shown = table("most changes in the week of", "changes", "sites", "of", "", right=right)
    for week in busiest:
        shown.add_row(
            week["week"],
            f"{week['changes']:,}",
            f"{week['sites']:,}",
            f"{week['policies']:,}",
            "; ".join(week["marks"]),
        )
    return shown


def _shown(made: Table) -> str:
    screen = console()
    with screen.capture() as captured:
        screen.print(made)
    return captured.get()
