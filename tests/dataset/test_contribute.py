"""What a visitor gives is stored without metadata, whole or not at all, once, and can be taken back."""

import io
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from core.dataset.contribute import LONGEST_PX, Outcome, contribute, withdraw
from core.dataset.ingest import read_photo
from core.dataset.library import Library
from core.dataset.store import PhotoStore
from core.db.engine import open_database
from core.db.feedback import FeedbackRepository
from core.db.photos import PhotoRepository
from core.domain.feedback import Feedback, Verdict
from core.domain.library import PhotoAction
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import DatabaseUnavailable, NotFound, PhotoRefused
from tests.support.libraries import files_of, new_library
from tests.support.planted import TRACES, jpeg_segments, planted_jpeg, planted_photos
from tests.support.scenes import draw_scene, scene_bytes

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
JFIF, TABLES = 0xE0, {0xDB, 0xC0, 0xC4}  # APP0 without a preview, quantisation, frame and Huffman tables
PLANTED = planted_photos()
KILLED_BETWEEN = """
import os, signal, sys, pathlib, datetime
from core.dataset.contribute import contribute
from core.dataset.store import PhotoStore
from core.dataset.library import Library
from core.dataset.thumbnails import ThumbnailStore
from core.db.engine import open_database
from core.db.photos import PhotoRepository
from core.db.review import ReviewRepository

class Killed(PhotoRepository):
    def add_all(self, *given):
        os.kill(os.getpid(), signal.SIGKILL)

database = open_database(sys.argv[1])
store, thumbnails = PhotoStore(sys.argv[3]), ThumbnailStore(sys.argv[3])
library = Library(Killed(database), ReviewRepository(database), store, thumbnails)
now = datetime.datetime.now(datetime.UTC)
contribute(pathlib.Path(sys.argv[2]).read_bytes(), None, library, now)
"""


class FailingPhotos(PhotoRepository):
    """Loses the database when a row is to be written."""

    def add_all(self, *given: object, **named: object) -> frozenset[str]:
        raise DatabaseUnavailable


class OvertakenPhotos(PhotoRepository):
    """Finds that another process wrote the same row in the same instant, and then loses the database."""

    def add_all(self, *given: Any, **named: Any) -> frozenset[str]:
        super().add_all(*given, **named)
        raise DatabaseUnavailable


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path)


@pytest.fixture
def photos(library: Library) -> PhotoRepository:
    return library.photos


@pytest.fixture
def store(library: Library) -> PhotoStore:
    return library.store


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'eodi.sqlite3'}"


def with_photos(library: Library, photos: PhotoRepository) -> Library:
    return replace(library, photos=photos)


def files_in(tmp_path: Path) -> list[Path]:
    """Return the photos' files; thumbnails are looked at by their own test."""
    return [path for path in (tmp_path / "library").glob("??/*") if path.is_file()]


@pytest.mark.parametrize("encoding", PLANTED)
def test_the_planted_photos_hold_what_is_looked_for(encoding: str) -> None:
    assert TRACES[0] in PLANTED[encoding]


def test_the_planted_jpeg_holds_every_trace_and_ingest_sees_its_position() -> None:
    assert [trace for trace in TRACES if trace not in b"".join(PLANTED.values())] == []
    assert read_photo(PLANTED["JPEG"]).position is not None


