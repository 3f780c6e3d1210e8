"""Options of the review commands: which changes, and who reviews."""

from __future__ import annotations

import functools
import getpass
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import day_begins
from tracker.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from storage.database import Connection
    from storage.review_records import QueueFilter
    from tracker.config import Config

VERDICTS = ("important", "routine", "false", "undecided")
STATES = ("open", "reviewed", "all", *VERDICTS)


def chosen(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that narrow the queue down; the command gets ``choose``, for a connection."""

    @click.option("--site", "sites", multiple=True, metavar="SITE", help="Only of this site.")
    @click.option("--category", help="Only changes in a practice category, such as 'retention'.")
    @click.option("--since", metavar="DATE", callback=day_begins, help="Only seen since this day.")
    @click.option(
        "--min-score",
        type=click.IntRange(0, 100),
        default=0,
        metavar="N",
        help="Only of this materiality or more, 0 to 100.",
    )
    @click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
    @click.option("--tag", help="Only what a review, or its site, is tagged with.")
    @functools.wraps(function)
    def wrapped(
        *args: Any,
        sites: tuple[str, ...],
        category: str | None,
        since: datetime | None,
        min_score: int,
        state: str,
        tag: str | None,
        config: Config,
        **kwargs: Any,
    ) -> Any:
        from storage.review_records import QueueFilter
        from tracker.kept import find_site
        from tracker.practice_filter import category_named, known_categories

        if category is not None:
            category = category_named(category, known_categories(config.classifier.path))

        def choose(conn: Connection) -> QueueFilter:
            return QueueFilter(
                site_ids=tuple(find_site(conn, site).id for site in sites),
                category=category,
                since=since,
                min_score=min_score,
                state=state,
                tag=tag,
            )

        return function(*args, choose=choose, config=config, **kwargs)

    return wrapped


def reviewing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--as``; the command gets the name as ``reviewer``."""

    @click.option(
        "--as",
        "--reviewer",
        "reviewer",
        envvar="TRACKER_REVIEWER",
        metavar="NAME",
        help="Who reviews [default: your login name].",
    )
    @functools.wraps(function)
    def wrapped(*args: Any, reviewer: str | None, **kwargs: Any) -> Any:
        from tracker.reviewing import reviewer_named

        return function(*args, reviewer=reviewer_named(reviewer or _login()), **kwargs)

    return wrapped


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise RequestError("nobody is logged in: say who reviews with --as NAME") from error
