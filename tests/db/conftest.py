"""A database of its own for each test, on SQLite and on MySQL."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from core.db.engine import Database, open_database
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.db.tables import Base, ReleaseRow, ServiceRow
from core.domain.photo import PhotoRecord, PhotoStatus
from core.domain.place import Position
from tests.support.mariadb import MariaDb
from tests.support.places import make_place

MakeRecord = Callable[..., PhotoRecord]
CATALOGUE = Path(__file__).parents[2] / "data" / "catalogue"


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an upgraded SQLite file to copy: upgrading takes a hundred times as long."""
    path = tmp_path_factory.mktemp("empty") / "eodi.sqlite3"
    upgrade(open_database(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def shared_schema(mariadb_server: MariaDb) -> Iterator[Database]:
    """Give an upgraded schema that each test empties first."""
    opened = open_database(mariadb_server.new_schema())
    upgrade(opened)
    yield opened
    opened.dispose()


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mysql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Give an empty database with the newest schema."""
    if request.param == "sqlite":
        path = tmp_path / "eodi.sqlite3"
        shutil.copy(request.getfixturevalue("empty_file"), path)
        return open_database(f"sqlite:///{path}")
    shared: Database = request.getfixturevalue("shared_schema")
    with shared.session() as session:
        session.execute(update(ServiceRow).values(release_id=None, catalogue_sha256=""))
        session.execute(update(ReleaseRow).values(previous_id=None))
        for table in reversed(Base.metadata.sorted_tables):
            if table is not ServiceRow.__table__:
                session.execute(delete(table))
    return shared


@pytest.fixture
def places(database: Database) -> PlaceRepository:
    """Give a catalogue of the places `cave` (0) and `falls` (1)."""
    repository = PlaceRepository(database)
    repository.add(make_place(0, "cave", Position(33.5283, 126.7714)))
    repository.add(make_place(1, "falls"))
    return repository


@pytest.fixture
def make_record() -> MakeRecord:
    """Give a maker of records: a number, and what differs."""

    def make(number: int, **changes: object) -> PhotoRecord:
        record = PhotoRecord(
            sha256=f"{number:064x}",
            place_slug=None,
            status=PhotoStatus.NEW,
            format="jpeg",
            width_px=640,
            height_px=480,
            size_bytes=1000 + number,
            perceptual_hash=f"{number * 2654435761 % 2**64:016x}",
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    return make
