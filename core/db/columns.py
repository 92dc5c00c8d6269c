"""Column types that mean the same on SQLite and MySQL; used by `tables` alone.

MySQL's usual collations compare too kindly: case, accents, trailing spaces and even any two emoji are equal there. So
keys are `ascii_bin`, text is `utf8mb4_bin` (the tables' default), and moments are UTC.
"""

import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.errors import InvalidInput

# What MySQL's TEXT holds; SQLite is held to the same. Source: MySQL reference, "Data Type Storage Requirements".
TEXT_LIMIT_BYTES = 65_535


def ascii_key(length: int) -> String:
    """Return a short exact key: slugs, hashes, states. Callers check its shape with `require_key` before they write."""
    return String(length).with_variant(mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


def require_key(value: str, field: str, limit: int) -> str:
    """Return `value` when an `ascii_key` column holds it.

    Raises:
        InvalidInput: too long, or not plain printable ASCII.
    """
    if len(value) > limit or not value.isascii() or not (value == "" or value.isprintable()):
        raise InvalidInput("text.key", field=field, limit=limit)
    return value


def without_surrogates(value: str) -> str:
    """Replace lone surrogates, which file names may hold and no database stores, by the replacement character."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def exact_text(value: str) -> str:
    """Return text as both databases hold it.

    Raises:
        InvalidInput: longer than what MySQL would not cut.
    """
    text = without_surrogates(value)
    if len(text.encode()) > TEXT_LIMIT_BYTES:
        raise InvalidInput("text.too_long", limit_kb=TEXT_LIMIT_BYTES // 1024)
    return text


class ExactText(TypeDecorator[str]):
    """Text that is read back as it was written, up to `TEXT_LIMIT_BYTES`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse what MySQL would cut."""
        return None if value is None else exact_text(value)


class Name(ExactText):
    """A name, stored composed (NFC): one spelling of 만장굴, whichever keyboard wrote it."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Compose, then treat as text."""
        composed = None if value is None else unicodedata.normalize("NFC", value)
        return super().process_bind_param(composed, dialect)


class JsonText(TypeDecorator[Any]):
    """A small JSON document as text, as MariaDB's JSON is text too."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Leave room for the arguments of a large job."""
        return dialect.type_descriptor(mysql.MEDIUMTEXT() if dialect.name == "mysql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Write the document in ASCII."""
        return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read the document."""
        return None if value is None else json.loads(value)


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, stored as UTC to the microsecond and read back as UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Keep microseconds on MySQL too."""
        return dialect.type_descriptor(mysql.DATETIME(fsp=6) if dialect.name == "mysql" else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC; one without a zone is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored as UTC")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class CameraMoment(TypeDecorator[datetime]):
    """What a camera's clock showed, with its offset only where one was written: ISO 8601 text, never shifted."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write ISO 8601."""
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read ISO 8601."""
        return None if value is None else datetime.fromisoformat(value)
