"""Networks to start from: which are known, which weights are taken, and what is said when there are none."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from core.classifier.backbones import BACKBONES, describe_start, load_backbone
from core.errors import InvalidInput, StorageUnavailable

SMALLEST = "MobileNetV2-0.35"


def test_a_network_that_is_not_known_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        describe_start("ResNet9000", "none")
    assert refused.value.code == "classifier.backbone"
    assert set(str(refused.value.values["known"]).split(", ")) == set(BACKBONES)


@pytest.mark.parametrize("name", ["there-is-none.h5", "weights.keras", "weights.pt"])
def test_a_file_of_another_kind_or_none_at_all_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if path.suffix != ".h5":
        path.write_bytes(b"anything")
    with pytest.raises(InvalidInput) as refused:
        describe_start(SMALLEST, str(path))
    assert refused.value.code == "classifier.pretrained"


def test_a_file_is_named_with_its_hash_and_an_honest_origin(tmp_path: Path) -> None:
    path = tmp_path / "mine.h5"
    path.write_bytes(b"weights")
    start = describe_start(SMALLEST, str(path))
    assert (start.weights, start.licence) == ("mine.h5", "not known")
    assert len(start.sha256) == 64


@pytest.mark.train
def test_features_have_unit_length_and_the_map_is_the_last_one() -> None:
    views = np.random.default_rng(0).uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    seen = load_backbone(SMALLEST, "none")(views, training=False)
    assert np.allclose(np.linalg.norm(seen["features"], axis=1), 1, atol=1e-4)
    assert seen["feature_map"].shape == (2, 2, 2, 1280)
    average = np.asarray(seen["feature_map"]).mean(axis=(1, 2))
    share = np.asarray(seen["features"])[:, :1280]
    unit = average / np.linalg.norm(average, axis=1, keepdims=True)
    # The last map and four taps weigh the same: each has a fifth of the squared length.
    assert np.allclose(unit / np.sqrt(5), share, atol=1e-4)


@pytest.mark.train
def test_a_network_that_scales_by_itself_is_shown_bytes_again() -> None:
    import keras

    network = load_backbone("EfficientNetV2B0", "none")
    rescaling = next(layer for layer in network.layers if isinstance(layer, keras.layers.Rescaling))
    assert np.allclose(rescaling(np.array([[-1.0, 0.0, 1.0]], np.float32)), [[0, 127.5, 255]])


@pytest.mark.train
def test_weights_saved_by_keras_are_read_back(tmp_path: Path) -> None:
    import keras

    path = tmp_path / "saved.weights.h5"
    network = keras.applications.MobileNetV2(alpha=0.35, include_top=False, weights=None, input_shape=(64, 64, 3))
    network.save_weights(path)
    views = np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype(np.float32)
    loaded = load_backbone(SMALLEST, str(path))(views, training=False)["feature_map"]
    assert np.array_equal(loaded, network(views, training=False))


@pytest.mark.train
def test_weights_of_another_network_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([b"dense"])
        file.create_group("dense").attrs["weight_names"] = np.array([], "S1")
    with pytest.raises(InvalidInput) as refused:
        load_backbone(SMALLEST, str(path))
    assert refused.value.code == "classifier.pretrained_mismatch"
    assert refused.value.values == {"file": "other.h5", "backbone": SMALLEST}


@pytest.mark.train
def test_code_inside_a_file_of_weights_is_never_run(tmp_path: Path) -> None:
    path, marker = tmp_path / "hostile.h5", tmp_path / "ran"
    code = f"import pathlib; pathlib.Path({str(marker)!r}).touch()"
    config = {
        "class_name": "Sequential",
        "config": {"layers": [{"class_name": "Lambda", "config": {"function": code}}]},
    }
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = str(config)
        file.attrs["layer_names"] = np.array([], "S1")
    with pytest.raises(InvalidInput):
        load_backbone(SMALLEST, str(path))
    assert not marker.exists()


@pytest.mark.train
def test_unreachable_weights_are_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An empty folder of Keras' own: weights fetched earlier on this machine would hide the failure.
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(StorageUnavailable) as refused:
        load_backbone(SMALLEST, "imagenet")
    assert refused.value.code == "classifier.weights_unreachable"
    assert refused.value.values == {"backbone": SMALLEST}
