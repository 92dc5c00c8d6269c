"""A finished run asked about another data set: only photos new to it count; what it says is kept beside the data."""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.classifier.predict import OnnxClassifier
from core.dataset.ingest import read_photo
from core.dataset.store import PhotoStore
from core.db.engine import open_database
from core.db.snapshots import SnapshotRepository
from core.db.upgrade import upgrade
from core.domain.library import Snapshot, SnapshotBox, SnapshotPhoto
from core.domain.photo import Split
from core.errors import InvalidInput, JobStopped
from core.identify.reevaluate import DataSet, learned_photos, pick_unseen, reevaluate
from core.metrics.compare import compare_shares
from core.metrics.evaluations import evaluated_boxes, evaluated_photos, read_evaluations, write_evaluation
from core.metrics.judged_photos import judged_parts
from core.metrics.opened_run import evaluated_at, open_for_metrics
from core.metrics.unseen import APART, unseen_photos
from core.weights.folder import Run, write_run
from core.weights.records import PREDICTIONS_FILE, PredictionTable, write_predictions
from tests.support.boxed_run import write_boxed_run
from tests.support.tiny_detector import LABELS, write_tiny_detector
from tests.support.tiny_model import COLOURS, GREY, SLUGS, tiny_manifest, tiny_onnx, write_tiny_run

LATER = Snapshot("snapshot-later", datetime(2026, 11, 2, tzinfo=UTC), "f" * 64, 0, 0, 0, {})


def quiet(done: int, total: int | None, key: str = "", **values: object) -> None:
    """Hear nothing."""


class Library:
    """Photos of one colour each, in a store, as a snapshot names them."""

    def __init__(self, folder: Path) -> None:
        self.store = PhotoStore(str(folder))
        self.made = 0

    def add(self, slug: str | None, colour: tuple[int, int, int], **changes: object) -> SnapshotPhoto:
        self.made += 1
        target = io.BytesIO()
        Image.new("RGB", (80, 60 + self.made), colour).save(target, "PNG")
        sha256 = hashlib.sha256(target.getvalue()).hexdigest()
        self.store.put(target.getvalue(), sha256, "png")
        photo = SnapshotPhoto(sha256, "PNG", slug, f"group-{self.made}", Split.TEST)
        return replace(photo, **changes)  # type: ignore[arg-type]

    def of(self, photos: Iterable[SnapshotPhoto]) -> DataSet:
        return DataSet(LATER, tuple(photos), self.store)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_tiny_run(tmp_path / "weights")


def test_only_photos_for_testing_that_are_new_to_the_run_count(library: Library, run: Run) -> None:
    new = [library.add(SLUGS[0], COLOURS[0]), library.add(None, GREY, split=None)]
    watched = library.add(SLUGS[1], COLOURS[0], split=Split.VALIDATION)  # of the second place, and looks like the first
    learned = library.add(SLUGS[0], COLOURS[0])
    beside = library.add(SLUGS[0], COLOURS[0], group_id=learned.group_id)
    for_learning = library.add(SLUGS[0], COLOURS[0], split=Split.TRAIN)
    gone = replace(library.add(SLUGS[0], COLOURS[0]), sha256="0" * 64)
    data = library.of([*new, watched, learned, beside, for_learning, gone])
    found = reevaluate(run, data, frozenset({learned.sha256}), quiet)
    assert (found.photos, found.seen, found.beside, found.unreadable) == (3, 1, 1, 1)
    assert (found.scores["right"].k, found.scores["right"].n, found.scores["false_accepts"].k) == (1, 2, 0)
    (photos,) = evaluated_photos(run, [found])
    assert photos.sha256s == tuple(photo.sha256 for photo in (*new, watched))
    assert photos.decided.tolist() == [0, -1, 0] and photos.truth.tolist() == [0, -1, 1]
    assert photos.folds.tolist() == [APART] * 3 and photos.groups == ("group-1", "group-2", "group-3")


def test_it_says_of_a_photo_what_it_says_to_a_visitor(library: Library, run: Run) -> None:
    photo = library.add(SLUGS[2], (60, 90, 200))
    (said,) = evaluated_photos(run, [reevaluate(run, library.of([photo]), frozenset(), quiet)])
    answer = OnnxClassifier(run).predict(read_photo(library.store.get(photo.sha256, "png"), need_px=64))
    assert said.probabilities[0] == pytest.approx([*answer.probabilities, answer.none_probability], abs=1e-8)
    assert said.acceptance[0] == pytest.approx(answer.acceptance, abs=1e-8)


