"""Unified diffs that the real git takes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.comparison import compare
from tracker.reports.sides import Compared, Side
from tracker.reports.unified import unified

if TYPE_CHECKING:
    from pathlib import Path

LINES = st.lists(
    st.sampled_from(["# A", "", "", "one", "two", "three", "\\ odd", "-x", "+y", "a\rb", "@@ 1"]),
    max_size=14,
).map("\n".join)


def patch(old: str, new: str, context: int = 3) -> str:
    compared = Compared(
        name="a b",
        old=Side(markdown=old, label="old"),
        new=Side(markdown=new, label="new"),
        comparison=compare(old, new),
    )
    return unified(compared, context)


def applied(folder: Path, old: str, change: str, *options: str) -> str:
    file = folder / "a-b.md"
    file.write_bytes(old.encode())
    (folder / "change.patch").write_bytes(change.encode())
    subprocess.run(["git", "apply", *options, "change.patch"], cwd=folder, check=True)
    return file.read_bytes().decode()


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(LINES, LINES, st.integers(0, 4))
def test_git_applies_it(tmp_path: Path, old: str, new: str, context: int) -> None:
    change = patch(old, new, context)
    assert bool(change) == (old != new)
    if change:
        options = ["--unidiff-zero"] if context == 0 else []
        assert applied(tmp_path, old, change, *options) == new


def test_it_is_what_git_prints(tmp_path: Path) -> None:
    body = [f"Paragraph {n}." for n in range(20)]
    old = "\n\n".join(["# Title", *body[:10], "## Later", *body[10:]]) + "\n"
    new = old.replace("Paragraph 3.", "Paragraph three.").replace("Paragraph 15.\n\n", "")
    (tmp_path / "a-b.md").write_text(old)
    (tmp_path / ".gitattributes").write_text("*.md diff=markdown\n")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (tmp_path / "a-b.md").write_text(new)
    printed = subprocess.run(
        ["git", "diff", "--no-color", "--abbrev=7", "--src-prefix=a/", "--dst-prefix=b/"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert patch(old, new) == printed


@pytest.mark.parametrize(("old", "new"), [("", "a\n"), ("a\n", ""), ("a", "a\n"), ("a\r\n", "a\n")])
def test_ends_of_texts(tmp_path: Path, old: str, new: str) -> None:
    assert applied(tmp_path, old, patch(old, new)) == new
