"""The gallery as it stands: the run's own photos, the library's, and the library's word where both know a photo."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.db.engine import Database, open_database
from core.db.gallery import EmbeddingRepository
from core.db.photos import PhotoRepository
from core.db.places import UNKNOWN, PlaceRepository
from core.db.ready import upgrade
from core.db.review import ReviewRepository
from core.domain.library import RejectReason
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import ModelRefused
from core.gallery.space import encode
from core.gallery.store import GalleryStore
from core.weights.folder import Run
from core.weights.records import EMBEDDINGS_FILE, read_embeddings
from tests.support.galleries import name, write_tiny_run_with_embeddings
from tests.support.places import make_place
from tests.support.tiny_model import write_tiny_run

RED = np.array([1, -1, -1, 1], np.float32) / 2


@pytest.fixture
def database(tmp_path: Path) -> Database:
    opened = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(opened)
    for class_id in (0, 41):
        PlaceRepository(opened).add(make_place(class_id, f"place-{class_id}"))
    return opened


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_tiny_run_with_embeddings(tmp_path)


@pytest.fixture
def store(database: Database) -> GalleryStore:
    return GalleryStore(EmbeddingRepository(database))


def add(database: Database, sha256: str, slug: str | None) -> None:
    record = PhotoRecord(sha256, slug, PhotoStatus.ACCEPTED, "PNG", 80, 60, 1, "0" * 16)
    PhotoRepository(database).add(record)


def test_a_library_without_photos_has_the_gallery_of_the_run(store: GalleryStore, run: Run) -> None:
    gallery = store.current(run)
    assert len(gallery) == 200 and gallery.run_id == "tiny"
    assert store.current(run) is gallery


def test_a_photo_of_the_library_counts_from_its_embedding_on(store: GalleryStore, run: Run, database: Database) -> None:
    sha256 = hashlib.sha256(b"red").hexdigest()
    before = store.current(run)
    add(database, sha256, "place-41")
    EmbeddingRepository(database).put("tiny", {sha256: encode(store.start(run).space.reduce(RED[None]))[0].tobytes()})
    gallery = store.current(run)
    assert before.known_from(41) == 0 and gallery.known_from(41) == 1
    nearest = gallery.nearest(RED, 1)[0]
    assert (nearest.sha256, nearest.class_id) == (sha256, 41)
    assert nearest.group_id == sha256  # nobody grouped it yet: it is a group of its own


def test_a_photo_of_the_run_is_filed_as_the_library_says(store: GalleryStore, run: Run, database: Database) -> None:
    review = ReviewRepository(database)
    add(database, name(5), UNKNOWN)
    review.move([name(5)], "place-41", "kim")
    gallery = store.current(run)
    assert len(gallery) == 200 and gallery.known_from(41) == 1
    own = read_embeddings(run.read(EMBEDDINGS_FILE)).vectors[5]
    assert gallery.nearest(own, 1)[0].sha256 == name(5)
    review.reject([name(5)], RejectReason.OTHER, "", "kim")
    assert len(store.current(run)) == 199


def test_codes_of_another_length_are_left_out(store: GalleryStore, run: Run, database: Database) -> None:
    add(database, "a" * 64, "place-41")
    EmbeddingRepository(database).put("tiny", {"a" * 64: b"123"})
    assert store.current(run).known_from(41) == 0


def test_another_run_has_a_space_of_its_own(store: GalleryStore, run: Run, database: Database, tmp_path: Path) -> None:
    other = write_tiny_run_with_embeddings(tmp_path, "second", seed=1)
    add(database, "a" * 64, "place-41")
    EmbeddingRepository(database).put("tiny", {"a" * 64: encode(store.start(run).space.reduce(RED[None]))[0].tobytes()})
    assert store.current(run).known_from(41) == 1
    gallery = store.current(other)
    assert (gallery.run_id, gallery.known_from(41)) == ("second", 0)
    assert store.current(run).known_from(41) == 1


def test_a_run_without_embeddings_has_no_gallery(store: GalleryStore, tmp_path: Path) -> None:
    with pytest.raises(ModelRefused):
        store.current(write_tiny_run(tmp_path, "plain"))