@pytest.mark.parametrize("encoding", PLANTED)
def test_no_stored_byte_is_metadata(library: Library, encoding: str, tmp_path: Path) -> None:
    given = contribute(PLANTED[encoding], "falls", library, NOW)
    assert given.outcome is Outcome.STORED
    (file,) = files_in(tmp_path)
    stored = file.read_bytes()
    assert [trace for trace in TRACES if trace in stored] == []
    assert set(jpeg_segments(stored)) <= {JFIF, *TABLES}
    assert stored.endswith(b"\xff\xd9")
    with Image.open(io.BytesIO(stored)) as image:
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_row_says_what_was_given_and_nothing_about_the_giver(
    library: Library, store: PhotoStore, photos: PhotoRepository
) -> None:
    record = contribute(PLANTED["JPEG"], "falls", library, NOW).record
    assert record == photos.list()[0]
    assert (record.source, record.status, record.place_slug) == ("visitor", PhotoStatus.NEW, "falls")
    assert (record.consent_at, record.created_at) == (NOW, NOW)
    assert (record.position, record.taken_at, record.original_name, record.split) == (None, None, "", None)
    assert (record.author, record.licence, record.page_url, record.group_id) == ("", "", "", "")
    assert (record.format, record.width_px, record.height_px) == ("JPEG", 480, 640)  # orientation 6: turned upright
    stored = store.get(record.sha256, "jpg")
    assert read_photo(stored).sha256 == record.sha256
    assert len(stored) == record.size_bytes


@pytest.mark.parametrize("suggested", [None, "unknown"])
def test_a_photo_of_no_known_place_goes_where_it_was_said_to(library: Library, suggested: str | None) -> None:
    assert contribute(PLANTED["PNG"], suggested, library, NOW).record.place_slug == suggested


def test_the_stored_pixels_are_the_photos_own(library: Library, store: PhotoStore) -> None:
    record = contribute(scene_bytes("cave", 1, "PNG"), None, library, NOW).record
    stored = read_photo(store.get(record.sha256, "jpg")).pixels.astype(int)
    assert np.abs(stored - np.asarray(draw_scene("cave", 1), int)).mean() < 3


def test_a_large_photo_is_made_smaller_and_a_small_one_is_not(library: Library) -> None:
    large = contribute(scene_bytes("cave", 2, size=(3000, 1500)), None, library, NOW).record
    small = contribute(scene_bytes("falls", 2, size=(300, 200)), None, library, NOW).record
    assert (large.width_px, large.height_px) == (LONGEST_PX, 1024)
    assert (small.width_px, small.height_px) == (300, 200)


def test_the_same_photo_again_is_known_and_stored_once(
    library: Library, photos: PhotoRepository, tmp_path: Path
) -> None:
    first = contribute(PLANTED["JPEG"], None, library, NOW)
    second = contribute(PLANTED["JPEG"], "falls", library, NOW)
    assert (second.outcome, second.record) == (Outcome.ALREADY_KNOWN, first.record)
    assert (len(files_in(tmp_path)), photos.count()) == (1, 1)


def test_a_photo_that_looks_the_same_is_known_and_a_different_one_is_not(
    library: Library, photos: PhotoRepository, tmp_path: Path
) -> None:
    first = contribute(scene_bytes("falls", 7), None, library, NOW)
    target = io.BytesIO()
    ImageEnhance.Brightness(draw_scene("falls", 7).resize((500, 375))).enhance(1.1).save(target, "JPEG", quality=60)
    assert contribute(target.getvalue(), None, library, NOW).outcome is Outcome.ALREADY_KNOWN
    assert contribute(target.getvalue(), None, library, NOW).record == first.record
    assert contribute(scene_bytes("columns", 7), None, library, NOW).outcome is Outcome.STORED
    assert (len(files_in(tmp_path)), photos.count()) == (2, 2)


