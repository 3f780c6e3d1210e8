"""Trends of a database: worked out once for every state of it, then read back."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, cast

from storage import trend_cache, trends
from storage.errors import StorageError
from tracker.classified_languages import CLASSIFIED_LANGUAGES
from tracker.trends.figures import figures

if TYPE_CHECKING:
    from storage.database import Connection, Database
    from tracker.trends.asked import Asked
    from tracker.trends.documents import TrendsJson

DEFINITIONS = "2"
"""Counts what docs/trends.md changed in what the figures mean: older ones are not read back."""


def trends_of(db: Database, asked: Asked) -> TrendsJson:
    """The trends that were asked for, as the database is now.

    Seconds for the first who asks on a large corpus, milliseconds after that until a site is
    derived anew. A database that cannot be written to is read each time.

    Raises:
        StorageError: the database fails.
    """
    edition, kept = db.retrieve(partial(_kept, asked))
    if kept is not None and kept.edition == edition:
        return cast("TrendsJson", kept.document)
    document = db.retrieve(partial(_worked_out, asked))
    try:
        db.transact(lambda conn: trend_cache.put(conn, _key(asked), edition, document))
    except StorageError:
        # The figures are right, kept or not.
        return document
    return document


def last_trends(db: Database, asked: Asked) -> tuple[TrendsJson, bool] | None:
    """What was last worked out for this question, and whether it is still so; None if nothing.

    For whoever cannot wait: in milliseconds however large the corpus is.

    Raises:
        StorageError: the database fails.
    """
    edition, kept = db.retrieve(partial(_kept, asked))
    if kept is None:
        return None
    return cast("TrendsJson", kept.document), kept.edition == edition


def _kept(asked: Asked, conn: Connection) -> tuple[str, trend_cache.Kept | None]:
    return trends.edition(conn, asked.which), trend_cache.get(conn, _key(asked))


def _worked_out(asked: Asked, conn: Connection) -> TrendsJson:
    versions = trends.version_columns(
        conn, asked.which, categories=asked.categories, languages=sorted(CLASSIFIED_LANGUAGES)
    )
    return figures(versions, trends.change_columns(conn, asked.which), asked)


def _key(asked: Asked) -> str:
    question = asdict(asked) | {"definitions": DEFINITIONS}
    return json.dumps(question, sort_keys=True, default=str)
