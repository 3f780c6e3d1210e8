"""The ``tracker`` command: a table of subcommands, each loaded when it is called."""

from __future__ import annotations

import errno
import importlib
import io
import os
import signal
import sys
from typing import Any

import click

from crawler.errors import CrawlError, JobError
from storage.errors import StorageError
from tracker.errors import RequestError, TrackerError

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("tracker.cli.demo", "The whole path on a sample archive, no network."),
    "add": ("tracker.cli.add", "Track sites."),
    "discover": ("tracker.cli.discover", "Find a site's policy URLs and say why."),
    "crawl": ("tracker.cli.crawl", "Fetch captures, derive versions and changes."),
    "update": ("tracker.cli.update", "Crawl what is due, derive, notify."),
    "schedule": ("tracker.cli.schedule", "Run updates on their schedule."),
    "runs": ("tracker.cli.runs", "What ran, with what outcome; what runs next."),
    "plan": ("tracker.cli.plan", "What a list of sites costs."),
    "history": ("tracker.cli.history", "A site's versions, and what changed at each."),
    "show": ("tracker.cli.show", "One version: text, segments or archived bytes."),
    "diff": ("tracker.cli.diff", "The change between two versions."),
    "compare": ("tracker.cli.compare", "The same for two local files, or pairs in JSONL."),
    "search": ("tracker.cli.search", "Full text of all versions: who said it, and since when."),
    "review": ("tracker.cli.review", "Changes nobody has reviewed yet: list, show, mark."),
    "trends": ("tracker.cli.trends", "Length, grade, practices, changes: all sites over time."),
    "report": ("tracker.cli.report", "A change report: HTML, Markdown or JSON."),
    "explain": ("tracker.cli.explain", "Why this is a version."),
    "reprocess": ("tracker.cli.reprocess", "Derive everything anew from what is kept."),
    "serve": ("tracker.cli.serve", "The web app: read, compare, review, search."),
    "export": ("tracker.cli.export", "The corpus for other programs: Parquet, Git, WARC, …"),
    "import": ("tracker.cli.importing", "History that others collected: WARC, OTA, a corpus."),
    "normalize": ("tracker.cli.normalize", "JSONL in, cleaned documents out."),
    "classify": ("tracker.cli.classify", "JSONL in, practice categories out."),
    "save": ("tracker.cli.save", "Have the archive capture the policy now."),
    "notify": ("tracker.cli.notify", "Notices: what waits, what would be sent, a test."),
    "db": ("tracker.cli.db", "The database: bring it up to date, pack it tightly, copy it."),
    "train": ("tracker.cli.train", "A classifier of practice categories of one's own."),
    "doctor": ("tracker.cli.doctor", "Check configuration, database, archive and disk."),
}


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a disk says that takes no more, of stdout too."""


class CommandTable(click.Group):
    """A group that imports a subcommand's module only when that subcommand runs.

    ``tracker history`` must not pay for Scrapy; the short helps stand in the table for the same
    reason.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)  # noqa: S101 - narrows for the type checker
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="policy-tracker", prog_name="tracker")
def tracker() -> None:
    """Finds the true versions of archived privacy policies and what changed, and when.

    \b
    Example:
      tracker demo
      tracker crawl picroma.com && tracker history picroma.com
    """


def main() -> None:
    """Run the command line; every expected failure ends in one line on stderr.

    Status 1, or 2 where what was asked for makes no sense.
    """
    # A few hundred rows are too little for numpy's threads: on a busy machine they cost ten times
    # what they save, and in training the sums' order would follow the number of cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a dash is no reason to show nothing.
            stream.reconfigure(errors="replace")
    try:
        code = _ended()
    except click.exceptions.Abort:
        click.echo("tracker: stopped; what was fetched is kept, run it again to go on", err=True)
        code = 128 + signal.SIGINT
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (JobError, RequestError) as error:
        click.echo(f"tracker: {error}", err=True)
        code = 2
    except (TrackerError, CrawlError, StorageError) as error:
        click.echo(f"tracker: {error}", err=True)
        code = 1
    except BrokenPipeError:
        # The reader (`| head`) went away: Python would complain once more while it shuts down.
        _write_no_more()
        code = 1
    except OSError as error:
        if error.errno not in FULL:
            raise
        click.echo(f"tracker: cannot write: {error.strerror}", err=True)
        _write_no_more()
        code = 1
    sys.exit(_status(code))


def _ended() -> Any:
    """Run the command and see its output off; answers what it ended with."""
    try:
        code = tracker.main(standalone_mode=False)
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    return code


def _write_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _status(code: Any) -> int:
    return code if isinstance(code, int) else 0
