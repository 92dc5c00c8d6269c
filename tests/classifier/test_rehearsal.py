"""A training that would forget the places in service learns them again from their embeddings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.classifier.backbone_file import BACKBONE_FILE
from core.classifier.predict import OnnxClassifier
from core.classifier.rehearsal import DIGEST
from core.classifier.train import train_classifier
from core.dataset.folder import read_folder
from core.dataset.ingest import read_photo
from core.errors import StorageUnavailable
from core.weights.folder import Run, open_run
from core.weights.records import read_embeddings, read_predictions
from tests.classifier.conftest import CLASS_IDS, SMALL, Trained
from tests.support.scenes import scene_bytes

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def serving(trained: Trained) -> Run:
    return open_run(trained.weights_dir, trained.run_id)


@pytest.fixture(scope="module")
def new_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sixth place, drawn as streets, and nothing else."""
    folder = tmp_path_factory.mktemp("new-place")
    (folder / "closed").mkdir()
    for seed in range(6):
        (folder / "closed" / f"{seed}.jpg").write_bytes(scene_bytes("street", 100 + seed))
    return folder


@pytest.fixture(scope="module")
def extended(serving: Run, new_place: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    weights_dir = tmp_path_factory.mktemp("extended")
    start = tmp_path_factory.mktemp("start") / BACKBONE_FILE
    start.write_bytes(serving.read(BACKBONE_FILE))
    config = replace(SMALL, pretrained=str(start))
    run_id = _train(new_place, config, weights_dir, serving)
    return open_run(weights_dir, run_id)


def _train(folder: Path, config: object, weights_dir: Path, serving: Run | None, told: list[str] | None = None) -> str:
    heard = told if told is not None else []
    return train_classifier(
        read_folder(folder),
        config,  # type: ignore[arg-type]  # a TrainConfig, changed by the tests
        CLASS_IDS,
        weights_dir,
        lambda done, total, key="", **values: heard.append(key),
        serving,
    )


def test_the_backbone_beside_the_model_is_the_one_that_was_used(serving: Run, extended: Run) -> None:
    assert extended.manifest.training.config[DIGEST] == serving.manifest.training.config[DIGEST]


def test_one_new_place_joins_those_in_service_without_their_photos(serving: Run, extended: Run) -> None:
    assert extended.manifest.class_ids == (*serving.manifest.class_ids, 9)
    assert extended.manifest.has_none_output
    assert extended.manifest.training.config["remembered"] == 32  # 5 places of 4 photos, and 12 strangers
    predictions = read_predictions(extended.read("predictions.csv"))
    assert (predictions.held_out & (predictions.labels == 0)).sum() == 4
    assert len(read_embeddings(extended.read("embeddings.npz")).sha256s) == 38


def test_old_places_are_still_told_as_they_were(serving: Run, extended: Run, trained: Trained) -> None:
    before, after = OnnxClassifier(serving), OnnxClassifier(extended)
    same = 0
    paths = [photo.path for photo in read_folder(trained.scenes) if photo.slug]
    for path in paths:
        photo = read_photo(path.read_bytes())
        said = [int(model.class_ids[int(np.argmax(model.predict(photo).probabilities))]) for model in (before, after)]
        same += said[0] == said[1]
    assert same >= len(paths) - 1


def test_another_backbone_rehearses_nothing(serving: Run, tmp_path: Path) -> None:
    for kind, folder in (("street", "closed"), ("wall", "unknown")):
        (tmp_path / "data" / folder).mkdir(parents=True)
        for seed in range(4):
            (tmp_path / "data" / folder / f"{seed}.jpg").write_bytes(scene_bytes(kind, 200 + seed))
    config = replace(SMALL, seed=8)  # other random numbers, another network
    told: list[str] = []
    run_id = _train(tmp_path / "data", config, tmp_path / "weights", serving, told)
    assert open_run(tmp_path / "weights", run_id).manifest.class_ids == (9,)
    assert "train.rehearsed" not in told


def test_offline_without_a_file_it_starts_from_the_model_in_service(
    serving: Run, new_place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    config = replace(SMALL, pretrained="imagenet")
    told: list[str] = []
    run_id = _train(new_place, config, tmp_path / "weights", serving, told)
    assert "train.start_from_service" in told
    manifest = open_run(tmp_path / "weights", run_id).manifest
    assert serving.manifest.run_id in manifest.training.start
    with pytest.raises(StorageUnavailable, match="weights_unreachable"):
        _train(new_place, config, tmp_path / "weights", None)
