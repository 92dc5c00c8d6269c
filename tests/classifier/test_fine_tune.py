"""Gradient descent in two stages, on a network small enough to follow."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.classifier.config import TrainConfig
from core.classifier.features import extract_features
from core.classifier.fine_tune import Tuner, TuningData, photo_weights, planned_steps
from core.classifier.progress import Steps
from core.classifier.training_set import PixelSource
from core.errors import JobStopped

pytestmark = pytest.mark.train
CONFIG = TrainConfig(
    size_px=32, epochs=8, batch_size=8, fine_tune="whole", pretrained="none", learning_rate=3e-3, seed=1
)
COLUMNS = np.tile([0, 1], 12)


class ColouredPhotos(PixelSource):
    """24 noisy photos, reddish and bluish by turns."""

    def __init__(self) -> None:
        super().__init__((Path("drawn"),) * 24, 32)

    def __getitem__(self, index: int) -> np.ndarray:
        pixels = np.random.default_rng(index).integers(0, 160, (40, 48, 3), dtype=np.uint8)
        pixels[..., 2 * int(COLUMNS[index])] += 40
        return pixels


def tiny_backbone() -> Any:
    import keras

    keras.utils.set_random_seed(5)
    inner = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Conv2D(6, 5, strides=4, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
        ]
    )
    views = keras.Input((32, 32, 3), name="views")
    feature_map = inner(views)
    features = keras.layers.UnitNormalization()(keras.layers.GlobalAveragePooling2D()(feature_map))
    return keras.Model(views, {"features": features, "feature_map": feature_map})


def prepare(
    config: TrainConfig, report: Callable[..., None] = lambda *_, **__: None
) -> tuple[Any, Tuner, TuningData, Steps]:
    backbone, photos = tiny_backbone(), ColouredPhotos()
    steps = Steps(report, 24 + planned_steps(config, 24))
    features = extract_features(backbone, photos, config, steps)
    data = TuningData(photos, features, np.arange(24), COLUMNS, np.arange(24), 2)
    return backbone, Tuner(backbone, 2, config), data, steps


def test_both_stages_learn_and_the_network_learns_more_than_the_head() -> None:
    _, tuner, data, steps = prepare(replace(CONFIG, epochs=12, patience=12))
    rows = tuner.tune(data, steps, "all")
    assert [row.stage for row in rows] == ["head"] * 12 + ["backbone"] * 12
    head, network = ([row.loss for row in rows if row.stage == stage] for stage in ("head", "backbone"))
    assert head[-1] < head[0]
    assert network[-1] < network[0]
    assert min(row.val_loss for row in rows if row.stage == "backbone") < min(
        row.val_loss for row in rows if row.stage == "head"
    )
    assert steps.done == 24 + planned_steps(replace(CONFIG, epochs=12), 24)


def test_the_same_seed_gives_the_same_weights_and_a_second_tuning_starts_afresh() -> None:
    from core.classifier.train import prepare_tensorflow

    prepare_tensorflow(CONFIG)
    backbone, tuner, data, steps = prepare(CONFIG)
    first = tuner.tune(data, steps, "fold 0")
    weights = [value.copy() for value in backbone.get_weights()]
    second = tuner.tune(data, steps, "fold 0")
    assert [replace(row, seconds=0) for row in first] == [replace(row, seconds=0) for row in second]
    for before, after in zip(weights, backbone.get_weights(), strict=True):
        assert np.array_equal(before, after)


def test_only_the_last_layers_move_when_only_they_are_asked_for() -> None:
    backbone, tuner, data, steps = prepare(replace(CONFIG, fine_tune="last", last_layers=1))
    before = backbone.get_weights()
    tuner.tune(data, steps, "all")
    moved = [not np.array_equal(old, new) for old, new in zip(before, backbone.get_weights(), strict=True)]
    assert moved == [False] * 6 + [True] * 2


def test_learned_batch_statistics_stay_and_random_ones_do_not() -> None:
    for pretrained, moves in (("start.h5", False), ("none", True)):
        backbone, tuner, data, steps = prepare(replace(CONFIG, pretrained=pretrained, epochs=2))
        before = backbone.get_weights()
        tuner.tune(data, steps, "all")
        moved = [not np.array_equal(old, new) for old, new in zip(before, backbone.get_weights(), strict=True)]
        assert moved[0]
        assert moved[2:6] == [moves] * 4


def test_it_ends_early_when_the_watching_groups_stop_gaining() -> None:
    _, tuner, data, steps = prepare(replace(CONFIG, epochs=40, patience=2, learning_rate=0.05))
    assert len(tuner.tune(data, steps, "all")) < 80


def test_it_stops_between_two_batches() -> None:
    heard = []

    def stop_at_third(done: int, total: int | None, key: str = "", **_: object) -> None:
        heard.append(key)
        if heard.count("train.learning") == 3:
            raise JobStopped

    _, tuner, data, steps = prepare(CONFIG, stop_at_third)
    with pytest.raises(JobStopped):
        tuner.tune(data, steps, "all")
    assert heard.count("train.learning") == 3


def test_a_rare_class_weighs_as_much_as_a_common_one() -> None:
    weights = photo_weights(np.array([0, 0, 0, 1]))
    assert np.allclose(weights, [2 / 3, 2 / 3, 2 / 3, 2])
