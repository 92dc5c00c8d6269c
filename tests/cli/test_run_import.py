"""`runs import`: results of trainings elsewhere and exported runs; and what pretends to be one is never opened."""

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.cli import compose
from core.domain.place import LANGUAGES
from core.errors import Conflict, EodiError, InvalidInput, ModelRefused
from core.messages import describe
from core.weights.folder import list_runs
from tests.cli.conftest import call
from tests.support import hostile_weights as hostile
from tests.support.tiny_detector import tiny_detector_onnx, write_tiny_detector
from tests.support.yolo_results import YOLO11, YOLOV5, write_result

EVENT_FILES = Path(__file__).parents[1] / "metrics" / "recorded"


def runs_here() -> set[str]:
    return {manifest.run_id for manifest in list_runs(compose.settings().weights_dir)}


def exported(folder: Path, model: bytes | None = None) -> Path:
    """Write an exported run; with `model` its model is another one than its manifest's."""
    run = write_tiny_detector(folder / "from", "eyes")
    target = folder / "eyes.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for path in run.folder.iterdir():
            archive.writestr(f"eyes/{path.name}", model if model and path.suffix == ".onnx" else path.read_bytes())
    return target


def with_model(folder: Path, model: bytes) -> Path:
    """Write a run whose manifest names the hash of this very model."""
    write_tiny_detector(folder / "from", "eyes", model)
    return folder / "from" / "eyes"


@pytest.mark.parametrize(("log", "recall"), [(YOLOV5, "metrics/recall"), (YOLO11, "metrics/recall(B)")])
def test_curves_without_weights_become_a_run_that_tells_them_and_cannot_serve(
    data_dir: Path, tmp_path: Path, log: bytes, recall: str
) -> None:
    said = json.loads(call("runs", "import", write_result(tmp_path / "exp", log), "--json").stdout)
    assert any("no model" in note for note in said["notes"])
    found = json.loads(call("metrics", said["run_id"], "--json").stdout)
    assert (found["task"], found["epochs"], len(found["curves"][recall])) == ("detector", 3, 3)
    assert found["best"]["epoch"] in {1, 2} and found["last"][recall] == found["curves"][recall][-1]
    assert json.loads(call("runs", "show", said["run_id"], "--json").stdout)["training"]["seed"] == 7
    with pytest.raises(ModelRefused, match=r"model\.missing"):
        call("runs", "promote", said["run_id"])


def test_weights_of_yolov5s_own_program_are_left_and_its_curves_come(data_dir: Path, tmp_path: Path) -> None:
    result = write_result(tmp_path / "exp", YOLOV5, {"opt.yaml": "imgsz: 416\n"}, hostile.yolov5_archive())
    shown = call("runs", "import", result).stdout
    assert "YOLOv5" in shown
    (run_id,) = runs_here() - {"tiny"}
    assert "model.onnx" not in json.loads(call("runs", "show", run_id, "--json").stdout)["files"]


def test_half_a_last_line_is_left_out_and_said(data_dir: Path, tmp_path: Path) -> None:
    shown = call("runs", "import", write_result(tmp_path / "exp", YOLO11 + b"4,12.5,0.9")).stdout
    assert "lines 5" in shown


@pytest.mark.parametrize("option", ["x", "=y", "x=", "="])
def test_an_option_that_names_nothing_is_refused(data_dir: Path, tmp_path: Path, option: str) -> None:
    with pytest.raises(InvalidInput, match=r"run_import\.option"):
        call("runs", "import", write_result(tmp_path / "exp"), "--label", option)


