"""Case folders: a page, the text that is to come of it, and what to know of the page.

To add one, make a folder under ``tests/cases/normalize`` with ``input.html`` (``.txt``, ``.md``),
``expected.md`` and, where needed, ``meta.json`` with ``url`` or ``content_type``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.normalize.document import normalize

CASES = Path(__file__).resolve().parents[1] / "cases" / "normalize"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_case(case: Path) -> None:
    (source,) = case.glob("input.*")
    noted = case / "meta.json"
    meta = json.loads(noted.read_text(encoding="utf-8")) if noted.exists() else {}
    document = normalize(source.read_bytes(), **{"url": "https://example.com/privacy"} | meta)
    assert document.markdown == (case / "expected.md").read_text(encoding="utf-8").rstrip("\n")
    again = normalize(document.markdown.encode(), content_type="text/markdown")
    assert again.markdown == document.markdown
