"""`tracker review` as a person and a script use it: the queue, verdicts, keys through a pipe."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE
from tracker.classify.own_labels import read_own

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

SITES = ("harborcart.example", "tidewell-health.example")
FIELDS = {
    *("id", "site", "from", "to", "after", "before", "categories", "silent", "score", "state"),
}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with two crawled sites."""
    folder: Path = tmp_path_factory.mktemp("crawled")
    done = CommandLine(folder=folder)("crawl", *SITES, "--archive", f"warc:{SAMPLE}")
    assert done.status == 0, done.err
    return folder / "tracker.db"


@pytest.fixture
def run(crawled: Path, tmp_path: Path) -> CommandLine:
    """A folder with a copy of that database."""
    shutil.copy(crawled, tmp_path / "tracker.db")
    return CommandLine(folder=tmp_path)


def queue(run: CommandLine, *arguments: str) -> list[dict[str, Any]]:
    done = run("review", "list", *arguments, "--format", "json")
    assert done.status == 0, done.err
    document: list[dict[str, Any]] = done.document
    return document


def test_a_change_goes_through_the_queue(run: CommandLine) -> None:
    waiting = queue(run)
    assert len(waiting) == 9
    assert all(one.keys() >= FIELDS and one["state"] == "open" for one in waiting)
    scores = [one["score"] for one in waiting]
    assert scores == sorted(scores, reverse=True)
    first, last = waiting[0], waiting[-1]
    assert last["reasons"] == ["the same passages in another order"]
    assert first["score"] > 40
    assert queue(run, "--min-score", "30", "--limit", "2") == waiting[:2]
    assert all("Data Retention" in one["categories"] for one in queue(run, "--category", "reten"))

    name = f"{first['site']}#{first['from']}..{first['to']}"
    done = run("review", "mark", name, "important", "--note", "sold", "--tag", "x", "--as", "Ann")
    assert (done.status, done.out) == (0, "")
    assert queue(run) == waiting[1:]
    [marked] = queue(run, "--state", "important", "--tag", "x")
    assert marked["id"] == first["id"]
    assert (marked["review"]["reviewer"], marked["review"]["note"]) == ("Ann", "sold")

    again = run("review", "mark", first["id"], "routine", TRACKER_REVIEWER="Ben")
    assert "Ben" in again.err
    shown = run("review", "show", first["id"], "--format", "json").document
    assert [one["verdict"] for one in shown["history"]] == ["important", "routine"]
    assert shown["diff"]["segments"]

    stale = run("review", "mark", name, "false", "--revision", "1")
    assert stale.status == 1
    assert "Ben marked it routine" in stale.err
    undone = run("review", "undo", name, "--format", "json")
    assert undone.document["state"] == "important"


def test_what_is_said_outlives_reprocessing_and_is_told_elsewhere(run: CommandLine) -> None:
    site = SITES[0]
    run("review", "mark", f"{site}#1..2", "important", "--note", "ads", "--as", "Ann")
    [before] = queue(run, "--state", "reviewed")
    assert run("reprocess", site).status == 0
    [after] = queue(run, "--state", "reviewed")
    assert after == before
    history = run("history", site, "--format", "json").document
    assert history["changes"][0]["score"] == before["score"]
    assert history["changes"][0]["review"]["verdict"] == "important"
    assert history["changes"][1]["review"] is None
    report = run("report", site, "--format", "md").out
    assert "Ann" in report
    assert "ads" in report


def test_keys_through_a_pipe(run: CommandLine) -> None:
    waiting = queue(run)
    keys = "x i n\nmy note\n t\nsale\n r u f s q"
    done = run("review", "next", "--as", "Ann", stdin=keys)
    assert done.status == 0, done.err
    assert "2 changes reviewed by Ann" in done.err
    said = {one["id"]: one for one in queue(run, "--state", "reviewed")}
    assert said[waiting[0]["id"]]["state"] == "important"
    second = run("review", "show", waiting[1]["id"], "--format", "json").document
    assert [one["verdict"] for one in second["history"]] == ["routine", None, "false"]
    assert second["history"][0]["note"] == "my note"
    assert second["history"][0]["tags"] == ["sale"]
    assert waiting[2]["id"] not in said


