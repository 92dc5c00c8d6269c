"""`runs …`: what is listed and refused when the default, a run or the data folder is not what it should be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.cli import compose, runs
from core.errors import NotFound, StorageUnavailable
from pages.ui import resources
from tests.cli.conftest import forget


def test_runs_are_listed_when_the_default_is_broken(data_dir: Path) -> None:
    (compose.settings().weights_dir / "default.json").write_text("{")
    done = CliRunner().invoke(runs.app, ["list"])
    assert done.exit_code == 0 and "tiny" in done.stdout


@pytest.mark.usefixtures("data_dir")
def test_promoting_a_run_that_is_not_there_says_so() -> None:
    done = CliRunner().invoke(runs.app, ["promote", "nope"])
    assert isinstance(done.exception, NotFound)
    assert (done.exception.code, done.exception.values) == ("release.run_not_found", {"run_id": "nope"})


@pytest.mark.parametrize("database", [compose.database, resources.database], ids=["cli", "pages"])
def test_a_data_folder_that_cannot_be_made_is_named(data_dir: Path, database: Callable[[], object]) -> None:
    data_dir.write_text("a file stands where the folder should be")
    resources.settings.clear()
    try:
        with pytest.raises(StorageUnavailable, match=r"storage\.data_dir"):
            database()
    finally:
        data_dir.unlink()
        resources.settings.clear()
        forget()


@pytest.mark.usefixtures("data_dir")
def test_after_a_promotion_the_command_for_opinions_is_named() -> None:
    done = CliRunner().invoke(runs.app, ["promote", "tiny"])
    assert done.exit_code == 0
    assert "photos opinions" in done.stderr and "photos opinions" not in done.stdout
