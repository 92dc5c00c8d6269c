"""Settings of a training: what is refused, and what the manifest keeps."""

import json

import pytest

from core.classifier.config import TrainConfig
from core.errors import InvalidInput


@pytest.mark.parametrize(
    ("name", "value"),
    [("size_px", 16), ("epochs", 0), ("seed", -1), ("folds", 1), ("batch_size", 0), ("target_false_accept", 1.5)],
)
def test_a_number_out_of_range_is_refused_with_the_range(name: str, value: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        TrainConfig(**{name: value})  # type: ignore[arg-type]
    assert refused.value.values["setting"] == name
    assert refused.value.values["value"] == value


def test_a_fine_tuning_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        TrainConfig(fine_tune="sideways")  # type: ignore[arg-type]
    assert refused.value.code == "classifier.choice"


def test_settings_are_plain_json_without_the_path_of_a_file() -> None:
    plain = TrainConfig(pretrained="/home/someone/start.h5").as_plain()
    assert "/home" not in json.dumps(plain)
    assert plain["pretrained"] == "start.h5"
    assert plain["augmentation"]["flip"] is True


def test_the_views_are_those_of_serving() -> None:
    policy = TrainConfig(size_px=128, flip=True).views
    assert (policy.size_px, policy.name) == (128, "whole+flip")
