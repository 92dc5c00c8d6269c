"""A run handed over is read only when each file is the one that its manifest names."""

import io
import zipfile
from pathlib import Path

import pytest

from core.errors import ModelRefused
from core.weights.bring import find_manifest, read_handed_over, zipped_run
from core.weights.folder import MANIFEST_LIMIT_BYTES
from tests.support.tiny_detector import write_tiny_detector


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    folder = write_tiny_detector(tmp_path, "eyes").folder
    return {f"deep/eyes/{path.name}": path for path in folder.iterdir()}


def test_a_run_is_read_from_wherever_its_folder_lies(files: dict[str, Path]) -> None:
    name = find_manifest(files)
    assert name == "deep/eyes/manifest.json"
    manifest, contents = read_handed_over(files, name)
    assert (manifest.run_id, set(contents)) == ("eyes", {"model.onnx"})


def test_without_a_manifest_or_with_several_it_is_no_run(files: dict[str, Path]) -> None:
    assert find_manifest({}) is None
    assert find_manifest({**files, "other/manifest.json": files["deep/eyes/manifest.json"]}) is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "model.format"),
        (b"[]", "model.format"),
        (b'{"run_id": "../eyes", "format": 1, "task": "detector"}', "model.manifest"),
        (b"x" * (MANIFEST_LIMIT_BYTES + 1), "model.manifest"),
    ],
)
def test_a_manifest_that_is_none_is_refused(files: dict[str, Path], content: bytes, code: str) -> None:
    files["deep/eyes/manifest.json"].write_bytes(content)
    with pytest.raises(ModelRefused) as refused:
        read_handed_over(files, "deep/eyes/manifest.json")
    assert refused.value.code == code


def test_a_file_that_is_another_or_not_there_is_refused(files: dict[str, Path]) -> None:
    files["deep/eyes/model.onnx"].write_bytes(b"exchanged")
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        read_handed_over(files, "deep/eyes/manifest.json")
    del files["deep/eyes/model.onnx"]
    with pytest.raises(ModelRefused, match=r"model\.missing"):
        read_handed_over(files, "deep/eyes/manifest.json")


def test_a_zipped_run_is_read_back_the_same_and_zips_to_the_same_bytes(tmp_path: Path) -> None:
    run = write_tiny_detector(tmp_path / "weights", "eyes")
    content = zipped_run(run)
    assert content == zipped_run(run)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path / "there")
    files = {path.name: path for path in (tmp_path / "there").iterdir()}
    assert read_handed_over(files, "manifest.json") == (run.manifest, {"model.onnx": run.read("model.onnx")})


def test_a_run_that_was_changed_is_not_zipped(tmp_path: Path) -> None:
    run = write_tiny_detector(tmp_path / "weights", "eyes")
    (run.folder / "model.onnx").write_bytes(b"another")
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        zipped_run(run)
