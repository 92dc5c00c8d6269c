"""An evaluation measures what serves, on photos that were not learned from, and goes on where it was stopped."""

import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.dataset.hash_index import HashIndex
from core.domain.answer import GalleryScores, Neighbour
from core.errors import Conflict, InvalidInput, JobStopped, NotFound
from core.identify import Models, identify_bytes
from core.identify.evaluate import evaluate_photos
from core.identify.evaluate_gallery import GalleryAlone
from core.identify.evaluate_photos import folder_photos, kind_of
from core.identify.evaluate_records import JudgedPhoto
from core.identify.evaluate_seen import LearnedPhotos
from core.identify.evaluate_store import EvaluationStore
from core.identify.evaluate_witnesses import FUSED, Listening
from tests.support.batch_child import PLACES
from tests.support.tiny_detector import write_tiny_detector
from tests.support.tiny_model import COLOURS, GREY, SLUGS

RED, GREEN, BLUE, *_ = COLOURS


def speckled(colour: tuple[int, int, int], seed: int, size: tuple[int, int] = (96, 96)) -> bytes:
    """Return a PNG of about one colour whose pattern, and so its perceptual hash, is its own."""
    rng = np.random.default_rng(seed)
    spots = np.asarray(Image.fromarray(rng.integers(0, 256, (8, 8), dtype=np.uint8)).resize(size), np.int16)
    pixels = np.clip(np.array(colour, np.int16) + (spots[..., None] - 128) // 4, 0, 255)
    target = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give photos: two red ones under osulloc, a blue one under manjanggul (wrong), a grey and a red stranger."""
    photos = {
        "osulloc/1.png": speckled(RED, 1),
        "osulloc/2.png": speckled(RED, 2),
        "manjanggul/1.png": speckled(BLUE, 3),
        "unknown/wall_wall_01234567.png": speckled(GREY, 4),
        "unknown/tea_field_89abcdef.png": speckled(RED, 5),
        "unknown/broken.png": b"no photo",
    }
    for name, content in photos.items():
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "photos"


def learned(*sha256s: str, vectors: np.ndarray | None = None) -> LearnedPhotos:
    found = np.zeros((0, 0), np.float32) if vectors is None else vectors
    count = len(found)
    return LearnedPhotos(
        frozenset(sha256s),
        found,
        tuple(f"g{row}" for row in range(count)),
        tuple(f"{row:064x}" for row in range(count)),
        HashIndex(),
        {},
    )


@dataclass
class Told:
    """A report that stops after so many photos."""

    stop_after: int = 10**6
    photos: list[str] = field(default_factory=list)

    def __call__(self, done: int, total: int | None, message_key: str = "", **values: Any) -> None:
        if message_key:
            self.photos.append(str(values["photo"]))
        if len(self.photos) >= self.stop_after:
            raise JobStopped


def ask(folder: Path, models: Models, known: LearnedPhotos, told: Told | None = None) -> tuple[JudgedPhoto, ...]:
    photos = folder_photos(folder, SLUGS)
    with EvaluationStore(folder.parent / "evaluated").open_log(str(folder), models.release) as log:
        return evaluate_photos(photos, Listening(models, PLACES, known), log, told or Told())


def test_what_is_measured_is_what_serves(folder: Path, models: Models) -> None:
    for judged in ask(folder, models, learned()):
        if judged.refused:
            continue
        served = identify_bytes((folder / judged.name).read_bytes(), models, PLACES)
        word = judged.words[FUSED]
        assert (word.slug, word.confidence) == (served.place.slug if served.place else None, served.confidence)
        assert judged.words["classifier"].slug == word.slug


def test_each_photo_has_its_truth_its_kind_and_what_was_said(folder: Path, models: Models) -> None:
    judged = {photo.name: photo for photo in ask(folder, models, learned())}
    said = {name: (photo.slug, photo.words[FUSED].slug) for name, photo in judged.items() if not photo.refused}
    assert said == {
        "osulloc/1.png": ("osulloc", "osulloc"),
        "osulloc/2.png": ("osulloc", "osulloc"),
        "manjanggul/1.png": ("manjanggul", "monsant-aewol"),
        "unknown/wall_wall_01234567.png": (None, None),
        "unknown/tea_field_89abcdef.png": (None, "osulloc"),
    }
    assert judged["unknown/broken.png"].refused.startswith("photo.")
    assert judged["unknown/tea_field_89abcdef.png"].kind == "tea_field"


def test_the_detector_alone_answers_by_its_surest_box(folder: Path, tmp_path: Path, models: Models) -> None:
    from core.detector.predict import OnnxDetector

    with_boxes = replace(models, detector=OnnxDetector(write_tiny_detector(tmp_path / "weights")))
    judged = {photo.name: photo.words for photo in ask(folder, with_boxes, learned()) if not photo.refused}
    assert judged["osulloc/1.png"]["detector"].slug == "osulloc"
    assert judged["manjanggul/1.png"]["detector"].slug is None


def test_a_photo_that_was_learned_from_is_recognised_by_its_bytes(folder: Path, models: Models) -> None:
    first, *_ = ask(folder, models, learned())
    (folder.parent / "evaluated").rename(folder.parent / "before")
    judged = ask(folder, models, learned(first.sha256))
    assert [photo.name for photo in judged if photo.seen] == [first.name]


def test_so_is_one_that_looks_nearly_the_same_to_the_classifier(folder: Path, models: Models) -> None:
    red = np.array([[1, -1, -1, 1]], np.float32)
    vectors = red / np.linalg.norm(red)
    judged = ask(folder, models, learned(vectors=vectors))
    assert {photo.name for photo in judged if photo.seen} == {
        "osulloc/1.png",
        "osulloc/2.png",
        "unknown/tea_field_89abcdef.png",
    }


def test_so_is_a_copy_in_the_same_folder_of_one_that_was_learned_from(folder: Path, models: Models) -> None:
    copy = Image.open(folder / "manjanggul" / "1.png")
    copy.resize((80, 80)).save(folder / "manjanggul" / "smaller.png")
    judged = {photo.name: photo for photo in ask(folder, models, learned())}
    (folder.parent / "evaluated").rename(folder.parent / "before")
    again = ask(folder, models, learned(judged["manjanggul/1.png"].sha256))
    assert {photo.name for photo in again if photo.seen} == {"manjanggul/1.png", "manjanggul/smaller.png"}


def test_a_stopped_evaluation_goes_on_where_it_was(folder: Path, models: Models) -> None:
    with pytest.raises(JobStopped):
        ask(folder, models, learned(), Told(stop_after=2))
    told = Told()
    judged = ask(folder, models, learned(), told)
    assert len(judged) == 6
    assert len(told.photos) == 4


def test_half_a_line_of_a_run_that_was_killed_is_asked_about_again(folder: Path, models: Models) -> None:
    with pytest.raises(JobStopped):
        ask(folder, models, learned(), Told(stop_after=3))
    (log,) = (folder.parent / "evaluated").glob("*.jsonl")
    log.write_bytes(log.read_bytes()[:-40])
    told = Told()
    assert len(ask(folder, models, learned(), told)) == 6
    assert len(told.photos) == 4
    once_more = Told()
    ask(folder, models, learned(), once_more)
    assert once_more.photos == []


def test_a_file_that_was_changed_meanwhile_is_asked_about_again(folder: Path, models: Models) -> None:
    ask(folder, models, learned())
    (folder / "osulloc" / "1.png").write_bytes(speckled(GREEN, 77))
    told = Told()
    judged = {photo.name: photo for photo in ask(folder, models, learned(), told)}
    assert told.photos == ["1.png"]
    assert judged["osulloc/1.png"].words[FUSED].slug == "manjanggul"


@dataclass
class HeardGallery:
    """A gallery that notes what was left out; its copies are of two groups."""

    left_out: list[frozenset[str]] = field(default_factory=list)

    def scores(self, embedding: Any, leave_out: frozenset[str] = frozenset(), count: int = 8) -> GalleryScores:
        self.left_out.append(leave_out)
        return GalleryScores((0, 1), np.array([0.9, 0.2], np.float32), (3, 3), (Neighbour("a" * 64, 0, 0.9, "g0"),))

    def known_from(self, class_id: int) -> int:
        return 3


def test_a_photos_own_group_is_no_neighbour_of_it(folder: Path, models: Models) -> None:
    gallery, red = HeardGallery(), np.array([[1, -1, -1, 1]], np.float32)
    serving = replace(models, gallery=gallery)  # type: ignore[arg-type]  # what is asked of a gallery here
    photos = [photo for photo in folder_photos(folder, SLUGS) if photo.name in ("osulloc/1.png", "manjanggul/1.png")]
    listening = Listening(serving, PLACES, learned(vectors=red / 2), GalleryAlone(0.5, (0, 1)))
    with EvaluationStore(folder.parent / "evaluated").open_log("x", "y") as log:
        judged = {one.name: one for one in evaluate_photos(photos, listening, log, Told())}
    assert {frozenset({"g0"}), frozenset()} == set(gallery.left_out)
    assert judged["manjanggul/1.png"].words["gallery"].slug == "osulloc"
    assert judged["manjanggul/1.png"].words["gallery"].confidence == pytest.approx(0.9)


def test_below_its_threshold_the_gallery_alone_names_nothing(folder: Path, models: Models) -> None:
    serving = replace(models, gallery=HeardGallery())  # type: ignore[arg-type]  # as above
    listening = Listening(serving, PLACES, learned(), GalleryAlone(0.95, (0, 1)))
    with EvaluationStore(folder.parent / "evaluated").open_log("x", "y") as log:
        judged = evaluate_photos(folder_photos(folder, SLUGS)[:1], listening, log, Told())
    assert judged[0].words["gallery"].slug is None


def test_a_folder_named_after_no_place_is_refused_by_its_name(folder: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        folder_photos(folder, [slug for slug in SLUGS if slug != "manjanggul"])
    assert (refused.value.code, refused.value.values["slug"]) == ("evaluate.no_place", "manjanggul")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("waterfall_0123.jpg", "waterfall"),
        ("tea_field_tea_field_741864e7.jpg", "tea_field"),
        ("beach_sea_beach_sea_0aac12.jpg", "beach_sea"),
        ("Cliff coast-12.png", "cliff_coast"),
        ("cafe/IMG_0001.jpg", "cafe"),
        ("cafe_facade_12ab34cd.jpg", "cafe_facade"),
        ("IMG_20260101_123456.jpg", ""),
        ("0123456789abcdef.jpg", ""),
        ("천지폭포 (2).jpg", "천지폭포"),
    ],
)
def test_the_kind_of_a_stranger_is_the_words_of_its_name(name: str, kind: str) -> None:
    assert kind_of(Path(name)) == kind


@pytest.mark.parametrize("name", ["", "../evaluation-20260101-000000-abcdef", "evaluation-20260101-000000-abcdef"])
def test_an_evaluation_that_is_not_there_is_not_found(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFound):
        EvaluationStore(tmp_path).get(name)


def test_two_processes_do_not_evaluate_the_same_at_once(tmp_path: Path) -> None:

    store = EvaluationStore(tmp_path)
    with store.open_log("a", "b"), pytest.raises(Conflict), store.open_log("a", "b"):
        pass
    with store.open_log("a", "b"):
        pass
