"""The databases of `tests/db`, for what works on rows of the library."""

from tests.db.conftest import database, empty_file, places, shared_schema

__all__ = ["database", "empty_file", "places", "shared_schema"]
