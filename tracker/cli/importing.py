"""``tracker import``: history that others collected."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import configured, open_configured, output_format
from tracker.cli.output import json_document, json_lines, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from storage.database import Database
    from tracker.config import Config
    from tracker.imports.git_history import Bodies, GitHistory
    from tracker.imports.intake import Collected, Taken
    from tracker.imports.ota import Place, Places

    Entries = Iterable[tuple[int, Collected | str]]


@click.group("import")
def command() -> None:
    """Take in history that others collected, with where it comes from.

    What is imported is kept, and can be derived anew, like what was crawled. Where our own captures
    tell a time already, another's text of that time is kept and left out of the history; where the
    telling passes from one to the other, the change is of kind "source" and claims nothing.

    \b
    Example:
      tracker import warc crawl-2019.warc.gz
      tracker import ota contrib-versions --declarations contrib-declarations
      tracker import corpus privacy-policy-historical
    """


@command.command("warc")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH...",
)
@click.option("--site", "sites", multiple=True, metavar="SITE", help="Only this one; repeatable.")
@click.option("--url", "urls", multiple=True, help="A policy URL of the one --site.")
@output_format("text", "json", "jsonl")
@configured
def warc(
    files: tuple[Path, ...],
    sites: tuple[str, ...],
    urls: tuple[str, ...],
    form: str,
    config: Config,
) -> None:
    """WARC or WACZ files, or folders of them: every capture of every site's policy.

    Without --site, all sites of which the files hold a page. The policy is found among the pages
    as it is found in an archive.

    \b
    Example:
      tracker import warc crawl.warc.gz
      tracker import warc wacz-files/ --site picroma.com
    """
    from dataclasses import replace

    from tracker.cli.crawl import end, print_result, tracked
    from tracker.cli.progress import CrawlProgress
    from tracker.crawling import CrawlOptions, CrawlResult, crawl, crawl_document
    from tracker.imports.warc import domains_in

    if urls and len(sites) != 1:
        raise click.UsageError("--url goes with exactly one --site")
    status, results = 0, []
    with open_configured(config, create=True) as db:
        for path in files:
            domains, damaged = domains_in(path)
            for line in damaged:
                say(f"tracker: damaged: {line}; what stands before was read")
                status = 3
            where = replace(config.archive, where=f"warc:{path.resolve()}")
            here = replace(config, archive=where)
            with (
                tracked(db, sites or tuple(domains), urls) as chosen,
                CrawlProgress(here) as progress,
            ):
                options = CrawlOptions(strategy="all")
                results.append(crawl(db, here, chosen, options, progress))
    merged = CrawlResult(
        sites=tuple(site for one in results for site in one.sites if site.captures_fetched),
        outcome=results[-1].outcome if len(results) == 1 else "done",
        reason=None,
    )
    if form == "json":
        json_document(crawl_document(merged))
    elif form == "jsonl":
        json_lines(crawl_document(merged)["sites"])
    else:
        print_result(merged)
    sys.exit(max([status, *(end(one) for one in results)], default=0))


@command.command("ota")
@click.argument("repository", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--declarations",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The declarations that go with it: they name each service's site.",
)
@click.option(
    "--terms", default="Privacy Policy", show_default=True, help="Which type of terms to take."
)
@output_format("text", "json", "jsonl")
@configured
def ota(repository: Path, declarations: Path | None, terms: str, form: str, config: Config) -> None:
    """A clone of a versions (or snapshots) repository of Open Terms Archive.

    A service's site is the one that its declaration names, that is tracked under its name
    (`tracker add DOMAIN --name NAME`), or that its own text names. A technical upgrade over there
    is no change here.

    \b
    Example:
      git clone https://github.com/OpenTermsArchive/contrib-versions
      tracker import ota contrib-versions
      tracker history "Open Collective"
    """
    from tracker.imports import ota as source
    from tracker.imports.git_history import GitHistory

    history = GitHistory(repository)
    with open_configured(config, create=True) as db:
        places = source.Places(
            declared=source.declared_in(declarations, say) if declarations else {},
            tracked=lambda service: _tracked(db, service),
        )

        def read(bodies: Bodies) -> Entries:
            return source.collected(history, bodies, places, terms)

        taken = _take(db, config, history, f"ota:{history.identity}", read)
    _tell_places(places)
    _show(taken, form, f"no {terms} in {repository}: is it a versions repository?")


@command.command("corpus")
@click.argument("repository", type=click.Path(path_type=Path, exists=True, file_okay=False))
@output_format("text", "json", "jsonl")
@configured
def corpus(repository: Path, form: str, config: Config) -> None:
    """A clone of the Princeton-Leuven corpus of privacy policies.

    Its pages are read as captures are, since each names the capture of the Wayback Machine that it
    was taken from; of a text without its page, the corpus's own extraction is taken.

    \b
    Example:
      git clone https://github.com/citp/privacy-policy-historical
      tracker import corpus privacy-policy-historical
    """
    from tracker.imports import corpus as source
    from tracker.imports.git_history import GitHistory

    history = GitHistory(repository)
    with open_configured(config, create=True) as db:

        def read(bodies: Bodies) -> Entries:
            return source.collected(history, bodies)

        taken = _take(db, config, history, f"corpus:{history.identity}", read)
    _show(taken, form, f"no policy in {repository}: files are named a/ab/abc/DOMAIN.html or .md")


def _take(
    db: Database,
    config: Config,
    history: GitHistory,
    archive: str,
    read: Callable[[Bodies], Entries],
) -> list[Taken]:
    from tracker.imports.intake import Intake

    intake = Intake(db, config, archive)
    passed: dict[str, None] = {}
    with _progress() as watch, history.bodies() as bodies:

        def entries() -> Iterator[Collected]:
            for number, one in read(bodies):
                watch("reading commits", number, history.commits)
                if isinstance(one, str):
                    passed[one] = None
                else:
                    yield one

        for _ in intake.keep(entries()):
            pass
        taken = list(intake.derive(watch))
    for path in list(passed)[:5]:
        say(f"tracker: passed over {path}: its name is no domain")
    if len(passed) > 5:
        say(f"tracker: and {len(passed) - 5} more")
    return taken


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True)
    with bar:
        task = bar.add_task("", total=None)

        def watch(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        yield watch


def _tracked(db: Database, service: str) -> Place | None:
    from storage import sites
    from tracker.imports.ota import Place

    with db.read() as conn:
        site = sites.get(conn, service)
        if site is None:
            return None
        known = sites.policy_urls(conn, site.id)
    url = known[-1].url if known else f"https://{site.domain}/"
    return Place(domain=site.domain, url=url, how="tracked under this name")


def _tell_places(places: Places) -> None:
    from storage.sites import has_domain
    from tracker.imports.ota import BY_TEXT

    guessed = {s: p.domain for s, p in places.found.items() if p.how == BY_TEXT}
    nameless = [s for s, p in places.found.items() if not has_domain(p.domain)]
    if guessed:
        shown = ", ".join(f"{service} is {domain}" for service, domain in [*guessed.items()][:5])
        more = f" and {len(guessed) - 5} more" if len(guessed) > 5 else ""
        say(f"tracker: by the addresses in their texts: {shown}{more}")
    if nameless:
        shown = ", ".join(nameless[:5]) + (", …" if len(nameless) > 5 else "")
        say(
            f"tracker: no site is known for {len(nameless)} "
            f"{'service' if len(nameless) == 1 else 'services'} ({shown}): kept by name; "
            "--declarations FOLDER or `tracker add DOMAIN --name NAME` beforehand gives one"
        )


def _show(taken: list[Taken], form: str, nothing: str) -> None:
    from tracker.errors import TrackerError

    if not taken:
        raise TrackerError(nothing)
    if form == "json":
        json_document({"sites": [_document(one) for one in taken]})
    elif form == "jsonl":
        json_lines(map(_document, taken))
    else:
        for one in taken:
            say(
                f"{one.site}: {one.captures_new} captures new, {one.captures_known} known, "
                f"{one.versions} versions, {one.versions_new} new"
            )
        say(f"next: tracker history {taken[0].site}")


def _document(one: Taken) -> dict[str, Any]:
    return {
        "site": one.site,
        "captures_new": one.captures_new,
        "captures_known": one.captures_known,
        "versions": one.versions,
        "versions_new": one.versions_new,
    }
