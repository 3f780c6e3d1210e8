"""Declarations of Open Terms Archive, of today and of earlier days."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from crawler.overrides import Overrides
from tracker.declarations import read_declaration
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, declared: object, history: object = None) -> Path:
    path = folder / "Service.json"
    path.write_text(json.dumps(declared), encoding="utf-8")
    if history is not None:
        (folder / "Service.history.json").write_text(json.dumps(history), encoding="utf-8")
    return path


def of_privacy(**terms: Any) -> dict[str, Any]:
    return {"name": "Service", "terms": {"Terms of Service": {}, "Privacy Policy": terms}}


def test_what_was_valid_earlier_counts_for_its_time(tmp_path: Path) -> None:
    page = "https://service.example/privacy"
    path = written(
        tmp_path,
        of_privacy(fetch=page, select="main", remove=[".ad"]),
        {
            "Privacy Policy": [
                {"fetch": page, "select": "#b", "validUntil": "2021-01-31T10:00:00Z"},
                {"fetch": "http://old.example/p", "select": "#a", "validUntil": "2019-06-30"},
            ]
        },
    )
    found = read_declaration(path)
    assert (found.domain, found.name, found.remarks) == ("service.example", "Service", ())
    assert found.urls == (page, "http://old.example/p")
    rules = Overrides(rules=found.rules)
    for url, day, said in [
        (page, date(2021, 1, 31), "select #b"),
        (page, date(2021, 2, 1), "select main; remove .ad"),
        ("http://www.old.example/p", date(2019, 1, 1), "select #a"),
    ]:
        assert str(rules.on(url, day)) == said
    assert rules.on("http://old.example/p", date(2020, 1, 1)) is None


def test_what_is_not_followed_is_said(tmp_path: Path) -> None:
    pages = [{"fetch": "https://service.example/1"}, {"fetch": "https://service.example/2"}]
    terms = {"combine": pages, "select": "main", "filter": ["a", {"b": 1}]}
    found = read_declaration(written(tmp_path, of_privacy(**terms, executeClientScripts=True)))
    assert found.urls == ("https://service.example/1",)
    assert str(found.rules[0]) == "select main"
    assert [remark.split(": ", 1)[1].split(" ")[0] for remark in found.remarks] == [
        "filters",
        "of",
        "scripts",
    ]
    assert "not run: a, b" in found.remarks[0]


def test_older_declarations_and_files_without_selectors_are_read(tmp_path: Path) -> None:
    terms = {"fetch": "https://service.example/privacy.pdf"}
    found = read_declaration(written(tmp_path, {"documents": {"Privacy Policy": terms}}))
    assert (found.name, found.rules) == ("Service", ())


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ([], "not an object"),
        ({"name": "Service"}, "has no 'terms'"),
        ({"terms": {"Terms of Service": {}}}, "declares no 'Privacy Policy'"),
        ({"terms": {"Privacy Policy": 3}}, "no object"),
        (of_privacy(select="main"), "has no 'fetch'"),
        (of_privacy(fetch="ftp://service.example/", select="main"), "http"),
        (of_privacy(fetch="https://service.example/", select="p["), r"not a CSS selector: 'p\['"),
        (of_privacy(fetch="https://service.example/", combine=3), "no list of pages"),
        (
            of_privacy(fetch="https://service.example/", select={"startBefore": "a"}),
            "endBefore or endAfter|endBefore and endAfter",
        ),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path: Path, declared: object, says: str) -> None:
    with pytest.raises(TrackerError, match=says) as error:
        read_declaration(written(tmp_path, declared))
    assert "Service.json" in str(error.value)


def test_no_json_is_said(tmp_path: Path) -> None:
    path = tmp_path / "Service.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(TrackerError, match="not valid JSON"):
        read_declaration(path)
