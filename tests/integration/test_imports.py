"""History that others collected: read from real Git repositories and WARC files."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.integration.command_line import CommandLine
from tests.integration.conftest import SAMPLE

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

PARTS = (
    "# Privacy Policy",
    (
        "Parcel Harbour (parcelharbour.example) sends parcels for small shops. This policy says "
        "which personal data we collect, why we need it, and what you can do about it."
    ),
    (
        "We collect your name, your address and the address that a parcel goes to when you order a "
        "label. Our servers also write down your IP address and the pages that you visit."
    ),
    (
        "We use this information to deliver your parcels, to answer your questions and to prevent "
        "fraud. We do not send you advertising unless you have asked for it."
    ),
    (
        "You may ask us at any time to see, correct or delete the personal information that we "
        "hold about you. Write to privacy@parcelharbour.example; we answer within thirty days."
    ),
)
SHARING = "We share your address with the carrier that delivers your parcel, and with nobody else."
SELLING = (
    "We share your address with the carrier that delivers your parcel, and with partners who send "
    "you offers that may interest you."
)


def text(*more: str) -> str:
    return "\n\n".join((*PARTS, *more)) + "\n"


def page(*more: str) -> str:
    blocks = (*PARTS[1:], *more)
    body = "".join(f"<p>{block}</p>" for block in blocks)
    return (
        "<html><head><title>Privacy</title></head><body><nav><a href='/'>Home</a> <a href='/shop'>"
        f"Shop</a></nav><main><h1>Privacy Policy</h1>{body}</main></body></html>"
    )


class Repository:
    """A Git repository that a test commits to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._git("init", "--quiet")

    def commit(self, when: str, subject: str, **files: str) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        self._git("add", "--all")
        author = ("-c", "user.name=Bot", "-c", "user.email=bot@example.org")
        self._git(*author, "commit", "--quiet", "-m", subject, when=when)

    def _git(self, *arguments: str, when: str = "2020-01-01T00:00:00Z") -> None:
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        command = ["git", "-C", str(self.folder), *arguments]
        subprocess.run(command, check=True, env=os.environ | dates)


@pytest.fixture
def run(tmp_path: Path) -> CommandLine:
    return CommandLine(folder=tmp_path)


@pytest.fixture
def versions_repository(tmp_path: Path) -> Path:
    """Three states of a policy, one of them a technical upgrade, and terms beside it."""
    repository = Repository(tmp_path / "versions")
    policy = "Parcel Harbour/Privacy Policy.md"
    repository.commit(
        "2019-03-01T10:00:00Z",
        "First record of Parcel Harbour Privacy Policy",
        **{policy: "Menu\n\n" + text(SHARING), "Parcel Harbour/Terms of Service.md": text()},
    )
    repository.commit(
        "2019-09-01T10:00:00Z",
        "Apply technical or declaration upgrade on Parcel Harbour Privacy Policy",
        **{policy: text(SHARING)},
    )
    repository.commit(
        "2020-05-01T10:00:00Z",
        "Record new changes of Parcel Harbour Privacy Policy",
        **{policy: text(SELLING)},
    )
    return repository.folder


def history(run: CommandLine, site: str) -> Any:
    done = run("history", site, "--format", "json")
    assert done.status == 0, done.err
    return done.document


def test_a_versions_repository_of_open_terms_archive(
    run: CommandLine, versions_repository: Path
) -> None:
    done = run("import", "ota", str(versions_repository), "--format", "json")
    assert done.status == 0, done.err
    assert "Parcel Harbour is parcelharbour.example" in done.err
    assert done.document["sites"] == [
        {
            "site": "parcelharbour.example",
            "captures_new": 3,
            "captures_known": 0,
            "versions": 2,
            "versions_new": 2,
        }
    ]
    told = history(run, "Parcel Harbour")
    assert [(one["first_seen"], one["captures"]) for one in told["versions"]] == [
        ("2019-03-01T10:00:00Z", 2),
        ("2020-05-01T10:00:00Z", 1),
    ]
    assert told["changes"][0]["after"] == "2019-09-01T10:00:00Z"
    assert told["versions"][0]["archive_url"].endswith("Parcel Harbour/Privacy Policy.md")
    raw = run("show", "Parcel Harbour#2", "--format", "raw")
    assert raw.out == text(SELLING)

    elsewhere = run.folder / "cloned again"
    versions_repository.rename(elsewhere)
    again = run("import", "ota", str(elsewhere / "Parcel Harbour"), "--format", "json")
    assert again.document["sites"][0]["captures_new"] == 0
    assert history(run, "Parcel Harbour") == told


