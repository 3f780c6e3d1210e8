"""Single commands on a crawled database: their output, and how each kind of bad input ends."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import PARTLY, CommandLine, failed
from tests.integration.conftest import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import StartWayback

POLICY = """# Privacy Policy

Last updated: May 12, 2015

We collect your name, e-mail address and payment details when you open an account with our service.

We share personal information with advertising partners, who use cookies to show you advertisements.

We keep your personal data for six months after you close your account, and then we delete it.

We protect your information with encryption and other reasonable security measures.
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A folder with one crawled site."""
    command = CommandLine(folder=tmp_path_factory.mktemp("commands"))
    done = command("crawl", "lumenpost.example", "--archive", f"warc:{SAMPLE}")
    assert done.status == 0, done.err
    return command


def test_show_gives_text_segments_and_bytes(run: CommandLine) -> None:
    text = run("show", "lumenpost.example#2").out
    assert text.startswith("#")
    document = run("show", "lumenpost.example#2", "--format", "json").document
    assert document["number"] == 2
    assert {"text", "heading", "kind", "practices"} == set(document["segments"][0])
    raw = run("show", "lumenpost.example#2", "--format", "raw").out
    assert "<html" in raw.lower()


def test_a_version_is_found_by_date_number_and_id(run: CommandLine) -> None:
    by_number = run("show", "lumenpost.example#2", "--format", "json").document
    on_that_day = by_number["first_seen"][:10]
    assert run("show", f"lumenpost.example@{on_that_day}", "--format", "json").document == by_number
    assert run("show", by_number["id"], "--format", "json").document == by_number
    failed(run("show", "lumenpost.example#99"), "no version 99")
    failed(run("show", "lumenpost.example@1999-01-01"), "1999-01-01")
    failed(run("show", "nonsense"), "SITE#3")


def test_diff_joins_to_both_texts(run: CommandLine) -> None:
    document = run(
        "diff", "lumenpost.example#2", "lumenpost.example#3", "--format", "json"
    ).document
    rows = document["segments"]
    for side, keep in (("old", -1), ("new", 1)):
        text = run("show", f"lumenpost.example#{2 if side == 'old' else 3}").out
        ordered = sorted(
            (row for row in rows if row[side] is not None), key=lambda row: int(row[side])
        )
        assert "".join(row[f"{side}_text"] for row in ordered).strip() == text.strip()
        for row in ordered:
            words = "".join(word for op, word in row["words"] if op in (0, keep))
            if row["op"] == "modified":
                assert words == row[f"{side}_text"]
    assert document["words_added"] > 0
    assert not document["identical"]
    assert "{+24+} months" in run("diff", "lumenpost.example#2", "lumenpost.example#3").out


def test_explain_names_every_capture(run: CommandLine) -> None:
    document = run("explain", "lumenpost.example#2", "--format", "json").document
    assert document["reason"]
    assert {2} < {capture["version"] for capture in document["captures"]}
    assert all(capture["reason"] for capture in document["captures"])
    raw = subprocess.run(
        [sys.executable, "-m", "tracker", "show", "lumenpost.example#2", "--format", "raw"],
        cwd=run.folder,
        capture_output=True,
        check=True,
    ).stdout
    assert hashlib.sha256(raw).hexdigest() in {c["body_sha256"] for c in document["captures"]}


def test_reports_in_three_formats(run: CommandLine) -> None:
    done = run("report", "lumenpost.example", "-o", "r.html")
    assert done.status == 0
    assert (run.folder / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("report", "lumenpost.example", "--format", "md").out.startswith("# ")
    document = run("report", "--since", "2019-01-01", "--format", "json").document
    assert len(document["sites"][0]["comparisons"]) < len(document["sites"][0]["changes"])
    failed(run("report", "lumenpost.example", "-o", "no/such/folder/r.html"), "cannot write")


def test_discover_says_why(run: CommandLine) -> None:
    done = run("discover", "lumenpost.example", "--archive", f"warc:{SAMPLE}", "--format", "json")
    assert done.status == 0, done.err
    site = done.document["sites"][0]
    assert all(policy["evidence"] for policy in site["policies"])
    assert {policy["url"] for policy in site["policies"]} == {
        "http://www.lumenpost.example/privacy.html",
        "https://lumenpost.example/legal/privacy",
    }


def test_reprocess_changes_nothing_while_the_normalizer_is_the_same(run: CommandLine) -> None:
    before = run("history", "lumenpost.example", "--format", "json").document
    done = run("reprocess")
    assert done.status == 0, done.err
    assert run("history", "lumenpost.example", "--format", "json").document == before


def test_normalize_streams_in_order(run: CommandLine) -> None:
    (run.folder / "p.html").write_text(
        f"<html><body><nav><a href=/>Home</a></nav><main>{POLICY.replace('# ', '')}</main></body>",
        encoding="utf-8",
    )
    lines = [
        {"id": "a", "path": "p.html"},
        {
            "id": "b",
            "body_base64": base64.b64encode(POLICY.encode()).decode(),
            "content_type": "text/markdown",
        },
        {"id": "c", "body_base64": base64.b64encode(b"").decode()},
        {"id": "d", "path": "missing.html"},
    ]
    done = run("normalize", stdin="\n".join(map(json.dumps, lines)) + "\nnot json\n")
    assert done.status == PARTLY
    first, second, third, fourth, fifth = done.lines
    assert [line["id"] for line in done.lines] == ["a", "b", "c", "d", None]
    assert second["verdict"] == "policy"
    assert second["stated_date"] == "2015-05-12"
    assert second["language"] == "en"
    assert second["segments"][0]["text"] == "Privacy Policy"
    assert "Home" not in first["markdown"]
    assert third["verdict"] == "empty"
    assert "missing.html" in fourth["error"]
    assert "JSON" in fifth["error"]


def test_classify_names_categories(run: CommandLine) -> None:
    lines = [
        {"id": 1, "text": "We share your personal information with advertisers and partners."},
        {"id": 2, "text": ""},
    ]
    done = run("classify", stdin="\n".join(map(json.dumps, lines)))
    assert done.status == 0, done.err
    first, second = done.lines
    assert "Third Party Sharing/Collection" in first["categories"]
    assert len(first["scores"]) == 10
    assert all(0 <= score <= 1 for score in first["scores"].values())
    assert second["categories"] == []


def test_compare_in_batches(run: CommandLine) -> None:
    longer = POLICY.replace("six months", "24 months")
    missing = "# 404\n\nThe page that you are looking for was not found."
    lines = [
        {"id": "same", "old": POLICY, "new": POLICY},
        {"id": "longer", "old": POLICY, "new": longer},
        {"id": "gone", "old": POLICY, "new": missing},
    ]
    done = run("compare", "--jsonl", stdin="\n".join(map(json.dumps, lines)))
    assert done.status == 0, done.err
    same, changed, gone = done.lines
    assert same["identical"]
    assert same["practices"] == []
    assert same["comparable"]
    assert not changed["identical"]
    assert {"category": "Data Retention", "added": 0, "removed": 0, "modified": 1} in changed[
        "practices"
    ]
    for line, (old, new) in zip(done.lines, ((p["old"], p["new"]) for p in lines), strict=True):
        rows = line["segments"]
        for side, text in (("old", old), ("new", new)):
            own = sorted((r for r in rows if r[side] is not None), key=lambda r: int(r[side]))
            assert "".join(row[f"{side}_text"] for row in own) == text
    assert not gone["comparable"]
    assert gone["why"]
    assert gone["practices"] == []


def test_compare_two_files(run: CommandLine) -> None:
    (run.folder / "old.md").write_text(POLICY, encoding="utf-8")
    (run.folder / "new.txt").write_text(POLICY.replace("six", "nine"), encoding="utf-8")
    done = run("compare", "old.md", "new.txt", "--format", "json")
    assert done.status == 0, done.err
    assert (done.document["words_added"], done.document["words_removed"]) == (1, 1)
    assert "nine" in run("compare", "old.md", "new.txt").out
    failed(run("compare", "old.md", "none.md"), "cannot read none.md")


def test_a_day_that_no_capture_covers_is_said_to_be_doubtful(run: CommandLine) -> None:
    between = run("show", "lumenpost.example@2018-05-27")
    assert between.status == 0
    assert "version 3 was last seen on 2017-08-09" in between.err
    assert "either may have been in force" in between.err
    assert run("show", "lumenpost.example@2019-01-01").err == ""


def test_a_terminal_that_cannot_show_all_gets_what_it_can(run: CommandLine) -> None:
    done = run("history", "lumenpost.example", PYTHONIOENCODING="ascii")
    assert done.status == 0, done.err
    escaped = run("show", "lumenpost.example#1", "--format", "json", PYTHONIOENCODING="ascii")
    assert escaped.document == run("show", "lumenpost.example#1", "--format", "json").document


def test_usage_errors_end_with_two(run: CommandLine) -> None:
    for arguments in (("history",), ("nonsense",), ("compare", "old.md"), ("crawl", "--from", "x")):
        done = run(*arguments)
        assert done.status == 2, arguments
        assert "Traceback" not in done.err


def test_unknown_things_are_named(run: CommandLine, tmp_path: Path) -> None:
    failed(run("history", "unknown.example"), "tracker crawl unknown.example")
    failed(run("crawl", "not a domain"), "not a domain", status=2)
    failed(run("crawl", "ghost.invalid"), "nobody knows its domain")
    failed(run("crawl", "unknown.example", "--archive", f"warc:{SAMPLE}"), "unknown.example")
    failed(run("crawl", "a.example", "--archive", "ftp:x"), "unknown archive", status=2)
    failed(run("crawl", "a.example", "--strategy", "some"), "adaptive, digest", status=2)
    failed(run("crawl", "a.example", "--from", "2020", "--to", "2019"), "lies after", status=2)
    failed(run("crawl", "a.example", "--archive", "warc:none.warc.gz"), "none.warc.gz")
    failed(run("crawl", "a.example", "--cdx-per-minute", "0"), "web.archive.org", status=2)
    config = tmp_path / "config.toml"
    config.write_text("[archive]\ncdx_per_minit = 3\n", encoding="utf-8")
    failed(run("history", "x.example", "--config", str(config)), "cdx_per_minute")


def test_dates_that_no_calendar_has_are_refused(run: CommandLine) -> None:
    for day in ("2015-13", "2015-02-30", "yesterday", "2015-1-1"):
        done = run("crawl", "lumenpost.example", "--from", day)
        assert done.status == 2
        assert day in done.err


def test_a_broken_warc_is_named(run: CommandLine, tmp_path: Path) -> None:
    broken = tmp_path / "broken.warc.gz"
    broken.write_bytes(b"this is no WARC at all" * 50)
    failed(run("crawl", "lumenpost.example", "--archive", f"warc:{broken}"), "broken.warc.gz")


def test_a_damaged_record_costs_only_itself(tmp_path: Path) -> None:
    cut = tmp_path / "cut.warc.gz"
    whole = SAMPLE.read_bytes()
    cut.write_bytes(whole[: len(whole) * 3 // 4])
    command = CommandLine(folder=tmp_path)
    done = command("crawl", "harborcart.example", "--archive", f"warc:{cut}")
    assert done.status in (0, PARTLY)
    assert "Traceback" not in done.err
    assert command("history", "harborcart.example", "--format", "json").document["versions"]


def test_an_archive_that_is_down_is_named(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[archive]\npause_seconds = 0.05\n", encoding="utf-8")
    run = CommandLine(folder=tmp_path)
    failed(run("crawl", "a.example", "--archive", "wayback:http://127.0.0.1:9"), "127.0.0.1:9")


def test_an_excluded_site_is_named(start_wayback: StartWayback, tmp_path: Path) -> None:
    from tests.standins.faults import Faults

    wayback = start_wayback(faults=Faults(excluded=frozenset({"lumenpost.example"})))
    run = CommandLine(folder=tmp_path)
    limits = ("--cdx-per-minute", "0", "--replay-per-minute", "0")
    done = run("crawl", "lumenpost.example", "--archive", f"wayback:{wayback.url}", *limits)
    assert done.status == 1
    assert "exclude" in done.err
    assert "Traceback" not in done.err


def test_a_database_of_a_newer_schema_is_refused(run: CommandLine, tmp_path: Path) -> None:
    assert run("add", "a.example", "--db", str(tmp_path / "n.db")).status == 0
    with sqlite3.connect(tmp_path / "n.db") as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    conn.close()
    failed(run("history", "a.example", "--db", str(tmp_path / "n.db")), "newer")
    (tmp_path / "text.db").write_text("this is no database, it is text" * 100, encoding="utf-8")
    failed(run("history", "a.example", "--db", str(tmp_path / "text.db")), "not a database")


def test_doctor_finds_and_names(run: CommandLine, tmp_path: Path) -> None:
    done = run("doctor", "--deep", "--archive", f"warc:{SAMPLE}")
    assert done.status == 0, done.out
    assert done.out.count("ok ") == len(done.out.splitlines())
    bad = run("doctor", "--archive", "wayback:http://127.0.0.1:9")
    assert bad.status == 1
    assert "FAIL archive" in bad.out
    fresh = CommandLine(folder=tmp_path)("doctor", "--archive", f"warc:{SAMPLE}")
    assert fresh.status == 0, "before the first use nothing is wrong"
    assert "ok   database: no database at tracker.db: add or crawl a site first" in fresh.out


def test_every_command_has_help_with_an_example(run: CommandLine) -> None:
    from tracker.cli.main import COMMANDS

    for name in COMMANDS:
        done = run(name, "--help")
        assert done.status == 0
        assert "Example" in done.out, name
