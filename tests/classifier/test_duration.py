"""How long a classifier's training will take, by an earlier one."""

from dataclasses import replace

import pytest

from core.classifier.config import TrainConfig
from core.classifier.duration import FIXED_S, SECONDS, estimate, planned
from core.weights.manifest import Manifest
from tests.support.tiny_model import tiny_manifest

SMALL = TrainConfig(size_px=224)


def run_that_took(seconds: float, config: TrainConfig, photos: int) -> Manifest:
    manifest = tiny_manifest("before")
    settings = {**config.as_plain(), SECONDS: seconds}
    return replace(
        manifest,
        data=replace(manifest.data, photos=photos),
        training=replace(manifest.training, config=settings),
    )


def test_the_same_again_takes_as_long_and_more_photos_take_longer() -> None:
    before = run_that_took(200.0 + FIXED_S, SMALL, 100)
    again = estimate(SMALL, 100, [before])
    assert again.seconds == pytest.approx(200.0 + FIXED_S)
    assert again.run_id == "before"
    assert estimate(SMALL, 200, [before]).seconds == pytest.approx(FIXED_S + 400.0)
    assert estimate(replace(SMALL, size_px=448), 100, [before]).seconds == pytest.approx(FIXED_S + 800.0)


def test_fine_tuning_plans_every_fold_and_epoch() -> None:
    assert planned(SMALL, 10) == 20
    assert planned(replace(SMALL, fine_tune="last", folds=2, epochs=4), 10) == 20 + 3 * (10 + 3 * 4 * 10)


def test_a_run_of_another_network_or_one_that_says_no_time_is_passed_over() -> None:
    other = run_that_took(200.0 + FIXED_S, replace(SMALL, backbone="MobileNetV3Large"), 100)
    assert estimate(SMALL, 100, [other, tiny_manifest("tiny")]).run_id == ""
