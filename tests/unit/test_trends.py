"""Trends: which version stands for a period, what is counted, and when it is worked out anew."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner

from storage import captures, changes, sites, snapshots, versions
from storage.records import (
    Capture,
    Change,
    Document,
    Memento,
    Screening,
    Verdict,
    Version,
)
from storage.trends import ChangeColumns, VersionColumns, Which
from storage.versions import DerivedVersion
from tracker.categories import CATEGORIES
from tracker.cli.main import tracker
from tracker.cli.trends_view import findings_text
from tracker.errors import RequestError, TrackerError
from tracker.trends import intervals
from tracker.trends.asked import Asked
from tracker.trends.asking import last_trends, trends_of
from tracker.trends.figures import figures
from tracker.trends.plots import panels, standalone
from tracker.trends.rows import rows

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from storage.database import Database
    from tracker.trends.documents import TrendsJson
    from tracker.trends.spans import By

YEARLY = Asked(categories=CATEGORIES)


def columns_of(kind: type, found: list[dict[str, Any]]) -> Any:
    """Columns of rows that are given as dictionaries."""
    made = {}
    for field in fields(kind):
        values = [row[field.name] for row in found]
        is_day = field.name in {"first", "last", "stated", "after", "before"}
        made[field.name] = np.array(values, dtype="datetime64[D]" if is_day else None)
    return kind(**made)


def shown(site: int, number: int, first: str, last: str, **more: Any) -> dict[str, Any]:
    row = {"site": site, "number": number, "first": first, "last": last, "stated": "NaT"}
    row |= {"words": 100 * number, "grade": 10.0 + number, "classified": True, "practices": 1}
    return row | more


def changed(site: int, number: int, after: str, before: str, *, silent: bool) -> dict[str, Any]:
    return {"site": site, "number": number, "after": after, "before": before, "silent": silent}


def worked_out(
    some: list[dict[str, Any]], moved: list[dict[str, Any]], asked: Asked = YEARLY
) -> TrendsJson:
    moved = moved or [changed(99, 1, "1900-01-01", "1999-01-01", silent=False)]
    return figures(columns_of(VersionColumns, some), columns_of(ChangeColumns, moved), asked)


def test_a_site_counts_once_a_period_with_the_last_version_that_it_knows() -> None:
    some = [
        shown(1, 1, "2015-02-01", "2016-03-01"),
        shown(1, 2, "2016-05-01", "2016-06-01"),
        shown(1, 3, "2016-11-01", "2018-01-05"),
        shown(2, 1, "2016-01-01", "2016-01-01", words=900),
    ]
    found = {point["period"]: point for point in worked_out(some, [])["periods"]}
    assert {name: point["policies"] for name, point in found.items()} == {
        "2015": 1,
        "2016": 2,
        "2017": 1,
        "2018": 1,
    }
    assert found["2016"]["words"]["median"] == 600  # of 300 and 900
    assert found["2017"]["words"]["median"] == 300


def test_a_gap_of_the_archive_leaves_open_what_was_in_force() -> None:
    some = [
        shown(1, 1, "2012-02-01", "2012-06-01"),
        shown(1, 2, "2015-02-01", "2015-03-01"),
    ]
    moved = [changed(1, 2, "2012-06-01", "2015-02-01", silent=True)]
    found = worked_out(some, moved)
    assert [point["period"] for point in found["periods"]] == ["2012", "2015"]
    assert (found["changes_across_gaps"], found["changes"]) == (1, 0)
    patient = Asked(categories=CATEGORIES, gap_months=36)
    early = Asked(categories=CATEGORIES, until=date(2013, 12, 31))
    told = worked_out(some, moved, early)
    assert (told["versions"], told["changes_across_gaps"]) == (1, 0)
    late = worked_out(some, moved, Asked(categories=CATEGORIES, since=date(2014, 1, 1)))
    assert (late["versions"], late["changes_across_gaps"]) == (1, 1)
    longer = worked_out(some, moved, patient)
    assert [point["period"] for point in longer["periods"]] == ["2012", "2013", "2014", "2015"]
    assert longer["periods"][-1]["silent_changes"]["count"] == 1


def test_a_change_has_the_day_that_its_text_states_within_the_window() -> None:
    some = [
        shown(1, 1, "2018-01-01", "2018-03-01"),
        shown(1, 2, "2018-07-01", "2018-12-01", stated="2018-05-25"),
        shown(2, 1, "2018-01-01", "2018-03-01"),
        shown(2, 2, "2018-07-01", "2018-12-01", stated="2001-01-01"),
    ]
    moved = [changed(site, 2, "2018-03-01", "2018-07-01", silent=False) for site in (1, 2)]
    found = worked_out(some, moved, Asked(categories=CATEGORIES, by="quarter"))
    assert {p["period"]: p["changes"]["count"] for p in found["periods"]} == {
        "2018-Q1": 0,
        "2018-Q2": 1,
        "2018-Q3": 1,
        "2018-Q4": 0,
    }
    [week] = found["weeks"]
    assert (week["week"], week["changes"], week["policies"]) == ("2018-05-21", 1, 2)
    assert week["marks"] == ["GDPR applies on 2018-05-25"]
    assert found["changes_without_a_week"] == 1


def test_categories_are_shares_of_the_policies_that_the_classifier_reads() -> None:
    some = [
        shown(1, 1, "2018-01-01", "2018-12-01", practices=0b101),
        shown(2, 1, "2018-01-01", "2018-12-01", practices=0b001),
        shown(3, 1, "2018-01-01", "2018-12-01", practices=0, classified=False, grade=np.nan),
    ]
    [point] = worked_out(some, [])["periods"]
    first, second, third = point["practices"][:3]
    assert [(s["policies"], s["n"]) for s in (first, second, third)] == [(2, 2), (0, 2), (1, 2)]
    assert point["policies"] == 3
    assert point["grade"] is not None
    assert point["grade"]["n"] == 2


def test_the_first_year_is_set_against_the_last_over_all_sites_and_the_same() -> None:
    some = []
    for site in range(1, 9):
        some += [
            shown(site, 1, "2009-02-01", "2010-01-01", words=1000 + site, grade=12.0),
            shown(site, 2, "2010-06-01", "2019-06-01", words=2 * (1000 + site), grade=13.0),
        ]
    some.append(shown(20, 1, "2019-01-01", "2019-06-01", words=100, grade=5.0))
    some.append(shown(21, 1, "1990-01-01", "1990-02-01", words=5, grade=5.0))
    asked = Asked(categories=CATEGORIES, since=date(2009, 1, 1), until=date(2019, 12, 31))
    found = worked_out(some, [], asked)["findings"]
    assert found is not None
    assert (found["first_year"], found["last_year"]) == ("2009", "2019")
    by = {(row["measure"], row["over"]): row for row in found["rows"]}
    assert by["words", "same sites"]["change"] == 2
    assert (by["words", "same sites"]["low"], by["words", "same sites"]["high"]) == (2, 2)
    assert by["grade", "same sites"]["change"] == 1
    assert by["words", "all sites"]["last"]["n"] == 9
    assert found["same_sites"] == 8


def test_findings_over_different_sites_say_so() -> None:
    some = [shown(1, 1, "2009-02-01", "2009-03-01"), shown(2, 1, "2012-02-01", "2012-03-01")]
    found = worked_out(some, [])
    assert found["findings"] is not None
    assert found["findings"]["same_sites"] == 0
    assert "no site is in both years" in findings_text(found)


def test_marks_of_weeks_stand_apart_however_short_the_span() -> None:
    some, moved = [], []
    for number, day in enumerate(("2018-05-25", "2020-01-01"), start=2):
        some.append(shown(1, number, day, day))
        moved.append(changed(1, number, day, day, silent=False))
    drawn = ET.fromstring(standalone(worked_out(some, moved)))  # noqa: S314 - our own drawing
    marks = [e for e in drawn.iter() if (e.text or "").endswith(("on 2018-05-25", "on 2020-01-01"))]
    assert len({mark.get("y") for mark in marks if mark.get("y")}) == 2


@pytest.mark.parametrize("by", ["month", "quarter", "year"])
def test_every_period_is_drawn_and_listed(by: By) -> None:
    some = [shown(site, 1, "2017-12-30", "2018-07-02") for site in range(8)]
    found = worked_out(some, [], Asked(categories=CATEGORIES, by=by))
    drawn = ET.fromstring(standalone(found))  # noqa: S314 - our own drawing
    said = "".join(drawn.itertext())
    assert all(f"{point['period']}: 8 policies in force" in said for point in found["periods"])
    assert {row["period"] for row in rows(found)} == {p["period"] for p in found["periods"]}
    assert all("style=" not in panel.svg() for panel in panels(found))


def test_names_of_a_model_of_ones_own_are_no_markup() -> None:
    hostile = "<script>alert(1)</script>"
    asked = Asked(categories=(hostile,))
    found = worked_out([shown(1, 1, "2018-01-01", "2018-12-01")], [], asked)
    assert "<script" not in standalone(found)
    assert "&lt;script&gt;" in standalone(found)


def test_intervals() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 0 of 20.
    assert intervals.of_share(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert intervals.of_share(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert intervals.of_share(0, 0) == (0, 1)
    # Order statistics 40 and 61 of a hundred (Conover).
    assert intervals.of_median(np.arange(1, 101)) == (40, 61)
    assert intervals.of_median(np.arange(5)) is None
    assert intervals.of_rate(0, 10, 0)[1] == pytest.approx(0.384, abs=1e-3)
    wide, narrow = intervals.of_rate(10, 10, 100), intervals.of_rate(10, 10, 10)
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def keep(db: Database, domain: str, language: str = "en") -> None:
    """Two versions of a site, the second silent."""
    with db.write() as conn:
        site = sites.add(conn, domain)
        kept = []
        for number, stamp in enumerate(("20180101000000", "20190301000000"), start=1):
            capture = Capture(
                urlkey="k",
                timestamp=stamp,
                original=f"https://{domain}/privacy",
                mimetype="text/html",
                statuscode=200,
                digest="-",
            )
            captures.record(conn, site.id, "wayback", "policy", [capture])
            [listed] = captures.of_site(conn, site.id, state="listed")
            memento = Memento(
                capture=capture,
                archive_url="http://archive/1",
                status=200,
                headers=(),
                body=stamp.encode(),
                fetched_at=capture.moment,
            )
            snapshot = snapshots.keep(conn, listed.id, memento)
            screening = Screening(verdict=Verdict.POLICY, reason="", policy_score=1.0)
            snapshots.judge(conn, snapshot, screening, Document(markdown=stamp), normalizer="1")
            version = Version(
                id=f"{site.id}-{number}",
                number=number,
                url=capture.original,
                first_seen=capture.moment,
                last_seen=datetime(2018, 12, 1, tzinfo=UTC) if number == 1 else capture.moment,
                captures=1,
                archive_url="http://archive/1",
                stated_date=None,
                language=language,
                words=number * 500,
                text_sha256="0" * 64,
                practices={"Data Security": 2, "Other": 1} if language == "en" else {},
                grade=12.5,
            )
            kept.append(DerivedVersion(version=version, snapshot_id=snapshot))
        versions.replace(conn, site.id, kept, made_by={"normalizer": "1"})
        change = Change(
            old_number=1,
            new_number=2,
            after=kept[0].version.last_seen,
            before=kept[1].version.first_seen,
            silent=True,
            words_added=500,
            words_removed=0,
        )
        changes.replace(conn, site.id, [change])


def test_trends_are_kept_until_a_site_is_derived_anew(db: Database) -> None:
    assert last_trends(db, YEARLY) is None
    assert trends_of(db, YEARLY)["periods"] == []
    keep(db, "a.example")
    keep(db, "b.example", language="de-DE")
    kept = last_trends(db, YEARLY)
    assert kept is not None
    assert not kept[1]
    found = trends_of(db, YEARLY)
    assert [(point["period"], point["policies"]) for point in found["periods"]] == [
        ("2018", 2),
        ("2019", 2),
    ]
    point = found["periods"][1]
    assert point["silent_changes"]["count"] == 2
    mentioned = {s["category"]: (s["policies"], s["n"]) for s in point["practices"] if s["share"]}
    assert mentioned == {"Data Security": (1, 1), "Other": (1, 1)}
    assert trends_of(db, YEARLY) == found
    assert last_trends(db, YEARLY) == (found, True)
    only = Asked(categories=CATEGORIES, which=Which(site_ids=(1,)))
    assert trends_of(db, only)["sites"] == 1
    assert trends_of(db, Asked(categories=CATEGORIES, which=Which(tag="none")))["sites"] == 0


def test_the_command_writes_every_format(db: Database, database_url: str, tmp_path: Path) -> None:
    keep(db, "a.example")

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(tracker, ["trends", "--db", database_url, *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "2019" in run()
    document = json.loads(run("--format", "json", "--by", "month", "--from", "2018-06"))
    assert document["periods"][0]["period"] == "2018-06"
    assert run("--format", "csv").startswith("period,from,to,measure,category,sites,count,value")
    assert "× 2.00" in run("--findings")
    for error, wrong in (
        (RequestError("from 2020-01-01 lies after to 2016-12-31"), ("--from", "2020", "--to=2016")),
        (TrackerError("no site is tagged zz"), ("--tag", "zz")),
    ):
        refused = CliRunner().invoke(tracker, ["trends", "--db", database_url, *wrong])
        assert (type(refused.exception), str(refused.exception)) == (type(error), str(error))
    run("-o", str(tmp_path / "trends.svg"))
    assert (tmp_path / "trends.svg").read_text(encoding="utf-8").startswith("<svg")
