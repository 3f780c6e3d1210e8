"""Every table of the app in three forms: a page, CSV, and the JSON of the command line."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request

FORMS = ("html", "csv", "json")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""


def form_wanted(request: Request, *others: str) -> str:
    """The form that ``?format=`` asks for, a page by default.

    Raises:
        HTTPException: there is no such form (400).
    """
    known = (*FORMS, *others)
    form = request.query_params.get("format", "html")
    if form not in known:
        raise HTTPException(400, f"There is no format {form!r} here: known are {', '.join(known)}")
    return form


def json_response(document: Any) -> Response:
    """One JSON document."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    return Response(text.encode("utf-8", "replace"), media_type="application/json")


def csv_response(rows: Iterable[Mapping[str, Any]], columns: Iterable[str], name: str) -> Response:
    """A table as CSV (RFC 4180, UTF-8, a header line), to be kept as ``NAME.csv``.

    Lists become JSON. What a spreadsheet would take for a formula gets an apostrophe before it:
    the text is an archived page's, and so is anyone's.
    """
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(columns), extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _cell(value) for key, value in row.items()})
    safe = "".join(c if c.isascii() and (c.isalnum() or c in ".-_") else "-" for c in name)
    return Response(
        stream.getvalue().encode("utf-8", "replace"),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{safe}.csv"'},
    )


def table_response(
    form: str,
    document: Callable[[], Any],
    rows: Callable[[], Iterable[Mapping[str, Any]]],
    columns: Iterable[str],
    name: str,
) -> Response:
    """A table as JSON or CSV, whichever is wanted."""
    if form == "json":
        return json_response(document())
    return csv_response(rows(), columns, name)


def _cell(value: Any) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return value
