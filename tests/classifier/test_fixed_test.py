"""Photos of the test split: nothing is fitted on them, and what ships is scored on them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import onnx
import pytest

import core.classifier.rehearsal
from core.classifier.features import FeatureTable
from core.classifier.fixed_test import judge_fixed_test
from core.classifier.predict import OnnxClassifier
from core.classifier.progress import Steps
from core.classifier.rehearsal import DIGEST, rehearse
from core.classifier.train import train_classifier
from core.classifier.training_set import TrainingSet, read_training_set
from core.dataset.folder import FolderPhoto, read_folder
from core.dataset.ingest import read_photo
from core.domain.photo import Split
from core.errors import JobStopped
from core.weights.folder import Run, open_run
from core.weights.records import TEST_PREDICTIONS_FILE, read_embeddings, read_predictions
from tests.classifier.conftest import CLASS_IDS, SMALL, Trained
from tests.support.scenes import scene_bytes

pytestmark = pytest.mark.train
SNAPSHOT = replace(SMALL, snapshot_id="snapshot-20261123-141500-ab12cd", snapshot_fingerprint="f" * 64)


def given(scenes: Path) -> list[FolderPhoto]:
    """Return the scenes as a snapshot gives them: a place's first photo and three strangers are kept for the test."""
    photos = read_folder(scenes)
    first = {photo.slug: photo for photo in reversed(photos) if photo.slug}
    strangers = [photo for photo in photos if photo.slug is None][-3:]
    kept = {photo.path for photo in (*first.values(), *strangers)}
    others = (Split.TRAIN, Split.VALIDATION, None)
    return [
        replace(photo, series=photo.path.name, split=Split.TEST if photo.path in kept else others[number % 3])
        for number, photo in enumerate(photos)
    ]


def hashes(photos: Sequence[FolderPhoto], tested: bool) -> set[str]:
    return {sha256(p.path.read_bytes()).hexdigest() for p in photos if (p.split is Split.TEST) is tested}


def trained_on(photos: Sequence[FolderPhoto], weights_dir: Path) -> Run:
    told: list[tuple[int, int | None]] = []
    run_id = train_classifier(
        photos, SNAPSHOT, CLASS_IDS, weights_dir, lambda done, total, *_, **__: told.append((done, total))
    )
    assert told[-1][0] == told[-1][1] == 2 * len(photos)
    return open_run(weights_dir, run_id)


