"""The command line in this process, with a data folder and a tiny model of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from core.cli import compose
from core.cli.application import app
from core.errors import EodiError
from core.weights.release import write_default
from tests.support.fused import write_witnesses
from tests.support.tiny_model import write_tiny_run


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty data folder that the settings name, in English, with the tiny model in service."""
    weights, data = tmp_path / "weights", tmp_path / "오디 data"
    weights.mkdir()
    write_tiny_run(weights)
    write_default(weights, "tiny")
    monkeypatch.chdir(tmp_path)
    for name, value in (("DATA_DIR", data), ("WEIGHTS_DIR", weights), ("LANGUAGE", "en"), ("DATABASE_URL", "")):
        monkeypatch.setenv(f"EODI_{name}", str(value))
    forget()
    yield data
    compose.database().dispose()
    forget()


@pytest.fixture
def weights(data_dir: Path) -> Path:
    """Put two runs with records in service."""
    folder = data_dir.parent / "weights"
    write_witnesses(folder)
    write_default(folder, "witness", "boxer")
    return folder


def forget() -> None:
    """Let the next command build everything anew."""
    for part in (compose.settings, compose.database, compose.model_shelf):
        part.cache_clear()


def call(*arguments: object) -> Result:
    """Run a command; what it raises is raised here."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, EodiError):
        raise result.exception
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
