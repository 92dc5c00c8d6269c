"""An empty library of one's own: a SQLite file and a folder."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from core.dataset.library import Library
from core.dataset.store import PhotoStore
from core.dataset.thumbnails import ThumbnailStore
from core.db.engine import open_database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.db.review import ReviewRepository
from tests.support.places import make_place

PLACES = ("cave", "falls", "tea")


@cache
def _empty_file() -> Path:
    """Return an upgraded file with a few places to copy: upgrading takes a hundred times as long."""
    path = Path(tempfile.mkdtemp(prefix="eodi-empty-")) / "eodi.sqlite3"
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    for number, slug in enumerate(PLACES):
        PlaceRepository(database).add(make_place(number, slug))
    return path


def new_library(folder: Path) -> Library:
    """Make a library in `folder`: `eodi.sqlite3` with the places cave, falls and tea, and `library/`."""
    shutil.copy(_empty_file(), folder / "eodi.sqlite3")
    return library_at(f"sqlite:///{folder / 'eodi.sqlite3'}", folder / "library")


def library_at(url: str, storage: Path) -> Library:
    """Open a library that is there."""
    database = open_database(url)
    return Library(
        PhotoRepository(database), ReviewRepository(database), PhotoStore(str(storage)), ThumbnailStore(str(storage))
    )


def files_of(folder: Path) -> list[str]:
    """Name every file of the library's folder, in order."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def tell_nothing(done: int, total: int | None, message_key: str = "", **values: str | int | float) -> None:
    """Stand in for a bar."""
