"""Exports of columns: Parquet, partitioned by year in Hive's manner (``year=2019``).

pandas, polars, DuckDB and Spark read a table's folder as one table.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from tracker.errors import TrackerError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from types import ModuleType
    from typing import Self

    from tracker.exports.tables import Kind, Row, Table

GROUP = 5_000
"""Rows of a table and year that are held until they are written together."""


def write_parquet(
    folder: Path, tables: Iterable[Table], rows: Iterable[tuple[Table, Iterable[Row]]]
) -> None:
    """``TABLE/year=YYYY/part-0.parquet``, or ``TABLE/part-0.parquet`` for what has no time.

    Raises:
        TrackerError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise TrackerError("Parquet needs pyarrow: pip install pyarrow") from error
    folder.mkdir()
    kinds = _kinds(pa)
    schemas = {
        table.name: pa.schema([(name, kinds[kind]) for name, kind in table.columns.items()])
        for table in tables
    }
    with ExitStack() as open_parts:
        parts: dict[tuple[str, int | None], _Part] = {}
        for table in tables:
            if table.year_of is None:
                parts[table.name, None] = open_parts.enter_context(
                    _Part(folder / table.name, schemas[table.name], parquet, pa)
                )
        for table, some in rows:
            for row in some:
                year = row[table.year_of].year if table.year_of else None
                if (table.name, year) not in parts:
                    where = folder / table.name / f"year={year:04d}"
                    parts[table.name, year] = open_parts.enter_context(
                        _Part(where, schemas[table.name], parquet, pa)
                    )
                parts[table.name, year].add(row)


class _Part:
    """One file, written in groups of rows."""

    def __init__(self, folder: Path, schema: Any, parquet: ModuleType, arrow: ModuleType) -> None:
        folder.mkdir(parents=True)
        self._arrow = arrow
        self._schema = schema
        self._writer = parquet.ParquetWriter(folder / "part-0.parquet", schema, compression="zstd")
        self._held: list[Row] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._write()
        self._writer.close()

    def add(self, row: Row) -> None:
        self._held.append(row)
        if len(self._held) >= GROUP:
            self._write()

    def _write(self) -> None:
        self._writer.write_table(self._arrow.Table.from_pylist(self._held, schema=self._schema))
        self._held.clear()


def _kinds(arrow: ModuleType) -> dict[Kind, Any]:
    return {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "truth": arrow.bool_(),
        "time": arrow.timestamp("s", tz="UTC"),
        "day": arrow.date32(),
        "texts": arrow.list_(arrow.string()),
        "segment counts": _list_of_counts(arrow, "segments"),
        "change counts": _list_of_counts(arrow, "added", "removed", "modified"),
    }


def _list_of_counts(arrow: ModuleType, *counts: str) -> Any:
    fields = [("category", arrow.string()), *((name, arrow.int64()) for name in counts)]
    return arrow.list_(arrow.struct(fields))