HOSTILE: dict[str, Any] = {
    "a pickle": hostile.pickled,
    "a pt2": hostile.exported_program,
    "a script": hostile.script,
    "keras": hostile.keras_lambda,
    "no archive": lambda marker: b"best weights",
    "truncated": lambda marker: hostile.torch_archive(marker)[:-30],
    "empty": lambda marker: b"",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("zipped", [False, True])
def test_what_pretends_to_be_weights_is_refused_without_being_opened(
    data_dir: Path, tmp_path: Path, name: str, zipped: bool
) -> None:
    marker = tmp_path / "marker"
    source = write_result(tmp_path / "exp", weights=HOSTILE[name](marker))
    if zipped:
        with zipfile.ZipFile(tmp_path / "exp.zip", "w") as archive:
            for path in source.rglob("*.*"):
                archive.write(path, path.relative_to(source))
        source = tmp_path / "exp.zip"
    with pytest.raises(ModelRefused) as refused:
        call("runs", "import", source)
    assert refused.value.code == "weights.kind"
    said = [describe(refused.value, language) for language in LANGUAGES]
    assert all("best.pt" in sentence and "{" not in sentence for sentence in said)
    assert not marker.exists() and runs_here() == {"tiny"} and list(data_dir.glob(".import-*")) == []


@pytest.mark.train
def test_weights_that_hold_a_program_are_refused_by_the_child_that_reads_them(data_dir: Path, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    source = write_result(tmp_path / "exp", weights=hostile.torch_archive(marker))
    with pytest.raises(ModelRefused, match=r"weights\.refused"):
        call("runs", "import", source)
    assert not marker.exists() and runs_here() == {"tiny"}


def test_an_exported_run_comes_back_the_same_and_serves(data_dir: Path, tmp_path: Path) -> None:
    weights_dir = compose.settings().weights_dir
    run = write_tiny_detector(weights_dir, "eyes")
    before = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in run.folder.iterdir()}
    call("runs", "export", "eyes", tmp_path / "eyes.zip")
    with pytest.raises(Conflict, match=r"model\.exists"):
        call("runs", "import", tmp_path / "eyes.zip")
    for path in run.folder.iterdir():
        path.unlink()
    run.folder.rmdir()
    assert json.loads(call("runs", "import", tmp_path / "eyes.zip", "--json").stdout)["run_id"] == "eyes"
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in run.folder.iterdir()} == before
    assert call("runs", "promote", "eyes").exit_code == 0
    assert [row["in_service"] for row in json.loads(call("runs", "list", "--json").stdout)] == [True, True]


def test_a_classifiers_run_travels_too(data_dir: Path, tmp_path: Path) -> None:
    call("runs", "export", "tiny", tmp_path / "tiny.zip")
    with pytest.raises(Conflict, match=r"model\.exists"):
        call("runs", "import", tmp_path / "tiny.zip")
    assert "Mean colour" in call("runs", "show", "tiny").stdout


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda folder: exported(folder, tiny_detector_onnx(labels=3)), "model.mismatch"),
        (lambda folder: exported(folder, hostile.pickled(folder / "marker")), "model.mismatch"),
        (lambda folder: with_model(folder, hostile.truncated_onnx()), "model.broken"),
        (lambda folder: with_model(folder, hostile.keras_lambda(folder / "marker")), "model.broken"),
        (lambda folder: with_model(folder, hostile.pickled(folder / "marker")), "model.broken"),
        (lambda folder: with_model(folder, hostile.onnx_with_outside_numbers("secret.bin")), "model.broken"),
        (lambda folder: with_model(folder, hostile.onnx_with_outside_numbers(str(folder / "s.bin"))), "model.broken"),
        (lambda folder: with_model(folder, tiny_detector_onnx(labels=3)), "model.classes"),
    ],
)
def test_a_run_from_outside_is_tried_before_it_stands_here(
    data_dir: Path, tmp_path: Path, made: Any, code: str
) -> None:
    source = made(tmp_path)
    for folder in (tmp_path, source.parent, source if source.is_dir() else source.parent):
        for name in ("secret.bin", "s.bin"):
            (folder / name).write_bytes(b"\x00" * 8)
    with pytest.raises(EodiError) as refused:
        call("runs", "import", source)
    assert refused.value.code == code
    assert not (tmp_path / "marker").exists() and runs_here() == {"tiny"}