def test_a_place_that_the_run_does_not_know_counts_as_none(library: Library, run: Run) -> None:
    found = reevaluate(
        run, library.of([library.add("new-place", GREY), library.add(SLUGS[0], COLOURS[0])]), frozenset(), quiet
    )
    assert found.scores["false_accepts"].n == 1 and found.scores["right"].n == 1


def test_a_group_of_which_anything_was_learned_is_left_out_even_where_that_is_for_learning() -> None:
    trained = SnapshotPhoto("a" * 64, "PNG", "x", "twins", Split.TRAIN)
    beside = SnapshotPhoto("b" * 64, "PNG", "x", "twins", None)
    free = SnapshotPhoto("c" * 64, "PNG", "x", "alone", None)
    found = pick_unseen([beside, free], [trained, beside, free], frozenset({trained.sha256}))
    assert (found.photos, found.seen, found.beside) == ((free,), 0, 1)


def test_a_run_that_learned_from_everything_says_so(library: Library, run: Run) -> None:
    photo = library.add(SLUGS[0], COLOURS[0])
    with pytest.raises(InvalidInput, match=r"evaluate_run\.nothing"):
        reevaluate(run, library.of([photo]), frozenset({photo.sha256}), quiet)


def test_a_run_of_which_only_curves_are_known_cannot_be_asked(library: Library, tmp_path: Path) -> None:
    curves = write_run(tmp_path / "weights", tiny_manifest("curves"), {"epochs.csv": b"epoch,loss\n"})
    with pytest.raises(InvalidInput, match=r"evaluate_run\.no_model"):
        reevaluate(curves, library.of([library.add(SLUGS[0], COLOURS[0])]), frozenset(), quiet)


def test_stopped_it_leaves_nothing(library: Library, run: Run, tmp_path: Path) -> None:
    def stop(done: int, total: int | None, key: str = "", **values: object) -> None:
        if done:
            raise JobStopped

    with pytest.raises(JobStopped):
        reevaluate(run, library.of([library.add(SLUGS[0], COLOURS[0])]), frozenset(), stop)
    assert read_evaluations(tmp_path, run) == ()


def test_a_detector_is_judged_by_the_boxes_of_the_parts_that_it_knows(library: Library, tmp_path: Path) -> None:
    detector = write_tiny_detector(tmp_path / "weights")
    part = SnapshotBox(LABELS[0].label_id, LABELS[0].slug, (0.0, 0.0, 0.25, 0.25))
    strange = SnapshotBox(99, "another-part", (0.5, 0.5, 0.75, 0.75))
    shown = library.add("osulloc", (255, 0, 0), boxes=(part, strange))
    empty, stranger = library.add("osulloc", GREY, boxes=()), library.add(None, GREY)
    undecided = library.add("osulloc", (255, 0, 0), boxes=None)
    found = reevaluate(detector, library.of([shown, empty, stranger, undecided]), frozenset(), quiet)
    assert (found.photos, found.scores["recall"].n) == (3, 1)
    (table,) = evaluated_boxes(detector, [found])
    assert [len(photo.boxes.truth) for photo in table.photos] == [1, 0, 0]
    assert len(table.photos[0].boxes.found) > 1  # it marks each red cell
    assert {photo.part for photo in table.photos} == {"evaluated"}


# ---- what a run learned from ----


@pytest.fixture
def snapshots(tmp_path: Path) -> SnapshotRepository:
    database = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(database)
    return SnapshotRepository(database)


def table_of(*sha256s: str) -> bytes:
    count = len(sha256s)
    shares = np.full((count, 6), 1 / 6)
    names = tuple(f"g{number}" for number in range(count))
    table = PredictionTable(
        (0, 1, 2, 3, 4), sha256s, names, np.arange(count), np.zeros(count, np.int64), shares, np.ones(count, bool)
    )
    return write_predictions(table)


