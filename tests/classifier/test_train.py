"""Training for real, on drawn scenes: what the run holds, and what stops it."""

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from core.classifier.predict import OnnxClassifier
from core.dataset.ingest import read_photo
from core.errors import InvalidInput, JobStopped, MissingPackage, ModelRefused
from core.messages import describe
from core.weights.folder import open_run, write_run
from core.weights.manifest import ClassEntry
from core.weights.records import read_embeddings, read_predictions
from tests.classifier.conftest import SMALL, Trained

pytestmark = pytest.mark.train


def photos_of(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*/*.jpg"))]


def numbers_in(model: bytes) -> list[bytes]:
    """Return every array of a graph; its names count on within a process, so the files themselves differ."""
    return sorted(
        onnx.numpy_helper.to_array(array).tobytes() for array in onnx.load_from_string(model).graph.initializer
    )


def probabilities(trained: Trained) -> np.ndarray:
    classifier = OnnxClassifier(open_run(trained.weights_dir, trained.run_id), threads=1)
    photos = [read_photo(content, need_px=classifier.need_px) for content in photos_of(trained.scenes)]
    return np.array([[*scores.probabilities, scores.none_probability] for scores in classifier.predict_batch(photos)])


def test_a_run_holds_every_file_and_says_what_it_is(trained: Trained) -> None:
    run = open_run(trained.weights_dir, trained.run_id)
    manifest = run.manifest
    names = {
        "model.onnx",
        "predictions.csv",
        "embeddings.npz",
        "epochs.csv",
        "MODEL_CARD.md",
        "backbone.weights.h5",
    }
    assert set(manifest.files) == names
    assert [path.name for path in trained.weights_dir.iterdir()] == [trained.run_id]
    assert manifest.class_ids == (0, 1, 2, 3, 4)
    assert manifest.has_none_output
    assert manifest.calibration.refusal_tested
    assert manifest.calibration.acceptance == "best_against_none"
    assert (manifest.data.photos, manifest.data.unknown, manifest.data.per_class["osulloc"]) == (32, 12, 4)
    assert (manifest.input.width_px, manifest.input.views) == (96, "whole")
    assert manifest.training.seed == 7
    assert manifest.training.config["backbone"] == "MobileNetV2-0.35"


def test_scores_on_held_out_photos_and_on_training_photos_stand_side_by_side(trained: Trained) -> None:
    scores = open_run(trained.weights_dir, trained.run_id).manifest.scores
    for name in ("held_out_right", "held_out_best_guess", "train_right", "train_best_guess"):
        assert scores[name].n == 20
        assert scores[name].low <= scores[name].value <= scores[name].high
    assert scores["held_out_false_accepts"].n == scores["train_false_accepts"].n == 12
    assert scores["held_out_right/osulloc"].n == 4


def test_the_exported_model_says_the_same_each_time_it_is_loaded(trained: Trained) -> None:
    first, second = probabilities(trained), probabilities(trained)
    assert len(first) == 32
    assert np.abs(first - second).max() <= 1e-6
    assert np.abs(first.sum(axis=1) - 1).max() <= 1e-6


def test_the_exported_model_says_what_predictions_csv_recorded_of_training_photos(trained: Trained) -> None:
    run = open_run(trained.weights_dir, trained.run_id)
    table = read_predictions(run.read("predictions.csv"))
    rows = [index for index, held_out in enumerate(table.held_out) if not held_out]
    recorded = {table.sha256s[index]: table.probabilities[index] for index in rows}
    classifier = OnnxClassifier(run, threads=1)
    for content in photos_of(trained.scenes):
        photo = read_photo(content, need_px=classifier.need_px)
        scores = classifier.predict(photo)
        said = np.array([*scores.probabilities, scores.none_probability])
        assert np.abs(said - recorded[photo.sha256]).max() < 1e-4


def test_each_photo_is_predicted_once_held_out_and_once_trained_on(trained: Trained) -> None:
    table = read_predictions(open_run(trained.weights_dir, trained.run_id).read("predictions.csv"))
    assert table.held_out.sum() == 32
    assert len(table.sha256s) == 64
    assert set(table.folds.tolist()) == {0, 1}
    assert (table.labels == -1).sum() == 24
    fold_of_group: dict[str, int] = {}
    for group, fold in zip(table.groups, table.folds.tolist(), strict=True):
        assert fold_of_group.setdefault(group, fold) == fold


def test_embeddings_are_those_that_the_exported_model_gives(trained: Trained) -> None:
    run = open_run(trained.weights_dir, trained.run_id)
    table = read_embeddings(run.read("embeddings.npz"))
    classifier = OnnxClassifier(run, threads=1)
    content = photos_of(trained.scenes)[0]
    photo = read_photo(content, need_px=classifier.need_px)
    row = table.sha256s.tolist().index(photo.sha256)
    assert np.abs(classifier.predict(photo).embedding - table.vectors[row].astype(np.float32)).max() < 1e-3
    assert table.vectors.dtype == np.float16
    assert sorted(set(table.class_ids.tolist())) == [-1, 0, 1, 2, 3, 4]


def test_progress_never_runs_backwards_and_ends_at_its_total(trained: Trained) -> None:
    done = [step for step, _, _ in trained.told]
    assert done == sorted(done)
    assert {total for _, total, _ in trained.told} == {done[-1]}
    assert trained.told[-1][2] == "train.writing"


def test_the_same_seed_gives_the_same_weights(trained: Trained, train: Callable[..., str], tmp_path: Path) -> None:
    again = open_run(tmp_path, train(trained.scenes, tmp_path))
    first = open_run(trained.weights_dir, trained.run_id)
    for name in ("predictions.csv", "embeddings.npz"):
        assert again.read(name) == first.read(name), name
    assert numbers_in(again.read("model.onnx")) == numbers_in(first.read("model.onnx"))
    assert again.manifest.calibration == first.manifest.calibration


def test_a_class_list_of_another_length_is_refused(trained: Trained, tmp_path: Path) -> None:
    run = open_run(trained.weights_dir, trained.run_id)
    six = replace(run.manifest, classes=(*run.manifest.classes, ClassEntry(9, "closed")))
    altered = write_run(tmp_path, six, {name: run.read(name) for name in run.manifest.files})
    with pytest.raises(ModelRefused) as refused:
        OnnxClassifier(altered, threads=1)
    assert refused.value.code == "model.classes"


def test_without_strangers_there_is_no_none_output_and_refusal_is_said_to_be_untested(
    scenes: Path, train: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "scenes"
    for slug in ("osulloc", "manjanggul"):
        shutil.copytree(scenes / slug, folder / slug)
    run = open_run(tmp_path / "weights", train(folder, tmp_path / "weights"))
    assert not run.manifest.has_none_output
    assert not run.manifest.calibration.refusal_tested
    assert run.manifest.calibration.acceptance == "max_probability"
    assert run.manifest.output_count == 2
    assert "Refusal was not tested" in run.read("MODEL_CARD.md").decode()
    scores = OnnxClassifier(run, threads=1).predict(read_photo(photos_of(folder)[0]))
    assert scores.none_probability == 0
    assert abs(float(scores.probabilities.sum()) - 1) < 1e-6


def test_fine_tuning_trains_head_then_network_in_every_fold_and_for_what_ships(
    scenes: Path, train: Callable[..., str], tmp_path: Path
) -> None:
    config = replace(SMALL, fine_tune="last", last_layers=8, epochs=2, augmented_views=1)
    run = open_run(tmp_path, train(scenes, tmp_path, config))
    rows = list(csv.DictReader(io.StringIO(run.read("epochs.csv").decode())))
    assert list(rows[0])[:8] == [
        "stage", "epoch", "loss", "val_loss", "accuracy", "val_accuracy", "learning_rate", "seconds",
    ]  # fmt: skip
    assert [(row["part"], row["stage"], row["epoch"]) for row in rows] == [
        (part, stage, epoch)
        for part in ("fold 0", "fold 1", "all")
        for stage in ("head", "backbone")
        for epoch in ("1", "2")
    ]
    assert all(float(row["seconds"]) > 0 and 0 <= float(row["val_accuracy"]) <= 1 for row in rows)
    OnnxClassifier(run, threads=1).predict(read_photo(photos_of(scenes)[0]))


@pytest.mark.parametrize(
    ("moment", "fine_tune"),
    [("train.reading", "none"), ("train.looking", "none"), ("train.learning", "last"), ("train.exporting", "none")],
)
def test_stopping_leaves_nothing_behind(
    scenes: Path, train: Callable[..., str], tmp_path: Path, moment: str, fine_tune: str
) -> None:
    def stop_there(done: int, total: int | None, key: str = "", **_: object) -> None:
        if key == moment:
            raise JobStopped

    with pytest.raises(JobStopped):
        train(scenes, tmp_path / "weights", replace(SMALL, fine_tune=fine_tune, last_layers=8), stop_there)
    assert not (tmp_path / "weights").exists()


def test_a_folder_of_no_place_in_the_catalogue_is_refused(
    scenes: Path, train: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "scenes"
    shutil.copytree(scenes / "osulloc", folder / "atlantis")
    shutil.copytree(scenes / "manjanggul", folder / "manjanggul")
    with pytest.raises(InvalidInput) as refused:
        train(folder, tmp_path / "weights")
    assert (refused.value.code, refused.value.values) == ("classifier.no_class_number", {"slug": "atlantis"})


def test_the_manifest_tells_a_files_name_and_not_where_it_lay(trained: Trained) -> None:
    plain = replace(SMALL, pretrained="/home/someone/weights.h5").as_plain()
    assert plain["pretrained"] == "weights.h5"
    json.dumps(plain)


@pytest.mark.parametrize("package", ["tensorflow", "tf2onnx"])
def test_without_what_training_needs_nothing_is_begun_and_the_sentence_says_what_to_install(
    package: str, scenes: Path, train: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingPackage) as missing:
        train(scenes, tmp_path)
    assert missing.value.values == {"package": package}
    assert "make install" in describe(missing.value, "en")
    assert list(tmp_path.iterdir()) == []