def test_a_service_without_a_site_is_kept_under_its_name(run: CommandLine, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "versions")
    nameless = text().replace("parcelharbour.example", "the shop")
    repository.commit(
        "2021-01-01T00:00:00Z", "First record", **{"Quay & Co/Privacy Policy.md": nameless}
    )
    done = run("import", "ota", str(repository.folder))
    assert done.status == 0, done.err
    assert "no site is known for 1 service (Quay & Co)" in done.err
    assert history(run, "Quay & Co")["site"] == "quay-co.invalid"


def test_declarations_name_the_site(
    run: CommandLine, versions_repository: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "declarations"
    folder.mkdir()
    (folder / "Parcel Harbour.json").write_text(
        '{"name": "Parcel Harbour", "terms": {"Privacy Policy": {"fetch": '
        '"https://www.harbour.example/legal/privacy", "select": ["main"]}}}'
    )
    done = run("import", "ota", str(versions_repository), "--declarations", str(folder))
    assert done.status == 0, done.err
    told = history(run, "harbour.example")
    assert {one["url"] for one in told["versions"]} == {"https://www.harbour.example/legal/privacy"}


def test_the_corpus_gives_pages_and_texts_with_the_captures_they_were_taken_from(
    run: CommandLine, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "historical")
    address = "https://web.archive.org/web/{}id_/http%3A//www.parcelharbour.example/privacy"
    place = "p/pa/par/parcelharbour.example"
    old, new = address.format("20091105120000"), address.format("20120301080000")
    repository.commit(
        "2020-01-01T00:00:00Z",
        "2009-B",
        **{
            f"{place}.md": "> *The following text is extracted and transformed from the "
            f"parcelharbour.example privacy policy. Please check [it]({old}).*\n\n{text(SHARING)}",
            f"{place}.html": f"<!--The downloaded HTML source. See ({old}) for it.-->\n\n"
            + page(SHARING),
            "README.md": "Do not read this.",
        },
    )
    repository.commit(
        "2020-01-02T00:00:00Z",
        "2012-A",
        **{f"{place}.html": f"<!--The downloaded HTML source. See ({new}).-->\n\n{page(SELLING)}"},
    )
    done = run("import", "corpus", str(repository.folder), "--format", "json")
    assert done.status == 0, done.err
    told = history(run, "parcelharbour.example")
    assert [(one["first_seen"], one["archive_url"]) for one in told["versions"]] == [
        ("2009-11-05T12:00:00Z", old),
        ("2012-03-01T08:00:00Z", new),
    ]
    assert told["changes"][0]["kind"] == "wording"
    shown = run("show", "parcelharbour.example#1")
    assert SHARING in shown.out
    assert "extracted" not in shown.out


def test_what_others_tell_stands_beside_what_was_crawled(run: CommandLine, tmp_path: Path) -> None:
    assert run("crawl", "lumenpost.example", "--archive", f"warc:{SAMPLE}").status == 0
    crawled = history(run, "lumenpost.example")
    assert run("add", "lumenpost.example", "--name", "Lumen Post").status == 0
    repository = Repository(tmp_path / "versions")
    for when in ("2011-02-01T00:00:00Z", "2018-02-01T00:00:00Z", "2026-02-01T00:00:00Z"):
        repository.commit(
            when, "Record new changes", **{"Lumen Post/Privacy Policy.md": f"{text()}\n{when}\n"}
        )
    done = run("import", "ota", str(repository.folder))
    assert done.status == 0, done.err
    told = history(run, "lumenpost.example")
    assert len(told["versions"]) == len(crawled["versions"]) + 2
    assert [one["id"] for one in told["versions"][1:-1]] == [
        one["id"] for one in crawled["versions"]
    ]
    kinds = [one["kind"] for one in told["changes"]]
    assert (kinds[0], kinds[-1]) == ("source", "source")
    assert "source" not in kinds[1:-1]
    assert not told["changes"][0]["practices"]


def test_a_warc_export_is_imported_whole(run: CommandLine) -> None:
    assert run("crawl", "lumenpost.example", "--archive", f"warc:{SAMPLE}").status == 0
    assert run("export", "warc", "-o", "lumen.warc.gz").status == 0
    done = run("import", "warc", "lumen.warc.gz", "--db", "other.db", "--format", "json")
    assert done.status == 0, done.err
    assert [site["site"] for site in done.document["sites"]] == ["lumenpost.example"]
    told = run("history", "lumenpost.example", "--db", "other.db", "--format", "json").document
    assert [one["text_sha256"] for one in told["versions"]] == [
        one["text_sha256"] for one in history(run, "lumenpost.example")["versions"]
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ota", "."), "not a git repository"),
        (("corpus", "."), "not a git repository"),
        (("warc", "empty.warc"), "no captures in"),
    ],
)
def test_what_is_none_of_these_is_said_in_a_line(
    run: CommandLine, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "empty.warc").write_bytes(b"")
    done = run("import", *arguments, GIT_CEILING_DIRECTORIES=str(tmp_path.parent))
    assert done.status == 1
    assert said in done.err
    assert len(done.err.splitlines()) == 1
