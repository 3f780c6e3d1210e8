"""What every table is made of: the types of its columns, and the metadata that they share."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, Column, Dialect, ForeignKey, Integer, MetaData, String
from sqlalchemy.types import Text as AnyText
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.records import format_time

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)

RowId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is spelled INTEGER."""

SHA256 = String(64)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept as ``2015-05-12T17:12:10Z``: sorts, reads and compares alike everywhere.

    Fractions of a second are dropped. A naive time raises ValueError.
    """

    impl = String(20)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        # strftime does not fill years before 1000 up to four digits on every platform.
        return format_time(value).zfill(20)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


class Text(TypeDecorator[str]):
    """Text of any length, in the order of its code points (UTF-8's bytes) on every database.

    NUL, which PostgreSQL refuses, becomes U+FFFD; half surrogates, which UTF-8 has not, ``?``.
    """

    impl = AnyText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        return AnyText(collation="C" if dialect.name == "postgresql" else None)

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class IsoDate(TypeDecorator[date]):
    """A calendar date, kept as ``2015-05-12``."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, _dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


def site_column(*, key: bool = False) -> Column[int]:
    """The site that a row belongs to and goes with; ``key``: the first part of the primary key."""
    site = ForeignKey("sites.id", ondelete="CASCADE")
    if key:
        return Column("site_id", RowId, site, primary_key=True, autoincrement=False)
    return Column("site_id", RowId, site, nullable=False)
