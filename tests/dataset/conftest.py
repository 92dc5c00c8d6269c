"""The databases of `tests/db`, for what works on rows of the library; an empty library, and photos to bring into it."""

from pathlib import Path

import pytest

from core.dataset.library import Library
from tests.db.conftest import database, empty_file, places, shared_schema
from tests.support.imports import write_photos
from tests.support.libraries import new_library

__all__ = ["database", "empty_file", "places", "shared_schema"]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path)


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_photos(tmp_path_factory.mktemp("photos") / "forty", 40)
