"""``tracker compare`` in all its forms, on files; no database."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from rich.console import Console

from tracker.cli.compare import command
from tracker.cli.diff_view import print_comparison
from tracker.comparison import compare
from tracker.errors import RequestError
from tracker.reports.sides import Compared, Side

if TYPE_CHECKING:
    from click.testing import Result

REST = "\n\n".join(
    f"We collect personal information number {n} and protect your privacy." for n in range(12)
)
OLD = f"# Privacy policy\n\nWe may keep your data for 30 days. \x1b[31m\n\n{REST}\n"
NEW = (
    f"# Privacy policy\n\nWe will keep your data for 90 days. <script>\u202e 👩\u200d👧\n\n{REST}\n"
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.md").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.md").write_text(NEW, encoding="utf-8")
    return CliRunner()


def shown(run: CliRunner, *options: str) -> str:
    return done(run, *options).stdout


def done(run: CliRunner, *options: str) -> Result:
    return run.invoke(command, ["old.md", "new.md", *options], catch_exceptions=False)


def test_text_folds_what_did_not_change(run: CliRunner) -> None:
    lines = shown(run).splitlines()
    assert "[-may-]{+will+} keep your data for [-30-]{+90+} days" in lines[1]
    assert "… 11 unchanged" in lines[3]
    assert "… 12 unchanged" in shown(run, "--context", "0")
    assert len(shown(run, "--context", "50").splitlines()) == len(lines) + 10


def test_markdown_and_html_let_no_archived_text_become_markup(run: CliRunner) -> None:
    assert "\\<script\\>" in shown(run, "--format", "md")
    done(run, "-o", "change.html")
    page = Path("change.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page
    assert "<del><strong>may</strong></del><ins><strong>will</strong></ins>" in page
    assert "http" not in page.partition("<main>")[0].replace("http-equiv", "")


def test_rows_as_lines_of_json(run: CliRunner) -> None:
    rows = [json.loads(line) for line in shown(run, "--format", "jsonl").splitlines()]
    assert [row["op"] for row in rows].count("modified") == 1
    assert "".join(row["new_text"] for row in rows).endswith("number 11 and protect your privacy.")


def test_only_and_ignore_stand_in_the_document(run: CliRunner) -> None:
    document = json.loads(shown(run, "--format", "json", "--only", "security", "--ignore", "dates"))
    assert document["only"] == ["Data Security"]
    assert document["ignore"] == ["dates"]
    assert not document["segments"]
    assert not document["identical"]


def test_a_patch_is_whole(run: CliRunner) -> None:
    assert shown(run, "--format", "unified").startswith("diff --git a/new.md b/new.md\nindex ")
    with pytest.raises(RequestError, match="must apply"):
        done(run, "--format", "unified", "--only", "other")


def test_side_by_side_where_the_terminal_is_wide() -> None:
    compared = Compared(
        name="a",
        old=Side(markdown=OLD, label="the old one"),
        new=Side(markdown=NEW, label="the new one"),
        comparison=compare(OLD, NEW),
    )
    for width, wide in ((160, True), (100, False)):
        page = StringIO()
        out = Console(file=page, width=width, force_terminal=True, highlight=False)
        print_comparison(compared, out, context=1)
        text = page.getvalue()
        assert ("the old one" in text) == wide
        assert "\x1b[31m\n" not in text
        assert "\u202e" not in text
        assert "👩\u200d👧" in text
