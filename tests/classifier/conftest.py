"""One folder of drawn scenes and one training on it, shared by the tests that look at different sides of the result."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.classifier.config import TrainConfig
from core.dataset.folder import read_folder
from tests.support.scenes import write_scene_folder

CLASS_IDS = {"osulloc": 0, "manjanggul": 1, "monsant-aewol": 2, "jusangjeolli": 3, "cheonjiyeon": 4, "closed": 9}
SMALL = TrainConfig(backbone="MobileNetV2-0.35", pretrained="none", size_px=96, epochs=1, folds=2, seed=7)


@dataclass(frozen=True)
class Trained:
    """A run, where it lies, and what it was made from."""

    weights_dir: Path
    run_id: str
    scenes: Path
    told: list[tuple[int, int | None, str]]


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scene_folder(tmp_path_factory.mktemp("scenes"), per_class=4, unknown=12)


@pytest.fixture(scope="session")
def train() -> Callable[..., str]:
    """Return a function that trains on a folder with small settings."""
    from core.classifier.train import train_classifier

    def run(
        folder: Path, weights_dir: Path, config: TrainConfig = SMALL, report: Callable[..., None] | None = None
    ) -> str:
        return train_classifier(read_folder(folder), config, CLASS_IDS, weights_dir, report or (lambda *_, **__: None))

    return run


@pytest.fixture(scope="session")
def trained(scenes: Path, train: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Trained:
    weights_dir = tmp_path_factory.mktemp("weights")
    told: list[tuple[int, int | None, str]] = []
    run_id = train(scenes, weights_dir, report=lambda done, total, key="", **_: told.append((done, total, key)))
    return Trained(weights_dir, run_id, scenes, told)
