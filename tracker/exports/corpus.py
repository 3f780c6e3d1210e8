"""The corpus as tables, in a folder with a file or a folder for each, or one table as one file."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from tracker.errors import RequestError
from tracker.exports.columnar import write_parquet
from tracker.exports.lines import write_csv, write_json
from tracker.exports.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from storage.database import Connection
    from storage.records import Site
    from tracker.exports.tables import Table

WRITERS = {"jsonl": write_json, "csv": write_csv, "parquet": write_parquet}


def tables_named(names: Sequence[str]) -> tuple[Table, ...]:
    """Tables by name, all for no name.

    Raises:
        RequestError: there is no such table.
    """
    known = {table.name: table for table in TABLES}
    for name in names:
        if name not in known:
            raise RequestError(f"no table {name!r}: there are {', '.join(known)}")
    return tuple(known[name] for name in names) or TABLES


def write_tables(
    form: str, place: Path, conn: Connection, chosen: Iterable[Site], tables: Sequence[Table]
) -> None:
    """Write tables into the folder ``place``, made here.

    Raises:
        TrackerError: a library that the format needs is not installed.
        StorageError: something kept is damaged.
    """
    rows = ((table, table.rows(conn, site)) for site in chosen for table in tables)
    WRITERS[form](place, tables, rows)


def write_one(
    form: str, place: Path, conn: Connection, chosen: Iterable[Site], table: Table
) -> None:
    """Write one table as the file ``place``.

    Raises:
        TrackerError: a library that the format needs is not installed.
        StorageError: something kept is damaged.
    """
    folder = place.with_name(f"{place.name}.folder")
    try:
        write_tables(form, folder, conn, chosen, [replace(table, year_of=None)])
        [file] = [path for path in folder.rglob("*") if path.is_file()]
        file.rename(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
