"""Reports: to scale, folded, and never letting archived text become markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from storage.records import Change, PolicyUrl, PracticeCount, Version
from storage.review_records import Review, ReviewVerdict
from tracker.comparison import compare
from tracker.history import History
from tracker.reports.document import report_document
from tracker.reports.folding import Fold, fold
from tracker.reports.html import render_html, web_address
from tracker.reports.markdown import render_markdown
from tracker.reports.model import ChangeDetail, Report, SiteReport
from tracker.reports.rows import rows_html
from tracker.reports.runs import cells, runs
from tracker.reports.timeline import timeline

INJECTION = "<script>alert(1)</script> [x](javascript:alert(2)) <img src=x onerror=alert(3)>"


def version(number: int, first: datetime, last: datetime) -> Version:
    return Version(
        id=f"v{number}",
        number=number,
        url="https://a.example/privacy",
        first_seen=first,
        last_seen=last,
        captures=2,
        archive_url="javascript:alert(4)",
        stated_date=date(2015, 5, 1),
        language="en",
        words=10,
        text_sha256="ab" * 32,
        practices={"Data Retention": number},
    )


def review() -> Review:
    return Review(
        old_sha256="ab" * 32,
        new_sha256="ab" * 32,
        revision=1,
        verdict=ReviewVerdict.IMPORTANT,
        note=f"Keeps it longer. {INJECTION}",
        tags=(INJECTION,),
        reviewer=f"Ann {INJECTION}",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def report() -> Report:
    first = version(1, datetime(2015, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC))
    second = version(2, datetime(2018, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
    change = Change(
        old_number=1,
        new_number=2,
        after=first.last_seen,
        before=second.first_seen,
        silent=True,
        words_added=3,
        words_removed=1,
        practices=(PracticeCount(category="Data Retention", modified=1),),
        score=21,
        reasons=("period changed: “six months” → “two years”", INJECTION),
    )
    same = "\n\n".join(f"Paragraph number {n} says what it says." for n in range(9))
    old = f"{same}\n\nWe keep data for six months. {INJECTION}\n"
    new = f"{same}\n\nWe keep data for two years. {INJECTION}\n"
    history = History(
        site="<b>a.example</b>",
        policies=(PolicyUrl(url=f"https://a.example/{INJECTION}", how="given"),),
        versions=(first, second),
        changes=(change,),
        reviews={2: review()},
    )
    detail = ChangeDetail(
        change=change,
        old=first,
        new=second,
        comparison=compare(old, new),
        after_url="https://archive.example/20160101/",
        before_url=f"javascript:alert(5){INJECTION}",
    )
    site = SiteReport(history=history, details=(detail,), captures=(first.first_seen,))
    return Report(sites=(site,), made_at=datetime(2026, 1, 1, tzinfo=UTC))


def test_html_is_self_contained_and_shows_the_change(report: Report) -> None:
    html = render_html(report)
    assert "<ins><strong>two" in html
    assert "<del><strong>six" in html
    assert "8 unchanged" in html
    assert "between 2016-01-01 and 2018-01-01" in html
    assert 'src="http' not in html
    assert "@import" not in html


def test_archived_text_never_becomes_markup(report: Report) -> None:
    html = render_html(report)
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert 'href="javascript' not in html
    markdown = render_markdown(report)
    assert "<script" not in markdown.replace("\\<", "")
    assert "[x](javascript" not in markdown
    assert "\\[x\\](javascript" in markdown


def test_a_change_shows_why_it_may_matter_and_what_was_said(report: Report) -> None:
    html = render_html(report)
    assert "materiality 21" in html
    assert "Reviewed as important" in html
    assert "Keeps it longer." in html
    markdown = render_markdown(report)
    assert "materiality 21: period changed" in markdown
    assert "reviewed as important by Ann" in markdown
    change = report_document(report)["sites"][0]["comparisons"][0]
    assert (change["score"], change["review"]["verdict"]) == (21, "important")


def test_many_sites_begin_with_what_is_most_material(report: Report) -> None:
    [site] = report.sites
    [detail] = site.details
    louder = replace(
        site,
        history=replace(site.history, site="loud.example"),
        details=(replace(detail, change=replace(detail.change, score=80)),),
    )
    silent = replace(site, history=replace(site.history, site="still.example"), details=())
    both = replace(report, sites=(site, louder, silent))
    assert [one.site.history.site for one in both.ranked] == ["loud.example", "<b>a.example</b>"]
    html = render_html(both)
    assert html.index("#change-2-2") < html.index("#change-1-2")
    assert "at <strong>2</strong> of 3 sites" in html
    assert 'id="version-2-1"' in html
    markdown = render_markdown(both)
    assert markdown.index("| 80 | loud.example 1 → 2") < markdown.index("| 21 | ")
    assert report_document(both)["summary"]["sites_changed"] == 2
    lately = replace(both, since=datetime(2017, 1, 1, tzinfo=UTC))
    assert 'id="site-3"' in html
    assert 'id="site-3"' not in render_html(lately)
    assert "still.example" in render_html(lately)
    assert "No change: still.example." in render_markdown(lately)
    assert "## still.example" not in render_markdown(lately)


def test_a_table_is_shown_cell_by_cell() -> None:
    old = "| Kind | Kept |\n| --- | --- |\n| Logs | 30 days |\n"
    new = "| Kind | Kept |\n| --- | --- |\n| Logs<br>Traces | 90 days |\n"
    row = compare(old, new)["segments"][-1]
    first, second = cells(runs(row))
    assert "".join(text for op, run in first if op >= 0 for text, _ in run) == "Logs\nTraces"
    assert second[0] == (-1, [("30", True)])
    assert "".join(text for op, run in second if op >= 0 for text, _ in run).strip() == "90 days"
    html = str(rows_html([row]))
    assert html.count("<span dir") == 2
    assert "|" not in html


def test_gaps_of_the_archive_are_gaps(report: Report) -> None:
    [site] = report.sites
    days = [datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 6, 1, tzinfo=UTC)]
    holed = replace(site, captures=tuple(days), unread=(datetime(2020, 1, 1, tzinfo=UTC),))
    assert [gap.days for gap in holed.gaps] == [516, 214]
    html = render_html(replace(report, sites=(holed,)))
    assert "no capture between 2018-01-01 and 2019-06-01" in html
    assert "from 2018-01-01 to 2019-06-01 (516 days)" in html
    assert 'class="tick unread"' in html
    assert len(report_document(replace(report, sites=(holed,)))["sites"][0]["gaps"]) == 2


def test_one_version_alone_and_a_huge_one_are_reported(report: Report) -> None:
    [site] = report.sites
    alone = replace(site, history=replace(site.history, changes=()), details=())
    assert "None." in render_html(replace(report, sites=(alone,)))
    [detail] = site.details
    text = "We keep what you send for as long as the law asks us to. " * 8_000
    comparison = compare(text, text + "And then some.")
    huge = replace(site, details=(replace(detail, comparison=comparison),))
    assert "And then some." in render_html(replace(report, sites=(huge,)))


def test_only_web_addresses_become_links() -> None:
    assert web_address("https://web.archive.org/x") == "https://web.archive.org/x"
    assert web_address("warc:file.warc.gz#12") == ""
    assert web_address("JavaScript:alert(1)") == ""


def test_json_holds_histories_and_comparisons(report: Report) -> None:
    site = report_document(report)["sites"][0]
    assert site["changes"][0]["after"] == "2016-01-01T00:00:00Z"
    assert site["comparisons"][0]["diff"]["words_added"] > 0


def test_timeline_is_drawn_to_scale(report: Report) -> None:
    history = report.sites[0].history
    svg = str(timeline(history.versions, history.changes, ()))
    # Five years over 944 pixels from x = 8: the second version begins after three of them.
    assert 'x="574.' in svg
    assert "changed between 2016-01-01 and 2018-01-01" in svg
    assert svg.count("<a href") == 2


def test_timeline_of_a_single_capture_has_width() -> None:
    moment = datetime(2015, 1, 1, tzinfo=UTC)
    svg = str(timeline([version(1, moment, moment)], [], [moment]))
    assert "nan" not in svg
    assert "<rect" in svg


def test_a_site_without_versions_says_so(report: Report) -> None:
    empty = replace(
        report.sites[0],
        details=(),
        captures=(),
        history=History(site="b.example", policies=(), versions=(), changes=()),
    )
    html = render_html(replace(report, sites=(empty,)))
    assert "No version of this policy is known yet." in html
    nothing = replace(report, sites=())
    assert "No site is tracked yet." in render_html(nothing)
    assert "No site is tracked yet." in render_markdown(nothing)


def test_folding_counts_every_segment_once(report: Report) -> None:
    rows = report.sites[0].details[0].comparison["segments"]
    folded = fold(rows)
    assert sum(row.segments if isinstance(row, Fold) else 1 for row in folded) == len(rows)
    assert isinstance(folded[0], Fold)
    assert fold([]) == []


def test_runs_read_like_text() -> None:
    comparison = compare(
        "## Data [retention](https://a.example/old)\n\nKept.\n",
        "## Data [retention](https://a.example/new)\n\nKept for a year.\n",
    )
    heading, body = comparison["segments"]
    assert runs(heading) == [(0, [("Data retention", False)])]
    assert (
        "".join(text for op, run in runs(body) if op >= 0 for text, _ in run) == "Kept for a year."
    )
