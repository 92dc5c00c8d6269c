"""What is accepted is known to the gallery soon: a few photos by a thread, more by a job, whatever ends either."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.classifier.predict import OnnxClassifier
from core.dataset.store import PhotoStore
from core.db.engine import Database, open_database
from core.db.gallery import EmbeddingRepository
from core.db.jobs import JobRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.db.releases import ReleaseRepository
from core.db.review import ReviewRepository
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import JobStopped
from core.gallery.shipped import open_run_gallery
from core.identify import ModelShelf
from core.identify import models as models_module
from core.identify.gallery_keeper import (
    AT_ONCE,
    BATCH,
    EmbeddedPhotos,
    GalleryKeeper,
    submit_gallery,
    unheard,
    write_embeddings,
)
from core.weights.folder import Run
from core.weights.release import promote_classifier, write_default
from tests.support.batch_photos import Started, colour_png
from tests.support.galleries import name, write_tiny_run_with_embeddings
from tests.support.places import make_place
from tests.support.tiny_model import SLUGS, coloured_photo, write_tiny_run

NEW = 41
PATIENCE_S = 60.0


@dataclass
class Desk:
    """A library with a model that answers."""

    database: Database
    weights_dir: Path
    run: Run
    classifier: OnnxClassifier
    photos: EmbeddedPhotos

    def bring(self, number: int, accept: bool = True, with_file: bool = True) -> str:
        """Bring a photo of one colour for the new place; each differs in size."""
        rows = PhotoRepository(self.database)
        width = 80 + rows.count()
        content = colour_png(number, (width, 60))
        sha256 = hashlib.sha256(content).hexdigest()
        if with_file:
            self.photos.open_store().put(content, sha256, "png")
        rows.add(PhotoRecord(sha256, "new", PhotoStatus.NEW, "PNG", width, 60, len(content), "0" * 16))
        if accept:
            ReviewRepository(self.database).accept([sha256], "kim")
        return sha256

    def missing(self) -> int:
        return self.photos.embeddings.count_missing("tiny")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    database = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(database)
    places = PlaceRepository(database)
    for class_id, slug in enumerate(SLUGS):
        places.add(make_place(class_id, slug))
    places.add(make_place(NEW, "new"))
    weights_dir = tmp_path / "weights"
    weights_dir.mkdir()
    run = write_tiny_run_with_embeddings(weights_dir)
    write_default(weights_dir, "tiny")
    photos = EmbeddedPhotos(EmbeddingRepository(database), partial(PhotoStore, str(tmp_path / "library")))
    return Desk(database, weights_dir, run, OnnxClassifier(run, 1), photos)


@pytest.fixture
def looks_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_module, "LOOK_AGAIN_S", 0.0)


def write(desk: Desk, report: Callable[..., None] = unheard) -> int:
    return write_embeddings(desk.classifier, open_run_gallery(desk.run), desk.photos, report)


def wait_until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def shelf_of(desk: Desk, submit: Callable[[str], object] | None) -> ModelShelf:
    return ModelShelf(ReleaseRepository(desk.database), desk.weights_dir, 1, GalleryKeeper(desk.photos, submit))


def known_from(shelf: ModelShelf) -> int:
    gallery = shelf.current().gallery
    return gallery.known_from(NEW) if gallery else -1


def test_accepted_photos_get_an_embedding_that_finds_them_again(desk: Desk) -> None:
    red, green = desk.bring(0), desk.bring(1)
    desk.bring(2, accept=False)
    assert write(desk) == 2 and desk.missing() == 0 and write(desk) == 0
    start = open_run_gallery(desk.run)
    stored = {photo.sha256: photo for page in desk.photos.embeddings.read("tiny") for photo in page}
    asked = start.space.reduce(desk.classifier.predict(coloured_photo((255, 0, 0))).embedding[None])[0]
    cosines = {}
    for sha256, photo in stored.items():
        codes = np.frombuffer(photo.codes, np.int8).astype(float)
        cosines[sha256] = float(codes @ asked / np.linalg.norm(codes))
    assert cosines[red] > 0.99 > cosines[green]


def test_a_photo_that_cannot_be_read_is_passed_over_and_the_others_go_on(desk: Desk) -> None:
    desk.bring(0, with_file=False)
    desk.bring(1)
    assert write(desk) == 1 and desk.missing() == 1


def test_the_runs_own_photos_are_not_looked_at_again(desk: Desk) -> None:
    PhotoRepository(desk.database).add(PhotoRecord(name(3), "new", PhotoStatus.ACCEPTED, "PNG", 80, 60, 1, "0" * 16))
    assert write(desk) == 1 and desk.missing() == 0  # there is no file of it


def test_work_that_was_stopped_is_gone_on_with(desk: Desk) -> None:
    for number in range(BATCH + 3):
        desk.bring(number)

    def stop(done: int, total: int | None, message_key: str = "", **values: object) -> None:
        if done:
            raise JobStopped

    with pytest.raises(JobStopped):
        write(desk, stop)
    assert desk.missing() == 3
    assert write(desk) == 3


@pytest.mark.usefixtures("looks_always")
def test_a_few_accepted_photos_are_known_without_anyone_asking_for_it(desk: Desk) -> None:
    shelf = shelf_of(desk, lambda run_id: None)
    assert known_from(shelf) == 0
    sha256 = desk.bring(0)
    shelf.library_changed()
    wait_until(lambda: desk.missing() == 0)
    assert known_from(shelf) == 1
    ReviewRepository(desk.database).move([sha256], SLUGS[0], "kim")
    assert known_from(shelf) == 0


@pytest.mark.usefixtures("looks_always")
def test_what_another_process_accepted_is_noticed_with_the_next_answer(desk: Desk) -> None:
    shelf = shelf_of(desk, lambda run_id: None)
    shelf.current()
    desk.bring(0)
    shelf.current()
    wait_until(lambda: known_from(shelf) == 1)


def test_within_a_second_the_library_is_not_looked_at_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_module, "LOOK_AGAIN_S", 3600.0)
    shelf = shelf_of(desk, None)
    before = shelf.current()
    desk.bring(0)
    write(desk)
    assert shelf.current() is before
    shelf.library_changed().join()
    assert known_from(shelf) == 1


@pytest.mark.usefixtures("looks_always")
def test_many_accepted_photos_are_the_jobs(desk: Desk) -> None:
    asked: list[str] = []
    shelf = shelf_of(desk, asked.append)
    for number in range(AT_ONCE + 1):
        desk.bring(number)
    shelf.current()
    wait_until(lambda: asked == ["tiny"])
    assert desk.missing() == AT_ONCE + 1
    write(desk)
    assert known_from(shelf) == AT_ONCE + 1


def test_a_process_that_only_asks_writes_nothing(desk: Desk) -> None:
    desk.bring(0)
    assert known_from(shelf_of(desk, None)) == 0
    for thread in threading.enumerate():
        if thread.name == "gallery":
            thread.join()
    assert desk.missing() == 1


@pytest.mark.usefixtures("looks_always")
def test_another_classifier_has_a_gallery_of_its_own(desk: Desk) -> None:
    desk.bring(0)
    write(desk)
    shelf, releases = shelf_of(desk, lambda run_id: None), ReleaseRepository(desk.database)
    assert known_from(shelf) == 1
    write_tiny_run_with_embeddings(desk.weights_dir, "second", seed=1)
    promote_classifier(releases, desk.weights_dir, "second")
    gallery = shelf.current().gallery
    assert gallery is not None and gallery.run_id == "second"
    wait_until(lambda: known_from(shelf) == 1)  # the photo was looked at again


@pytest.mark.usefixtures("looks_always")
def test_a_run_without_embeddings_answers_without_a_gallery(desk: Desk) -> None:
    write_tiny_run(desk.weights_dir, "plain")
    shelf = shelf_of(desk, lambda run_id: None)
    assert shelf.current().gallery is not None
    promote_classifier(ReleaseRepository(desk.database), desk.weights_dir, "plain")
    models = shelf.current()
    assert models.classifier.run_id == "plain" and models.gallery is None


@pytest.mark.usefixtures("looks_always")
def test_while_the_library_cannot_be_read_the_gallery_stays(desk: Desk) -> None:
    shelf = shelf_of(desk, None)
    before = shelf.current().gallery
    path = desk.database.path
    assert path is not None and before is not None
    path.rename(path.with_suffix(".away"))
    assert shelf.current().gallery is before


def test_one_job_at_a_time_writes_for_a_run(desk: Desk) -> None:
    jobs, runner = JobRepository(desk.database), Started()
    first, again = submit_gallery(jobs, runner, "tiny"), submit_gallery(jobs, runner, "tiny")
    assert first.job_id == again.job_id and len(runner.jobs) == 1 and first.kind == "gallery"
