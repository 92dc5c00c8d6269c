"""A model that tells photos apart by colour, and files of photos of one colour."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.identify import Models
from tests.support.batch_child import tiny_models
from tests.support.batch_photos import colour_png
from tests.support.tiny_model import write_tiny_run


@pytest.fixture(scope="session")
def weights_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "weights"
    folder.mkdir()
    write_tiny_run(folder)
    return folder


@pytest.fixture(scope="session")
def models(weights_dir: Path) -> Models:
    return tiny_models(weights_dir)


@pytest.fixture
def write_photos(tmp_path: Path) -> Callable[..., Path]:
    """Give a writer of `tmp_path/photos` with a photo under each name, of class 0, 1, 2 … in turn."""

    def write(*names: str) -> Path:
        for number, name in enumerate(names):
            path = tmp_path / "photos" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(colour_png(number))
        return tmp_path / "photos"

    return write
