"""``tracker notify`` as a person uses it, and what updates tell of an archive that grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE
from tests.standins.receivers import HookReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = {"TRACKER_WEBHOOK_SECRET": "a key that nobody guesses"}
SITE = "lumenpost.example"


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[HookReceiver]:
    with HookReceiver(tmp_path / "hook.jsonl") as receiver:
        yield receiver


@pytest.fixture
def run(tmp_path: Path, hook: HookReceiver) -> CommandLine:
    """The command in a folder whose configuration tells the receiver everything."""
    (tmp_path / "archive").mkdir()
    (tmp_path / "config.toml").write_text(
        f'[archive]\nwhere = "warc:archive"\n[[notify]]\nname = "desk"\nto = "webhook:{hook.url}"\n'
    )
    return CommandLine(folder=tmp_path)


def publish(run: CommandLine, until: str) -> None:
    """Let the archive hold the sample's captures up to a day: its records' own bytes."""
    whole, kept = SAMPLE.read_bytes(), bytearray()
    with SAMPLE.open("rb") as file:
        records = ArchiveIterator(file)
        for record in records:
            day = record.rec_headers.get_header("WARC-Date")
            records.read_to_end(record)
            start = records.get_record_offset()
            if day is None or day <= until:
                kept += whole[start : start + records.get_record_length()]
    (run.folder / "archive" / "captures.warc.gz").write_bytes(bytes(kept))


def test_updates_tell_what_an_archive_has_come_to_hold_and_nothing_twice(
    run: CommandLine, hook: HookReceiver
) -> None:
    publish(run, "2018-12-31")
    first = run("update", SITE, "--format", "json", **SECRET)
    assert first.status == 0, first.err
    assert first.document["sites"][0]["versions_new"] == 4
    assert hook.posted == []
    publish(run, "2020-01-31")
    hook.status = 503
    second = run("update", SITE, "--format", "json", **SECRET)
    assert second.document["notices"] == {"sent": 0, "put_off": 1, "dead": 0}
    hook.status = 204
    listed = run("notify", "list", "--format", "json").document
    assert [(one["state"], one["reason"]) for one in listed] == [
        ("waiting", "127.0.0.1 answers 503")
    ]
    shown = run("notify", "preview", "--format", "json", **SECRET).document
    assert [one["id"] for one in shown] == [listed[0]["message"]]
    third = run("update", SITE, "--format", "json", **SECRET)
    assert third.document["sites"][0]["notices"] == 0
    [told] = shown[0]["notices"]
    assert (told["after"], told["before"]) == ("2019-09-03T23:51:26Z", "2019-11-17T14:03:14Z")
    assert told["silent"]


def test_a_rule_can_be_tried_without_telling_anyone(run: CommandLine, hook: HookReceiver) -> None:
    publish(run, "2020-01-31")
    assert run("crawl", SITE).status == 0
    preview = run("notify", "preview", SITE)
    assert preview.status == 0
    assert f"to webhook:{hook.url} by rule 'desk', at once" in preview.out
    assert (
        "We do not sell[-, rent or trade-] your personal information{+ for money+}" in preview.out
    )
    assert len(run("notify", "preview", SITE, "--since", "2016", "--format", "json").document) == 3
    assert hook.requests() == []
    unset = run("notify", "test")
    assert unset.status == 1
    assert "TRACKER_WEBHOOK_SECRET is not set" in unset.out
    assert run("notify", "test", **SECRET).status == 0
    assert hook.posted[0].document["notices"] == [{"form": 1, "kind": "test"}]
    assert run("notify", "test", "--rule", "nobody").status == 1
    sent = run("notify", "send", "--format", "json", **SECRET)
    assert (sent.status, sent.document["messages"]) == (0, 0)
