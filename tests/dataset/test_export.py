"""Photos leave as copies without metadata, with their provenance, and only where they may."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from core.dataset.csv_cells import read_csv
from core.dataset.export import COLUMNS, LONGEST_PX, PROVENANCE_FILE, ExportResult, export_photos
from core.dataset.ingest import read_photo
from core.dataset.library import Library
from core.dataset.store import PhotoStore
from core.dataset.thumbnails import ThumbnailStore
from core.db.engine import Database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.domain.library import PhotoFilter
from core.domain.photo import PhotoStatus
from core.errors import JobStopped, StorageUnavailable
from tests.support.planted import TRACES, planted_jpeg
from tests.support.records import photo_record
from tests.support.scenes import scene_bytes

ACCEPTED = PhotoFilter(status=PhotoStatus.ACCEPTED)
FREE = {"licence": "CC BY-SA 4.0", "author": "누군가", "page_url": "https://example.org/1", "source": "commons"}


@pytest.fixture
def library(database: Database, places: PlaceRepository, tmp_path: Path) -> Library:
    root = str(tmp_path / "library")
    return Library(PhotoRepository(database), ReviewRepository(database), PhotoStore(root), ThumbnailStore(root))


def keep(library: Library, content: bytes, number: int = 1, **changes: object) -> str:
    """Put a photo in the library and return its hash."""
    sha256 = hashlib.sha256(content).hexdigest()
    library.store.put(content, sha256, "jpg")
    library.photos.add(photo_record(number, sha256=sha256, **{**FREE, **changes}))
    return sha256


def opened(target: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_folder_per_place_and_a_line_of_provenance_per_photo(library: Library, tmp_path: Path) -> None:
    cave = keep(library, scene_bytes("cave", 1), original_name="=만장굴.jpg")
    wall = keep(library, scene_bytes("wall", 2), 2, place_slug="unknown")
    keep(library, scene_bytes("wall", 3), 3, status=PhotoStatus.NEW)
    assert export_photos(ACCEPTED, library, tmp_path / "new" / "out.zip") == ExportResult(2)
    files = opened(tmp_path / "new" / "out.zip")
    assert set(files) == {f"cave/{cave}.jpg", f"unknown/{wall}.jpg", PROVENANCE_FILE}
    titles, rows = read_csv(files[PROVENANCE_FILE])
    assert titles == COLUMNS
    assert rows[0][:3] == (f"cave/{cave}.jpg", cave, "cave")
    assert rows[0][3:8] == ("commons", "https://example.org/1", "누군가", "CC BY-SA 4.0", "=만장굴.jpg")
    assert rows[0][8].startswith("turned upright")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out.zip"]


def test_what_leaves_is_upright_and_carries_nothing_of_the_original(library: Library, tmp_path: Path) -> None:
    planted = planted_jpeg()
    keep(library, planted)
    export_photos(ACCEPTED, library, tmp_path / "out.zip")
    (copy,) = (content for name, content in opened(tmp_path / "out.zip").items() if name.endswith(".jpg"))
    assert any(trace in planted for trace in TRACES)
    assert not [trace for trace in TRACES if trace in copy]
    first, second = read_photo(planted), read_photo(copy)
    assert (first.width_px, first.height_px) == (second.width_px, second.height_px)
    assert (second.position, second.taken_at) == (None, None)


def test_a_large_photo_leaves_smaller(library: Library, tmp_path: Path) -> None:
    large = io.BytesIO()
    Image.new("RGB", (2600, 1300), (10, 120, 200)).save(large, "JPEG")
    keep(library, large.getvalue())
    export_photos(ACCEPTED, library, tmp_path / "out.zip")
    (copy,) = (content for name, content in opened(tmp_path / "out.zip").items() if name.endswith(".jpg"))
    assert (read_photo(copy).width_px, read_photo(copy).height_px) == (LONGEST_PX, LONGEST_PX // 2)


def test_originals_leave_only_when_they_are_asked_for(library: Library, tmp_path: Path) -> None:
    sha256 = keep(library, planted_jpeg())
    export_photos(ACCEPTED, library, tmp_path / "out.zip", originals=True)
    files = opened(tmp_path / "out.zip")
    assert files[f"cave/{sha256}.jpg"] == planted_jpeg()
    assert read_csv(files[PROVENANCE_FILE])[1][0][8] == ""


def test_what_is_not_free_stays_and_is_counted_unless_it_is_asked_for(library: Library, tmp_path: Path) -> None:
    keep(library, scene_bytes("cave", 1))
    keep(library, scene_bytes("cave", 2), 2, licence="")
    keep(library, scene_bytes("cave", 3), 3, licence=" ")
    keep(library, scene_bytes("cave", 4), 4, licence="CC BY-NC 4.0")
    keep(library, scene_bytes("cave", 5), 5, place_slug=None)
    target = tmp_path / "out.zip"
    assert export_photos(ACCEPTED, library, target) == ExportResult(1, no_licence=2, not_free=1, unsorted=1)
    assert export_photos(ACCEPTED, library, target, only_free=False) == ExportResult(4, unsorted=1)
    assert len(opened(target)) == 5


def test_photos_whose_files_are_gone_or_damaged_are_counted(library: Library, tmp_path: Path) -> None:
    keep(library, scene_bytes("cave", 1))
    gone = keep(library, scene_bytes("cave", 2), 2)
    library.store.delete(gone, "jpg")
    keep(library, b"\xff\xd8\xff no photo", 3)
    assert export_photos(ACCEPTED, library, tmp_path / "out.zip") == ExportResult(1, broken=2)


def test_the_same_photos_give_the_same_bytes(library: Library, tmp_path: Path) -> None:
    keep(library, scene_bytes("cave", 1))
    for name in ("one.zip", "two.zip"):
        export_photos(ACCEPTED, library, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_progress_is_told_and_stopping_leaves_the_old_file_and_nothing_else(library: Library, tmp_path: Path) -> None:
    for number in range(3):
        keep(library, scene_bytes("cave", number), number)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "out.zip").write_bytes(b"the old one")
    told: list[tuple[int, int | None, str]] = []

    def report(done: int, total: int | None, key: str = "", **_: object) -> None:
        told.append((done, total, key))
        if len(told) == 2:
            raise JobStopped

    with pytest.raises(JobStopped):
        export_photos(ACCEPTED, library, folder / "out.zip", report=report)
    assert told == [(1, 3, "export.photos"), (2, 3, "export.photos")]
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("out.zip", b"the old one")]


def test_where_nothing_can_be_written_is_said(library: Library, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageUnavailable):
        export_photos(ACCEPTED, library, tmp_path / "file" / "out.zip")


def test_many_pages_of_photos_all_leave(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.dataset.export.PAGE", 2)
    for number in range(5):
        keep(library, scene_bytes("cave", number), number)
    assert export_photos(ACCEPTED, library, tmp_path / "out.zip").exported == 5
    assert len(opened(tmp_path / "out.zip")) == 6


def test_provenance_is_a_table_that_spreadsheets_read(library: Library, tmp_path: Path) -> None:
    keep(library, scene_bytes("cave", 1), author="=cmd|' /C calc'!A0")
    export_photos(ACCEPTED, library, tmp_path / "out.zip")
    table = opened(tmp_path / "out.zip")[PROVENANCE_FILE]
    assert b"\"'=cmd" in table
    assert io.BytesIO(table).read(3) == b"\xef\xbb\xbf"