def test_a_classifier_learned_from_the_photos_of_its_table(tmp_path: Path, snapshots: SnapshotRepository) -> None:
    contents = {"model.onnx": tiny_onnx(), PREDICTIONS_FILE: table_of("a" * 64, "b" * 64)}
    run = write_run(tmp_path / "weights", tiny_manifest(), contents)
    assert learned_photos(run, snapshots) == {"a" * 64, "b" * 64}


def test_what_nothing_says_cannot_be_called_new(run: Run, snapshots: SnapshotRepository, tmp_path: Path) -> None:
    for unknown in (run, write_tiny_detector(tmp_path / "weights")):
        with pytest.raises(InvalidInput, match=r"evaluate_run\.unknown_data"):
            learned_photos(unknown, snapshots)


def test_a_detector_with_folds_learned_from_what_it_held_out_in_turn(
    tmp_path: Path, snapshots: SnapshotRepository
) -> None:
    assert learned_photos(write_boxed_run(tmp_path / "weights"), snapshots) == {f"{n:064x}" for n in (1, 2, 3)}


def test_a_detector_of_a_known_snapshot_learned_from_all_but_its_test_photos(
    tmp_path: Path, snapshots: SnapshotRepository
) -> None:
    photos = [
        SnapshotPhoto("1" * 64, "PNG", "osulloc", "g1", Split.TRAIN, ()),
        SnapshotPhoto("2" * 64, "PNG", "osulloc", "g2", Split.VALIDATION, ()),
        SnapshotPhoto("3" * 64, "PNG", "osulloc", "g3", Split.TEST, ()),
        SnapshotPhoto("4" * 64, "PNG", "osulloc", "g4", Split.TRAIN, None),
        SnapshotPhoto("5" * 64, "PNG", None, "g5", None, None),
    ]
    snapshots.add(replace(LATER, photos=len(photos)), photos)
    detector = write_tiny_detector(tmp_path / "weights")
    training = replace(detector.manifest.training, config={"snapshot_id": LATER.snapshot_id})
    named = replace(detector, manifest=replace(detector.manifest, training=training))
    assert learned_photos(named, snapshots) == {"1" * 64, "2" * 64, "5" * 64}


# ---- kept beside the data, and compared ----


def test_two_runs_that_share_no_photo_are_compared_once_one_was_asked(library: Library, tmp_path: Path) -> None:
    weights, data_dir = tmp_path / "weights", tmp_path / "data"
    theirs = [library.add(SLUGS[0], COLOURS[0], split=None), library.add(SLUGS[1], COLOURS[0], split=None)]
    old = write_run(weights, tiny_manifest("old"), {"model.onnx": tiny_onnx(), PREDICTIONS_FILE: table_of("a" * 64)})
    rows = {PREDICTIONS_FILE: table_of(*(photo.sha256 for photo in theirs)), "model.onnx": tiny_onnx()}
    new = write_run(weights, tiny_manifest("new"), rows)
    before, after = unseen_photos(judged_parts(old)), unseen_photos(judged_parts(new))
    assert before is not None and after is not None and compare_shares(before, after) == {}
    stamp = evaluated_at(data_dir, "old")
    write_evaluation(data_dir, reevaluate(old, library.of(theirs), frozenset({"a" * 64}), quiet))
    assert evaluated_at(data_dir, "old") != stamp
    asked = open_for_metrics(weights, data_dir, "old")
    assert asked.judged is not None and [one.photos for one in asked.evaluations] == [2]
    after = replace(after, truth=np.array([0, 1]))  # as the library has them
    assert compare_shares(asked.judged, after)["right"].n == 2


def test_an_evaluation_of_another_run_of_that_name_or_a_broken_one_is_passed_over(
    library: Library, run: Run, tmp_path: Path
) -> None:
    found = reevaluate(run, library.of([library.add(SLUGS[0], COLOURS[0])]), frozenset(), quiet)
    write_evaluation(tmp_path, found)
    assert read_evaluations(tmp_path, run) == (found,)
    write_evaluation(tmp_path, replace(found, run_sha256="0" * 64))
    assert read_evaluations(tmp_path, run) == ()
    (path,) = (tmp_path / "evaluations" / "tiny").glob("*.json")
    for content in (b"", b"{}", b"\xff\xfe", b"[1]"):
        path.write_bytes(content)
        assert read_evaluations(tmp_path, run) == ()
    assert evaluated_photos(run, [replace(found, table="no table")]) == ()
