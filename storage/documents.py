"""Cleaned documents, each kept once per normalizer; their texts are blobs and so kept once too."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage import blobs
from storage.database import insert
from storage.errors import StorageError
from storage.records import Document
from storage.schema import documents

if TYPE_CHECKING:
    from storage.database import Connection


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

    Half surrogates, which some PDF files hold, become ``?``: they are no text in UTF-8.
    """
    title = document.title and document.title.encode("utf-8", "replace").decode()
    text, around = near or (None, None)
    markdown = blobs.put(conn, document.markdown.encode("utf-8", "replace"), near=text)
    surroundings = blobs.put(conn, _packed(document.surroundings), near=around)
    content = [markdown, surroundings, title, document.language, document.notes]
    key = sha256(_packed(content)).hexdigest()
    row = insert(conn, documents).values(
        sha256=key,
        normalizer=normalizer,
        markdown_sha256=markdown,
        surroundings_sha256=surroundings,
        title=title,
        language=document.language,
        notes=list(document.notes),
    )
    conn.execute(row.on_conflict_do_nothing(index_elements=["sha256", "normalizer"]))
    query = select(documents.c.id).where(
        documents.c.sha256 == key, documents.c.normalizer == normalizer
    )
    return int(conn.execute(query).scalar_one())


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