@pytest.fixture(scope="module")
def run(scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return trained_on(given(scenes), tmp_path_factory.mktemp("weights"))


def numbers_in(run: Run) -> list[bytes]:
    graph = onnx.load_from_string(run.read("model.onnx")).graph
    return sorted(onnx.numpy_helper.to_array(array).tobytes() for array in graph.initializer)


def test_the_run_is_what_it_would_be_had_the_test_photos_never_been_there(
    run: Run, scenes: Path, tmp_path: Path
) -> None:
    without = trained_on([photo for photo in given(scenes) if photo.split is not Split.TEST], tmp_path)
    assert numbers_in(run) == numbers_in(without)
    assert run.manifest.calibration == without.manifest.calibration
    for name in ("predictions.csv", "embeddings.npz"):
        assert run.read(name) == without.read(name), name
    assert not [name for name in without.manifest.scores if name.startswith("test_")]
    assert TEST_PREDICTIONS_FILE not in without.manifest.files
    assert "kept apart for the test" not in without.read("MODEL_CARD.md").decode()


def test_no_fold_and_no_embedding_holds_a_test_photo_and_every_other_photo_is_in_one(run: Run, scenes: Path) -> None:
    learned, tested = (hashes(given(scenes), kind) for kind in (False, True))
    assert (len(learned), len(tested)) == (24, 8)
    assert set(read_predictions(run.read("predictions.csv")).sha256s) == learned
    assert set(read_embeddings(run.read("embeddings.npz")).sha256s.tolist()) == learned


def test_the_manifest_remembers_the_snapshot_and_the_scores_say_on_how_many(run: Run) -> None:
    data, scores = run.manifest.data, run.manifest.scores
    assert (data.photos, data.unknown, data.test) == (24, 9, 8)
    assert (data.snapshot_id, data.snapshot_fingerprint) == (SNAPSHOT.snapshot_id, SNAPSHOT.snapshot_fingerprint)
    assert "snapshot_id" not in run.manifest.training.config
    assert scores["test_accuracy"].n == scores["test_calibration_error"].n == scores["test_auroc"].n == 8
    assert {scores[f"test_{name}"].n for name in ("right", "wrong", "refused", "best_guess")} == {5}
    assert (scores["test_false_accepts"].n, scores["test_right/osulloc"].n) == (3, 1)
    assert scores["held_out_right"].n == 15
    assert all(score.low <= score.value <= score.high for score in scores.values())


def test_what_is_scored_is_what_the_exported_model_says(run: Run, scenes: Path) -> None:
    table = read_predictions(run.read(TEST_PREDICTIONS_FILE))
    assert set(table.sha256s) == hashes(given(scenes), True)
    assert table.held_out.all()
    classifier, accepted, right = OnnxClassifier(run), 0, 0
    for photo in given(scenes):
        if photo.split is Split.TEST:
            content = photo.path.read_bytes()
            said = classifier.predict(read_photo(content, need_px=classifier.need_px))
            row = table.sha256s.index(sha256(content).hexdigest())
            assert np.abs(table.probabilities[row, :-1] - said.probabilities).max() < 1e-6
            named = said.acceptance >= said.threshold
            class_id = int(said.class_ids[int(said.probabilities.argmax())])
            accepted += named and photo.slug is None
            right += class_id == CLASS_IDS[photo.slug] and named if photo.slug else not named
    assert run.manifest.scores["test_false_accepts"].k == accepted
    assert run.manifest.scores["test_accuracy"].k == right


def test_the_model_card_says_what_the_test_photos_are(run: Run) -> None:
    card = run.read("MODEL_CARD.md").decode()
    assert "8 photos that serve nothing else" in card
    assert SNAPSHOT.snapshot_id in card
    score = run.manifest.scores["test_accuracy"]
    assert f"{score.k} of 8" in card


def read(photos: Sequence[FolderPhoto]) -> TrainingSet:
    return read_training_set(photos, CLASS_IDS, SNAPSHOT, Steps(lambda *_, **__: None, len(photos)))


def test_the_test_can_be_stopped_at_every_photo(run: Run, scenes: Path) -> None:
    heard: list[str] = []

    def report(done: int, total: int | None, key: str = "", **values: object) -> None:
        heard.append(f"{key} {values.get('photo')}/{values.get('photos')}")
        if values.get("photo") == 2:
            raise JobStopped

    found = read(given(scenes))
    with pytest.raises(JobStopped):
        judge_fixed_test(run.read("model.onnx"), run.manifest, found, Steps(report, 8))
    assert heard == ["train.testing 1/8", "train.testing 2/8"]


def test_what_looks_like_a_test_photo_or_is_of_its_series_is_not_learned_from(scenes: Path, tmp_path: Path) -> None:
    photos = given(scenes)
    tested = next(photo for photo in photos if photo.split is Split.TEST and photo.slug == "cheonjiyeon")
    (tmp_path / "smaller.jpg").write_bytes(scene_bytes("falls", 0, size=(512, 384)))
    (tmp_path / "other.jpg").write_bytes(scene_bytes("street", 500))
    twins = [
        FolderPhoto(tmp_path / "smaller.jpg", "cheonjiyeon"),
        FolderPhoto(tmp_path / "other.jpg", None, tested.series),
    ]
    found = read([*photos, *twins])
    assert [(photo.path.name, photo.reason) for photo in found.left_out] == [
        ("smaller.jpg", "like_a_test_photo"),
        ("other.jpg", "like_a_test_photo"),
    ]
    assert found.fingerprint == read(photos).fingerprint
    assert len(found.tests) == 8


def test_what_is_kept_apart_now_is_not_rehearsed_from_an_older_run(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serving = open_run(trained.weights_dir, trained.run_id)
    table = read_embeddings(serving.read("embeddings.npz"))
    monkeypatch.setattr(
        core.classifier.rehearsal, "backbone_digest", lambda _: serving.manifest.training.config[DIGEST]
    )
    new = []
    for number in range(4):
        (tmp_path / f"{number}.jpg").write_bytes(scene_bytes("street", 700 + number))
        new.append(FolderPhoto(tmp_path / f"{number}.jpg", "closed"))
    tested = [photo for photo in given(trained.scenes) if photo.split is Split.TEST]
    found = read([*new, *tested])
    features = FeatureTable(np.zeros((4, 1, table.vectors.shape[1])), np.zeros((4, 0, table.vectors.shape[1])))
    together = rehearse(serving, None, found, features, SNAPSHOT).photos
    assert together.remembered == 32 - 8
    assert not set(together.sha256s) & hashes(tested, True)


def test_rows_of_the_test_table_are_in_no_fold(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run.read(TEST_PREDICTIONS_FILE).decode())))
    assert {row["fold"] for row in rows} == {"-1"}
    assert len({row["group"] for row in rows}) == 8