def test_when_the_row_fails_nothing_is_left(library: Library, url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        contribute(PLANTED["JPEG"], None, with_photos(library, FailingPhotos(open_database(url))), NOW)
    assert files_in(tmp_path) == []


def test_when_the_place_is_unknown_nothing_is_left(library: Library, photos: PhotoRepository, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"place\.not_found"):
        contribute(PLANTED["JPEG"], "nowhere", library, NOW)
    assert (files_in(tmp_path), photos.count()) == ([], 0)


def test_when_another_process_added_the_row_its_file_stays(
    library: Library, store: PhotoStore, url: str, photos: PhotoRepository
) -> None:
    with pytest.raises(DatabaseUnavailable):
        contribute(PLANTED["JPEG"], None, with_photos(library, OvertakenPhotos(open_database(url))), NOW)
    assert store.exists(photos.list()[0].sha256, "jpg")


def test_a_file_that_stood_there_before_is_not_deleted_when_the_row_fails(
    library: Library, store: PhotoStore, url: str, photos: PhotoRepository
) -> None:
    record = contribute(PLANTED["JPEG"], None, library, NOW).record
    photos.delete(record.sha256)
    with pytest.raises(DatabaseUnavailable):
        contribute(PLANTED["JPEG"], None, with_photos(library, FailingPhotos(open_database(url))), NOW)
    assert store.exists(record.sha256, "jpg")


def test_a_process_killed_between_file_and_row_leaves_no_row_and_the_next_try_completes_it(
    library: Library, photos: PhotoRepository, url: str, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(PLANTED["JPEG"])
    arguments = [url, str(tmp_path / "photo.jpg"), str(tmp_path / "library")]
    child = subprocess.run(
        [sys.executable, "-c", KILLED_BETWEEN, *arguments], cwd=Path(__file__).parents[2], check=False
    )
    assert child.returncode == -signal.SIGKILL
    assert photos.count() == 0
    assert contribute(PLANTED["JPEG"], None, library, NOW).outcome is Outcome.STORED
    assert [path.name for path in files_in(tmp_path)] == [f"{photos.list()[0].sha256}.jpg"]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", PLANTED["JPEG"][:4000]])
def test_what_is_no_photo_is_refused_and_nothing_is_left(
    library: Library, content: bytes, photos: PhotoRepository, tmp_path: Path
) -> None:
    with pytest.raises(PhotoRefused):
        contribute(content, None, library, NOW)
    assert (files_in(tmp_path), photos.count()) == ([], 0)


def test_a_photo_that_is_taken_back_leaves_no_file_no_row_and_no_mention(
    library: Library, photos: PhotoRepository, url: str, tmp_path: Path
) -> None:
    record = contribute(planted_jpeg(9), "falls", library, NOW).record
    feedback = FeedbackRepository(open_database(url))
    given = feedback.add(Feedback("r", "falls", 0.9, Verdict.RIGHT, photo_sha256=record.sha256))
    photos.set_status(record.sha256, PhotoStatus.ACCEPTED)
    withdraw(record.sha256, library)
    assert (files_of(tmp_path / "library"), photos.count()) == ([], 0)
    assert feedback.get(given).photo_sha256 is None
    assert record.sha256.encode() not in b"".join(p.read_bytes() for p in tmp_path.rglob("*.json") if p.is_file())
    with pytest.raises(NotFound):
        withdraw(record.sha256, library)


def test_a_withdrawal_that_was_cut_off_is_completed_by_the_next(
    library: Library, store: PhotoStore, photos: PhotoRepository, tmp_path: Path
) -> None:
    record = contribute(PLANTED["JPEG"], None, library, NOW).record
    store.delete(record.sha256, "jpg")
    withdraw(record.sha256, library)
    assert photos.count() == 0


def test_a_collected_photo_cannot_be_withdrawn_by_a_visitor(
    library: Library, store: PhotoStore, photos: PhotoRepository
) -> None:
    content = scene_bytes("cafe", 1)
    photo = read_photo(content)
    store.put(content, photo.sha256, "jpg")
    photos.add(
        PhotoRecord(photo.sha256, None, PhotoStatus.ACCEPTED, "JPEG", 640, 480, len(content), "", source="crawl")
    )
    with pytest.raises(NotFound):
        withdraw(photo.sha256, library)
    assert store.exists(photo.sha256, "jpg")
    assert photos.count() == 1


def test_a_contribution_has_a_thumbnail_without_metadata_and_a_first_line_of_history(
    library: Library, tmp_path: Path
) -> None:
    record = contribute(PLANTED["JPEG"], "falls", library, NOW).record
    content = library.thumbnails.get(record.sha256)
    assert content is not None
    assert [trace for trace in TRACES if trace in content] == []
    (event,) = library.review.history(record.sha256)
    assert (event.action, event.actor) == (PhotoAction.CONTRIBUTED, "visitor")
    assert record.sharpness is not None
