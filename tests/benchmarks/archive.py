"""What the benchmarks of a crawl share: an archive on loopback, and the command run as a user does.

``../shared/archive`` where it is present, else the sample archive that ships with the tool.
"""

from __future__ import annotations

import itertools
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from storage.database import open_database
from tests.conftest import SHARED
from tests.integration.command_line import PARTLY, CommandLine
from tests.integration.services import ROOT, running_pywb
from tests.standins.wayback import WaybackStandIn
from tracker.history import history_document
from tracker.kept import load_history

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAMPLE = ROOT / "tracker" / "demo" / "archive.warc.gz"
SHARED_ARCHIVE = SHARED / "archive" / "policies.warc.gz"
RUNS = 6
"""Crawls after which everything must have been had; each tries again what is missing."""

CONFIG = """\
[archive]
where = "wayback:{url}"
cdx_per_minute = {cdx}
replay_per_minute = {replay}
pause_seconds = {pause}
timeout_seconds = {timeout}
"""


@contextmanager
def wayback(folder: Path, warc: Path) -> Iterator[WaybackStandIn]:
    """The stand-in before a pywb that serves ``warc``."""
    with (
        running_pywb(folder, {"archive": warc}) as pywb,
        WaybackStandIn(
            collection=pywb.collection("archive"),
            index=pywb.index("archive"),
            warc=pywb.warc("archive"),
            log=folder / "requests.jsonl",
        ) as standin,
    ):
        yield standin


def sites_of(warc: Path) -> tuple[str, ...]:
    """The sites that an archive holds."""
    if warc == SAMPLE:
        return ("lumenpost.example", "nordlicht-karten.example", "tidewell-health.example")
    manifest = warc.with_name("manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(sorted({json.loads(line)["site"] for line in manifest}))


def command(
    folder: Path,
    url: str,
    *,
    cdx: float = 0.0,
    replay: float = 0.0,
    pause: float = 0.5,
    timeout: float = 20.0,
) -> CommandLine:
    """The command in a folder of its own, set up for the archive at ``url``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = CONFIG.format(url=url, cdx=cdx, replay=replay, pause=pause, timeout=timeout)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return CommandLine(folder=folder, timeout=1800.0)


def crawl(tracker: CommandLine, sites: tuple[str, ...], strategy: str) -> int:
    """Crawl until nothing is missing; answers how many runs that took.

    Raises:
        AssertionError: a run failed, or something is missing after ``RUNS``.
    """
    for run in itertools.count(1):
        done = tracker("crawl", *sites, "--strategy", strategy)
        if done.status == 0:
            return run
        assert done.status == PARTLY, done.err
        assert run < RUNS, done.err
    raise AssertionError("unreachable")


def histories(tracker: CommandLine, sites: tuple[str, ...]) -> dict[str, Any]:
    """What ``tracker history`` says of each site, without a process for each."""
    with open_database(str(tracker.folder / "tracker.db")) as db:
        return {site: history_document(load_history(db, site)) for site in sites}


def story(history: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """The texts of a history's versions, and its changes between their neighbouring captures.

    How many captures of one text were read depends, under ``adaptive``, on which could be had.
    """
    return [version["text_sha256"] for version in history["versions"]], history["changes"]
