"""Configuration: defaults, values, and errors that name the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.config import Config, read
from tracker.errors import TrackerError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read(None) == Config()


def test_values_replace_defaults_and_whole_numbers_serve_as_floats(tmp_path: Path) -> None:
    config = read(written(tmp_path, '[archive]\nwhere = "warc:x"\ncdx_per_minute = 3\n'))
    assert config.archive.where == "warc:x"
    assert config.archive.cdx_per_minute == 3.0
    assert config.archive.replay_per_minute == Config().archive.replay_per_minute


def test_the_shipped_file_says_the_defaults() -> None:
    assert read(Path(__file__).resolve().parents[2] / "config.toml") == Config()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[archve]\n", "did you mean 'archive'"),
        ("[archive]\ncdx_per_minut = 3\n", "did you mean 'cdx_per_minute'"),
        ("[archive]\nwhere = 3\n", "must be a text"),
        ("archive = 3\n", "must be a section"),
        ("[archive\n", "not valid TOML"),
        ('[override]\nsite = "a.example"\n', "written [[override]]"),
        ('[[override]]\nselect = "p["\nsite = "a.example"\n', r"1: not a CSS selector: 'p['"),
        ('[[override]]\nselect = "p"\n', "needs a 'site' or a 'url'"),
        ('[[notify]]\nname = "desk"\n', "[[notify]] 1: needs a 'name', and whom it goes to"),
        ('[save]\nwhen = "always"\n', "[save] when is 'never' or 'stale', not 'always'"),
        ('[pace]\nshortest = "0"\n', "config.toml: [pace] shortest = '0' must be some time"),
        ('[pace]\nlongest = "soon"\n', "config.toml: [pace] 'soon' is no length of time"),
        ("[web]\nport = 99999\n", "config.toml: [web] port must lie between 0 and 65535"),
        ("[smtp]\nport = -1\n", "config.toml: [smtp] port must lie between 0 and 65535"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(TrackerError, match=says.replace("[", r"\[")):
        read(written(tmp_path, text))


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="cannot read"):
        read(tmp_path / "none.toml")


def test_overrides_are_read_in_their_order(tmp_path: Path) -> None:
    config = read(
        written(
            tmp_path,
            '[[override]]\nsite = "a.example"\nselect = "main"\nto = 2019-12-31\n'
            '[[override]]\nurl = "b.example/*"\n'
            'remove = [".ad", {startBefore = "h2", endBefore = "h3"}]\n',
        )
    )
    first, second = config.overrides
    assert (first.site, first.select, str(first.last)) == ("a.example", ("main",), "2019-12-31")
    assert str(second) == "remove .ad, before h2 to before h3"


def test_a_model_of_ones_own_is_chosen_by_its_folder(tmp_path: Path) -> None:
    assert Config().classifier.path is None
    config = read(written(tmp_path, '[classifier]\nmodel = "models/fruit"\n'))
    assert config.classifier.path == Path("models/fruit")
