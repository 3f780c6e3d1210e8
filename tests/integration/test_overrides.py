"""Rules by hand through the whole path: declared, configured, in the crawl and in a reprocess."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "https://www.tidewell-health.example/privacy"
SITE = "tidewell-health.example"
ARCHIVE = ("--archive", f"warc:{SAMPLE}")


def words(run: CommandLine) -> list[int]:
    history = run("history", SITE, "--format", "json").document
    return [version["words"] for version in history["versions"]]


def declare(folder: Path, name: str, content: object) -> None:
    (folder / name).write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A folder with one site, crawled by the rules of its declaration."""
    command = CommandLine(folder=tmp_path_factory.mktemp("overrides"))
    terms = {"fetch": PAGE, "select": ["h1", "p"], "remove": "nav", "filter": ["tidy"]}
    service = {"name": "Tidewell", "terms": {"Privacy Policy": terms}}
    declare(command.folder, "Tidewell.json", service)
    added = command("add", "--ota", "Tidewell.json", "--format", "json")
    assert added.document == {"added": [SITE], "known": [], "refused": []}
    assert "filters are programs and not run: tidy" in added.err
    assert command("crawl", "Tidewell", *ARCHIVE).status == 0
    return command


def test_a_declaration_decides_what_is_read(run: CommandLine) -> None:
    shown = run("show", f"{SITE}#1").out
    assert shown.startswith("# ")
    assert "\n- " not in shown
    assert "\n## " not in shown


def test_another_rule_derives_the_history_anew(run: CommandLine) -> None:
    declared = words(run)
    rule = f'[[override]]\nsite = "{SITE}"\nselect = "p"\n'
    (run.folder / "config.toml").write_text(rule, encoding="utf-8")
    assert run("reprocess", SITE).status == 0
    without_heading = words(run)
    assert all(mine < theirs for mine, theirs in zip(without_heading, declared, strict=True))
    assert not run("show", f"{SITE}#1").out.startswith("#")
    # A crawl with a rule judges what is kept by it, before it fetches.
    (run.folder / "config.toml").unlink()
    assert run("crawl", SITE, *ARCHIVE).status == 0
    assert words(run) == declared


def test_a_rule_that_finds_nothing_is_told(run: CommandLine) -> None:
    declared = words(run)
    rule = f'[[override]]\nsite = "{SITE}"\nselect = "#nothing-of-this-name"\n'
    (run.folder / "dead.toml").write_text(rule, encoding="utf-8")
    done = run("reprocess", SITE, "--config", "dead.toml")
    assert done.status == 0
    assert "select #nothing-of-this-name found nothing in 18 captures" in done.err
    assert run("reprocess", SITE).status == 0
    assert words(run) == declared


def test_a_wrong_selector_ends_every_command_with_its_name(run: CommandLine) -> None:
    broken = run.folder / "broken.toml"
    broken.write_text('[[override]]\nsite = "a.example"\nremove = "p["\n', encoding="utf-8")
    done = run("reprocess", "--config", "broken.toml")
    assert done.status == 1
    assert "[[override]] 1: not a CSS selector: 'p['" in done.err
    declare(run.folder, "Wrong.json", {"terms": {"Privacy Policy": {"fetch": PAGE, "select": "["}}})
    done = run("add", "--ota", "Wrong.json")
    assert done.status == 1
    assert "Wrong.json: not a CSS selector: '['" in done.err


def test_normalize_takes_selectors(run: CommandLine) -> None:
    page = "<html><body><div id=a><h1>Privacy</h1><p>We keep it.</p></div><p>Buy.</p></body></html>"
    (run.folder / "page.html").write_text(page, encoding="utf-8")
    question = json.dumps({"id": 1, "path": "page.html", "url": "https://www.b.example/x"})
    done = run("normalize", "--select", "#a", "--remove", "h1", stdin=question)
    assert done.lines[0]["markdown"] == "We keep it."
    between = '{"startAfter": "h1", "endAfter": "#a"}'
    assert (
        run("normalize", "--select", between, stdin=question).lines[0]["markdown"] == "We keep it."
    )
    rule = '[[override]]\nsite = "b.example"\nselect = "h1"\n'
    (run.folder / "b.toml").write_text(rule, encoding="utf-8")
    configured = run("normalize", "--config", "b.toml", stdin=question).lines[0]
    assert (configured["markdown"], configured["notes"]) == ("# Privacy", ["by hand: select h1"])
    assert run("normalize", "--select", "p[", stdin=question).status == 2
    assert run("normalize", "--select", '{"startAfter"', stdin=question).status == 2