def test_a_note_without_a_verdict_is_kept_and_the_change_stays(run: CommandLine) -> None:
    waiting = queue(run)
    run("review", "next", "--as", "Ann", stdin="nlook at the table again\nq")
    assert [one["id"] for one in queue(run)] == [one["id"] for one in waiting]
    assert queue(run)[0]["review"]["note"] == "look at the table again"


def test_false_versions_and_wrong_categories_are_label_lines(run: CommandLine) -> None:
    run("review", "mark", f"{SITES[0]}#3..4", "false")
    run("review", "mark", f"{SITES[1]}#2..3", "important", "--label", "2=retention,sharing")
    done = run("review", "export", "-o", "labels.jsonl")
    assert done.status == 0, done.err
    lines = [json.loads(line) for line in (run.folder / "labels.jsonl").read_bytes().splitlines()]
    assert {line["policy"] for line in lines} == set(SITES)
    [relabelled] = [line for line in lines if line["categories"]]
    assert relabelled["categories"] == ["Data Retention", "Third Party Sharing/Collection"]
    assert len([line for line in lines if not line["categories"]]) == 8
    examples = [
        json.dumps({"text": f"We keep and share it for {n} days", "categories": names})
        for n in range(20)
        for names in (["Data Retention"], ["Third Party Sharing/Collection"])
    ]
    both = run.folder / "both.jsonl"
    both.write_text("\n".join([*map(json.dumps, lines), *examples]), encoding="utf-8")
    assert len(read_own(both).texts) == len(lines) + 20
    known = {"score", "reasons", "verdict"}
    assert run("export", "jsonl", "-o", "corpus").status == 0
    reviews = (run.folder / "corpus" / "reviews.jsonl").read_text().splitlines()
    assert [json.loads(line)["verdict"] for line in reviews] == ["false", "important"]
    changes = (run.folder / "corpus" / "changes.jsonl").read_text().splitlines()
    assert json.loads(changes[0]).keys() >= known


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("mark", "nonsense", "false"), 2, "names no change"),
        (("mark", f"{SITES[0]}#9", "false"), 1, "no change"),
        (("mark", f"{SITES[0]}#1..3", "false"), 1, "no change"),
        (("mark", "0123456789ab-0123456789ab", "false"), 1, "no change"),
        (("mark", f"{SITES[0]}#1..2", "maybe"), 2, "'maybe' is not one of"),
        (("mark", f"{SITES[0]}#1..2", "false", "--as", " "), 2, "a reviewer's name"),
        (("mark", f"{SITES[0]}#1..2", "false", "--label", "99=other"), 2, "no statement"),
        (("undo", f"{SITES[0]}#1..2"), 1, "nothing to undo"),
        (("list", "--site", "unknown.example"), 1, "not tracked"),
        (("list", "--category", "xyzzy"), 2, "is no category"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(
    run: CommandLine, arguments: tuple[str, ...], status: int, said: str
) -> None:
    done = run("review", *arguments)
    assert (done.status, done.out) == (status, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_who_was_second_is_told_and_writes_nothing(run: CommandLine) -> None:
    top = queue(run)[0]
    ann = subprocess.Popen(
        [sys.executable, "-m", "tracker", "review", "next", "--as", "Ann"],
        cwd=run.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert ann.stdin is not None
    assert ann.stderr is not None
    # Ann sees the change, and thinks.
    assert "q quit" in ann.stderr.readline()
    run("review", "mark", top["id"], "routine", "--note", "nothing new", "--as", "Ben")
    _, told = ann.communicate("nsold!\ni q", timeout=60)
    assert "Ben marked it routine" in told
    assert "nothing new" in told
    assert "your note was: sold!" in told
    assert ann.returncode == 0
    [said] = queue(run, "--state", "reviewed")
    assert (said["review"]["reviewer"], said["review"]["revision"]) == ("Ben", 1)
