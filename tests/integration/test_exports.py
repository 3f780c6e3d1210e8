"""Every export is read back by a program that is not ours, and says what our commands say."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import urllib.request
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import polars as pl
import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE
from tests.integration.services import ServiceError, running_pywb
from tracker.exports.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

SITES = ("lumenpost.example", "nordlicht-karten.example")
NAMES = {table.name for table in TABLES}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A folder with two crawled sites."""
    command = CommandLine(folder=tmp_path_factory.mktemp("exports"))
    done = command("crawl", *SITES, "--archive", f"warc:{SAMPLE}", "--strategy", "all")
    assert done.status == 0, done.err
    return command


@pytest.fixture(scope="module")
def versions(run: CommandLine) -> list[dict[str, Any]]:
    histories = [run("history", site, "--format", "json").document for site in SITES]
    return [
        {"site": history["site"], **version}
        for history in histories
        for version in history["versions"]
    ]


def exported(run: CommandLine, *arguments: str) -> Path:
    output = run.folder / "-".join(arguments).replace(" ", "")
    done = run("export", *arguments, "-o", str(output))
    assert done.status == 0, done.err
    return output


def test_jsonl_holds_every_table(run: CommandLine, versions: list[dict[str, Any]]) -> None:
    folder = exported(run, "jsonl")
    rows = {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]
        for name in NAMES
    }
    assert [row["site"] for row in rows["sites"]] == sorted(SITES)
    assert [(row["site"], row["id"], row["first_seen"]) for row in rows["versions"]] == [
        (version["site"], version["id"], version["first_seen"]) for version in versions
    ]
    for table in TABLES:
        assert all(list(row) == list(table.columns) for row in rows[table.name]), table.name
    of_first = [r for r in rows["segments"] if (r["site"], r["version"]) == (SITES[0], 1)]
    shown = run("show", f"{SITES[0]}#1", "--format", "json").document
    assert [row["text"] for row in of_first] == [one["text"] for one in shown["segments"]]


def test_csv_is_read_by_the_standard_reader_and_by_pandas(
    run: CommandLine, versions: list[dict[str, Any]]
) -> None:
    folder = exported(run, "csv")
    with (folder / "versions.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == [row["id"] for row in versions]
    changes = pd.read_csv(folder / "changes.csv")
    assert len(changes) == len(versions) - len(SITES)
    assert changes["silent"].dtype == bool


def test_one_table_may_be_one_file(run: CommandLine) -> None:
    output = run.folder / "changes.csv"
    assert run("export", "csv", SITES[0], "--table", "changes", "-o", str(output)).status == 0
    with output.open(encoding="utf-8", newline="") as stream:
        assert {row["site"] for row in csv.DictReader(stream)} == {SITES[0]}


def test_parquet_is_read_by_pandas_polars_and_duckdb(
    run: CommandLine, versions: list[dict[str, Any]]
) -> None:
    folder = exported(run, "parquet")
    expected = sorted((row["site"], row["id"], row["words"]) for row in versions)
    by_pandas = pd.read_parquet(folder / "versions")
    assert sorted(by_pandas[["site", "id", "words"]].itertuples(index=False, name=None)) == expected
    by_polars = pl.read_parquet(folder / "versions", hive_partitioning=True)
    assert sorted(by_polars.select("site", "id", "words").rows()) == expected
    assert by_polars.schema["first_seen"] == pl.Datetime("ms", "UTC")
    query = (
        "SELECT site, category.category, sum(category.segments) FROM "
        "(SELECT site, unnest(practices) AS category FROM "
        "read_parquet($files, hive_partitioning = true)) GROUP BY ALL"
    )
    found = duckdb.execute(query, {"files": f"{folder}/versions/*/*.parquet"}).fetchall()
    counted = {(site, name): int(count) for site, name, count in found}
    summed: dict[tuple[str, str], int] = {}
    for version in versions:
        for name, count in version["practices"].items():
            key = (version["site"], name)
            summed[key] = summed.get(key, 0) + count
    assert counted == summed


def test_git_tells_the_story_by_its_own_log(
    run: CommandLine, versions: list[dict[str, Any]]
) -> None:
    folder = exported(run, "git")

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=True, text=True
        )
        return done.stdout

    form = "%(trailers:key=Version,valueonly,separator=%x2C)|%aI"
    commits = [line.split("|") for line in git("log", "--reverse", f"--format={form}").split()]
    in_time = sorted(versions, key=lambda row: row["first_seen"])
    assert [name for name, _ in commits] == [row["id"] for row in in_time]
    assert [when[:19] for _, when in commits] == [row["first_seen"][:19] for row in in_time]
    assert git("fsck", "--strict") == ""
    last = run("show", f"{SITES[0]}#{max(r['number'] for r in versions if r['site'] == SITES[0])}")
    assert (folder / SITES[0] / "policy.md").read_text(encoding="utf-8").strip() == last.out.strip()


def test_warc_is_replayed_by_pywb_to_the_byte(run: CommandLine, tmp_path: Path) -> None:
    warc = run.folder / "policies.warc.gz"
    assert run("export", "warc", "-o", str(warc)).status == 0
    with warc.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream, verify_http=True)]
    assert kinds[0] == "warcinfo"
    assert {"response", "revisit"} <= set(kinds)
    raw = run("show", f"{SITES[0]}#2", "--format", "raw").out
    [(url, at)] = [
        (row["url"], row["first_seen"])
        for row in run("history", SITES[0], "--format", "json").document["versions"]
        if row["number"] == 2
    ]
    offline = os.environ.get("TRACKER_TESTS_OFFLINE") == "1"
    try:
        with running_pywb(tmp_path, {"exported": warc}, offline=offline) as pywb:
            digits = "".join(filter(str.isdigit, at))
            address = f"{pywb.collection('exported')}/{digits}id_/{url}"
            with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - loopback
                assert answer.read().decode() == raw
    except ServiceError as error:
        if not offline:
            raise
        pytest.skip(f"TRACKER_TESTS_OFFLINE=1: {error}")


def test_a_place_that_is_taken_is_left_alone(run: CommandLine, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    done = run("export", "jsonl", "-o", str(taken))
    assert (done.status, taken.read_text()) == (1, "mine")
    assert "exists already" in done.err
    unknown = run("export", "jsonl", "--table", "cookies", "-o", str(tmp_path / "new"))
    assert unknown.status == 2
    assert not list(tmp_path.glob("new*"))
