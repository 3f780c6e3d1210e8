"""Cleaned documents, each kept once per normalizer; their texts are blobs and so kept once too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage import blobs
from storage.database import insert_new
from storage.errors import StorageError
from storage.packing import Codec
from storage.records import Document
from storage.schema import blobs as blobs_table
from storage.schema import documents

if TYPE_CHECKING:
    from typing import Any, Self

    from sqlalchemy import Select

    from storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What a row of the table says of a document, and the bytes of its two blobs.

    Half surrogates, which some PDF files hold, become ``?``: they are no text in UTF-8.
    """

    title: str | None
    markdown: bytes
    surroundings: bytes
    key: str

    @classmethod
    def of(cls, document: Document) -> Self:
        title = document.title and document.title.encode("utf-8", "replace").decode()
        markdown = document.markdown.encode("utf-8", "replace")
        surroundings = _packed(document.surroundings)
        digests = [sha256(text).hexdigest() for text in (markdown, surroundings)]
        content = [*digests, title, document.language, document.notes]
        key = sha256(_packed(content)).hexdigest()
        return cls(title=title, markdown=markdown, surroundings=surroundings, key=key)


def _whole() -> Select[Any]:
    """A document by its content, unless one of its texts was given up as damaged."""
    markdown, surroundings = blobs_table.alias(), blobs_table.alias()
    return (
        select(documents.c.id)
        .join(markdown, markdown.c.sha256 == documents.c.markdown_sha256)
        .join(surroundings, surroundings.c.sha256 == documents.c.surroundings_sha256)
        .where(
            documents.c.sha256 == bindparam("key"),
            documents.c.normalizer == bindparam("made_by"),
            markdown.c.codec != Codec.LOST.value,
            surroundings.c.codec != Codec.LOST.value,
        )
    )


WHOLE = _whole()
"""Made once: to put it together takes as long as to run it."""

ID = select(documents.c.id).where(
    documents.c.sha256 == bindparam("key"), documents.c.normalizer == bindparam("made_by")
)


def find(conn: Connection, document: Document, *, normalizer: str) -> int | None:
    """The id under which this version of the normalizer has the document kept, with its texts."""
    wanted = {"key": _Content.of(document).key, "made_by": normalizer}
    return conn.execute(WHOLE, wanted).scalar_one_or_none()


def put(
    conn: Connection,
    document: Document,
    *,
    normalizer: str,
    near: tuple[str | None, str | None] | None = None,
) -> int:
    """Keep a document as this version of the normalizer made it; answers its id.

    ``near`` are the digests of the text and the surroundings of a document that is likely to
    resemble it.
    """
    text, around = near or (None, None)
    content = _Content.of(document)
    row = {
        "sha256": content.key,
        "normalizer": normalizer,
        "markdown_sha256": blobs.put(conn, content.markdown, near=text),
        "surroundings_sha256": blobs.put(conn, content.surroundings, near=around),
        "title": content.title,
        "language": document.language,
        "notes": list(document.notes),
    }
    new = insert_new(conn, documents, "sha256", "normalizer", returning="id")
    kept = conn.execute(new, row).scalar_one_or_none()
    if kept is None:
        kept = conn.execute(ID, {"key": content.key, "made_by": normalizer}).scalar_one()
    return int(kept)


def get(conn: Connection, document_id: int) -> Document:
    """A kept document.

    Raises:
        StorageError: there is none of this id, or its text is damaged.
    """
    row = conn.execute(select(documents).where(documents.c.id == document_id)).one_or_none()
    if row is None:
        raise StorageError(f"no document {document_id} is kept: run `tracker reprocess`")
    return Document(
        markdown=markdown(conn, row.markdown_sha256),
        title=row.title,
        language=row.language,
        surroundings=surroundings(conn, row.surroundings_sha256),
        notes=tuple(row.notes),
    )


def markdown(conn: Connection, key: str) -> str:
    """The text of a document by its digest."""
    return blobs.get(conn, key).decode()


def surroundings(conn: Connection, key: str) -> tuple[str, ...]:
    """The texts around a document by their digest."""
    return tuple(json.loads(blobs.get(conn, key)))


def _packed(content: object) -> bytes:
    return json.dumps(content).encode("ascii")
