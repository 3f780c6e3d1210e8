"""Exports of lines: JSON and CSV, a file a table."""

from __future__ import annotations

import csv
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tracker.exports.tables import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any, TextIO

    from tracker.exports.tables import Row, Table

    Rows = Iterable[tuple[Table, Iterable[Row]]]


def write_json(folder: Path, tables: Iterable[Table], rows: Rows) -> None:
    """``TABLE.jsonl``: an object a line, times in ISO 8601, lists as lists."""

    def opened(stream: TextIO, _table: Table) -> Callable[[Row], object]:
        return lambda row: stream.write(json.dumps(row, default=plain, ensure_ascii=False) + "\n")

    _write(folder, "jsonl", tables, rows, opened)


def write_csv(folder: Path, tables: Iterable[Table], rows: Rows) -> None:
    """``TABLE.csv`` (RFC 4180, UTF-8, a header line): lists as JSON, truths as true and false."""

    def opened(stream: TextIO, table: Table) -> Callable[[Row], object]:
        writer = csv.DictWriter(stream, list(table.columns))
        writer.writeheader()
        return lambda row: writer.writerow({name: _cell(value) for name, value in row.items()})

    _write(folder, "csv", tables, rows, opened)


def _write(
    folder: Path,
    suffix: str,
    tables: Iterable[Table],
    rows: Rows,
    opened: Callable[[TextIO, Table], Callable[[Row], object]],
) -> None:
    folder.mkdir()
    with ExitStack() as files:
        writers = {
            table.name: opened(
                files.enter_context(
                    (folder / f"{table.name}.{suffix}").open("w", encoding="utf-8", newline="")
                ),
                table,
            )
            for table in tables
        }
        for table, some in rows:
            write = writers[table.name]
            for row in some:
                write(row)


def _cell(value: Any) -> object:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else plain(value)