def test_what_is_no_result_at_all_is_one_sentence(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match=r"run_import\.no_log"):
        call("runs", "import", tmp_path / "empty")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(InvalidInput, match=r"archive\.broken"):
        call("runs", "import", tmp_path / "broken.zip")


KERAS = b"epoch,acc,loss,val_acc,val_loss\n0,0.25,1.5,0.125,1.75\n1,0.5,1.25,0.375,1.625\n"


@pytest.mark.parametrize("as_file", [True, False])
def test_the_log_of_a_keras_training_becomes_a_run_that_shows_its_curves(
    data_dir: Path, tmp_path: Path, as_file: bool
) -> None:
    folder = tmp_path / "keras"
    folder.mkdir()
    (folder / "training.log").write_bytes(KERAS)
    (folder / "notes.txt").write_text("loss, loss, loss")
    said = json.loads(call("runs", "import", folder / "training.log" if as_file else folder, "--json").stdout)
    assert any("no model" in note for note in said["notes"])
    found = json.loads(call("metrics", said["run_id"], "--json").stdout)
    assert (found["task"], found["epochs"], found["best"]["val_loss"]) == ("classifier", 2, 1.625)
    assert found["curves"]["val_accuracy"] == [0.125, 0.375]
    assert "1.625" in call("metrics", said["run_id"]).stdout
    with pytest.raises(EodiError):
        call("runs", "promote", said["run_id"])


def test_a_run_of_curves_travels_and_comes_back(data_dir: Path, tmp_path: Path) -> None:
    log, target = tmp_path / "training.log", tmp_path / "run.zip"
    log.write_bytes(KERAS)
    run_id = json.loads(call("runs", "import", log, "--json").stdout)["run_id"]
    call("runs", "export", run_id, target)
    shutil.rmtree(compose.settings().weights_dir / run_id)
    assert json.loads(call("runs", "import", target, "--json").stdout)["run_id"] == run_id


def test_a_single_log_of_a_detector_is_taken_as_one(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "yolo.csv").write_bytes(YOLO11)
    said = json.loads(call("runs", "import", tmp_path / "yolo.csv", "--json").stdout)
    assert json.loads(call("metrics", said["run_id"], "--json").stdout)["task"] == "detector"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("results.csv", b"epoch,accuracy\n0,1\n", "keras_columns"),
        ("events.out.tfevents.1700000000.host", b"\x18\x00\x00", "file"),
        ("results.csv", b"", "keras_columns"),
        ("training.log", b"epoch,loss\n0,nan\n", "no_numbers"),
    ],
)
def test_what_is_no_log_of_a_training_leaves_no_run(
    data_dir: Path, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    folder = tmp_path / "left"
    folder.mkdir()
    (folder / name).write_bytes(content)
    with pytest.raises(InvalidInput, match=rf"run_import\.({code}|columns)"):
        call("runs", "import", folder)
    with pytest.raises(InvalidInput, match=rf"run_import\.{code}"):
        call("runs", "import", folder / name)
    assert runs_here() == {"tiny"}


@pytest.mark.train
def test_event_files_of_tensorboard_become_a_run_of_curves(data_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(EVENT_FILES / "keras", tmp_path / "logs")
    for source in (tmp_path / "logs", next((EVENT_FILES / "pytorch").iterdir())):
        brought = json.loads(call("runs", "import", source, "--json").stdout)
        said = json.loads(call("metrics", brought["run_id"], "--json").stdout)
        assert said["task"] == "classifier"
        assert said["epochs"] == len(said["curves"]["val_loss"]) > 2
        assert any("cannot be put in service" in note for note in brought["notes"])
    (tmp_path / "logs" / "training.log").write_bytes(KERAS)
    assert call("runs", "import", tmp_path / "logs").exit_code == 0  # the table goes first


def test_the_logs_of_two_keras_trainings_are_one_too_many(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    for name in ("first.log", "second.csv"):
        (folder / name).write_bytes(KERAS)
    with pytest.raises(InvalidInput, match=r"run_import\.several"):
        call("runs", "import", folder)
